"""A row: its attributes, its dictionaries, and what it computes from them."""

from __future__ import annotations

import copy
import json
import pickle
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locust_rs.stats import (
    CachedResponseTimes,
    RequestStats,
    StatsEntry,
    bucket_response_time,
    calculate_response_time_percentile,
    diff_response_time_dicts,
    median_from_dict,
)

TIMES = st.one_of(
    st.integers(0, 300_000),
    st.floats(0, 300_000),
    st.integers(0, 60_000).map(lambda half: half / 2),
    st.integers(0, 3_000).map(lambda five: five * 5.0),
)


@pytest.fixture
def entry() -> StatsEntry:
    return StatsEntry(RequestStats(), "/", "GET", use_response_times_cache=True)


@given(TIMES)
def test_native_buckets_are_those_of_the_python_function(time_ms: float) -> None:
    entry = StatsEntry(RequestStats(), "/", "GET")
    entry.log(time_ms, 0)
    assert list(entry.response_times) == [bucket_response_time(time_ms)]


@given(st.lists(TIMES, max_size=60), st.floats(0, 1))
def test_native_percentiles_are_those_of_the_python_function(times_ms: list[float], fraction: float) -> None:
    entry = StatsEntry(RequestStats(), "/", "GET")
    for time_ms in times_ms:
        entry.log(time_ms, 0)
    expected = calculate_response_time_percentile(entry.response_times, entry.num_requests, fraction)
    assert entry.get_response_time_percentile(fraction) == expected


