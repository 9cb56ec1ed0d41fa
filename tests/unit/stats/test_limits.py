"""Everything that grows with the number of names, errors or hours has a bound, and a message at the bound."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import locust_rs.stats as stats_module
from locust_rs.stats import RequestStats, update_stats_history
from locust_rs.stats.history import MOST_POINTS


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["/", "/a", "/b"]),
            st.one_of(st.none(), st.floats(0, 100_000)),
            st.sampled_from([None, "boom"]),
            st.floats(0, 5_000),
        ),
        max_size=60,
    )
)
def test_sums_always_agree(requests: list[tuple[str, float | None, str | None, float]]) -> None:
    stats = RequestStats()
    for name, time_ms, error, later in requests:
        stats.recorder.record("GET", name, time_ms, 7, error, 1_000_000 + later)
    rows = list(stats.entries.values())
    for name in ("num_requests", "num_none_requests", "num_failures", "total_content_length"):
        assert sum(getattr(row, name) for row in rows) == getattr(stats.total, name)
    for row in (*rows, stats.total):
        assert sum(row.response_times.values()) == row.num_requests - row.num_none_requests
        assert sum(row.num_reqs_per_sec.values()) == row.num_requests
    assert sum(stats.total.num_fail_per_sec.values()) == stats.num_failures
    assert sum(error.occurrences for error in stats.errors.values()) == stats.num_failures


def test_names_beyond_the_limit_share_a_row(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(stats_module, "MAX_ENTRIES", 3)
    stats = RequestStats()
    for number in range(10):
        stats.recorder.record("GET", f"/{number}", 1.0, 1, "boom" if number % 2 else None)
        stats.log_request("GET", f"/{number}", 1.0, 1)
    others = stats.entries[(stats_module.OTHERS_NAME, "")]
    assert len(stats.entries) == 4
    assert (others.num_requests, others.num_failures) == (14, 4)
    assert sum(row.num_requests for row in stats.entries.values()) == stats.num_requests == 20
    assert caplog.text.count("different request names") == 1


def test_errors_beyond_the_limit_share_a_row(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(stats_module, "MAX_ERRORS", 3)
    stats = RequestStats()
    for number in range(10):
        stats.recorder.record("GET", "/", 1.0, 1, f"error {number}")
        stats.log_error("GET", "/", f"error {number}")
    assert [row.occurrences for row in stats.errors.values()] == [2, 2, 2, 14]
    assert sum(row.occurrences for row in stats.errors.values()) == stats.num_failures == 20
    assert caplog.text.count("different errors") == 1


def test_the_history_is_thinned_as_it_ages() -> None:
    stats = RequestStats()
    runner = SimpleNamespace(stats=stats, user_count=1)
    for number in range(5 * MOST_POINTS):
        update_stats_history(runner, f"{number:06d}")  # type: ignore[arg-type]
    times = [point["time"] for point in stats.history]
    assert len(times) <= MOST_POINTS
    assert times == sorted(times)
    assert times[0] == "000000"
    assert times[-MOST_POINTS // 4 :] == [f"{number:06d}" for number in range(5 * MOST_POINTS)][-MOST_POINTS // 4 :]


def test_the_chart_has_a_gap_and_no_zero_during_a_stall() -> None:
    stats = RequestStats()
    runner = SimpleNamespace(stats=stats, user_count=1)
    update_stats_history(runner)  # type: ignore[arg-type]
    stats.recorder.record("GET", "/", 5.0, 1, None, 1_000.0)
    update_stats_history(runner)  # type: ignore[arg-type]
    shown = [point["response_time_percentile_0.5"][1] for point in stats.history]
    assert shown == [0, None]
    assert stats.history[1]["current_rps"][1] == 0