@given(st.lists(st.floats(0.001, 3_600_000), min_size=1, max_size=80), st.floats(0, 1))
def test_precise_percentiles_are_within_half_a_percent(times_ms: list[float], fraction: float) -> None:
    entry = StatsEntry(RequestStats(), "/", "GET")
    for time_ms in times_ms:
        entry.log(time_ms, 0)
    rank = max(int(-(-fraction * len(times_ms) // 1)), 1)
    truth = sorted(times_ms)[rank - 1]
    if fraction == 0:
        truth = min(times_ms)
    assert entry.precise_percentile(fraction) == pytest.approx(truth, rel=0.005, abs=0.001)


def test_percentile_of_an_empty_row_is_zero(entry: StatsEntry) -> None:
    assert (entry.get_response_time_percentile(0.5), entry.precise_percentile(0.5), entry.median_response_time) == (
        0,
        0,
        0,
    )


def test_median_stays_between_minimum_and_maximum(entry: StatsEntry) -> None:
    entry.log(7432, 0)
    assert (entry.median_response_time, entry.get_response_time_percentile(0.5)) == (7432, 7400)


@pytest.mark.parametrize("name", ["response_times", "num_reqs_per_sec", "num_fail_per_sec"])
def test_counters_can_be_changed_through_their_dictionaries(entry: StatsEntry, name: str) -> None:
    getattr(entry, name)[120] += 3
    getattr(entry, name).update({130: 1})
    view = getattr(entry, name)
    assert (view, view[999], 999 in view, len(view)) == ({120: 3, 130: 1}, 0, False, 2)
    assert getattr(entry, name).pop(130) == 1
    del view[120]
    assert not getattr(entry, name)
    setattr(entry, name, {5: 5})
    assert view == {5: 5}
    view.clear()
    assert getattr(entry, name) == {}


def test_dictionaries_follow_the_counters(entry: StatsEntry) -> None:
    view = entry.response_times
    entry.log(10, 0)
    assert (view, dict(view), json.dumps(view), list(view.items())) == ({10: 1}, {10: 1}, '{"10": 1}', [(10, 1)])


def test_copies_of_a_dictionary_are_plain(entry: StatsEntry) -> None:
    entry.log(10, 0)
    view = entry.response_times
    for copied in (copy.copy(view), copy.deepcopy(view), pickle.loads(pickle.dumps(view)), view.copy()):
        assert type(copied) is dict
        assert copied == {10: 1}


def test_keys_that_are_not_numbers_are_refused(entry: StatsEntry) -> None:
    with pytest.raises(TypeError, match="not a bucket"):
        entry.response_times = {"fast": 1}  # type: ignore[dict-item]


def test_cached_response_times_can_be_set(entry: StatsEntry) -> None:
    now = int(time.time())
    entry.response_times = {10: 4, 20: 6}
    entry.num_requests = 10
    entry.response_times_cache = {now - 10: CachedResponseTimes({10: 4}, 4, 0)}
    assert entry.get_current_response_time_percentile(0.0) == 20
    cache = entry.response_times_cache
    assert cache is not None
    assert cache[now - 10].response_times == {10: 4}
    del cache[now - 10]
    assert entry.get_current_response_time_percentile(0.5) is None


def test_current_percentiles_need_the_cache() -> None:
    entry = StatsEntry(RequestStats(), "/", "GET")
    assert entry.response_times_cache is None
    with pytest.raises(ValueError, match="use_response_times_cache"):
        entry.get_current_response_time_percentile(0.5)


def test_current_rates_are_zero_after_a_stall(monkeypatch: pytest.MonkeyPatch) -> None:
    stats = RequestStats()
    start = 1_000_000.0
    monkeypatch.setattr(time, "time", lambda: start)
    stats.clear_all()
    for second in range(30):
        stats.recorder.record("GET", "/", 5.0, 1, None, start + second)
    monkeypatch.setattr(time, "time", lambda: start + 29)
    assert stats.total.current_rps == 1.0
    monkeypatch.setattr(time, "time", lambda: start + 29 + 12)
    assert (stats.total.current_rps, stats.total.current_fail_per_sec) == (0.0, 0.0)
    assert stats.total.total_rps == pytest.approx(30 / 29)


def test_per_second_counters_are_bounded_and_lose_nothing() -> None:
    stats = RequestStats()
    for second in range(20_000):
        stats.recorder.record("GET", "/", 5.0, 1, None, 1_000_000.0 + second)
    bins = stats.total.num_reqs_per_sec
    assert len(bins) <= 1_000
    assert sum(bins.values()) == stats.num_requests
    assert all(bins[1_000_000 + second] == 1 for second in range(19_400, 20_000))


def test_attributes_of_ones_own_can_be_added(entry: StatsEntry) -> None:
    entry.note = "mine"  # type: ignore[attr-defined]
    assert entry.note == "mine"  # type: ignore[attr-defined]


def test_unserialize_keeps_defaults_and_ignores_what_it_does_not_know() -> None:
    data: Any = {"name": "/", "method": "GET", "num_requests": 3, "zork": 1}
    entry = StatsEntry.unserialize(data, RequestStats())
    assert (entry.num_requests, entry.num_failures, entry.min_response_time) == (3, 0, None)


@given(st.lists(TIMES, max_size=30), st.lists(TIMES, max_size=30))
def test_extending_is_counting_both(left_ms: list[float], right_ms: list[float]) -> None:
    stats = RequestStats()
    left, right, both = (StatsEntry(stats, "/", "GET") for _ in range(3))
    for entry, times in ((left, left_ms), (right, right_ms), (both, left_ms + right_ms)):
        for time_ms in times:
            entry.log(time_ms, 3)
    left.extend(right)
    assert left.response_times == both.response_times
    assert left.num_requests == both.num_requests
    assert left.total_response_time == pytest.approx(both.total_response_time)
    assert (left.min_response_time, left.max_response_time) == (both.min_response_time, both.max_response_time)
    assert left.precise_percentile(0.9) == both.precise_percentile(0.9)


def test_differences_and_medians_of_plain_dictionaries() -> None:
    assert diff_response_time_dicts({1: 2, 3: 4, 5: 1}, {1: 2, 3: 1, 9: 3}) == {3: 3, 5: 1}
    assert median_from_dict(3, {1: 1, 5: 2}) == 5
    assert median_from_dict(0, {}) == 0
