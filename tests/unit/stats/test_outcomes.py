"""Successes and failures apart: the same however requests are counted and merged, and in every output."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locust_rs import _tunables
from locust_rs.stats import PERCENTILES_TO_REPORT, RequestStats, StatsCSV
from locust_rs.stats.distributed import ReportFiller, ReportMerger, message_as_dict, read_stats_message
from locust_rs.stats.json_report import statistics_as_json
from locust_rs.web.rows import endpoint_rows

REQUESTS = st.lists(st.tuples(st.one_of(st.none(), st.floats(0.01, 90_000)), st.booleans()), max_size=60)
"""Response times, and whether the request failed."""


def by_recorder(stats: RequestStats, time_ms: float | None, failed: bool) -> None:
    stats.recorder.record("GET", "/", time_ms, 10, "boom" if failed else None)


def by_event(stats: RequestStats, time_ms: float | None, failed: bool) -> None:
    exception = ValueError("boom") if failed else None
    stats.recorder(request_type="GET", name="/", response_time=time_ms, response_length=1, exception=exception)


def by_methods(stats: RequestStats, time_ms: float | None, failed: bool) -> None:
    stats.log_request("GET", "/", time_ms, 10)
    if failed:
        stats.log_error("GET", "/", "boom")


WAYS = [by_recorder, by_event, by_methods]


def counted(requests: Any, way: Callable[..., None] = by_recorder) -> RequestStats:
    stats = RequestStats()
    for time_ms, failed in requests:
        way(stats, time_ms, failed)
    return stats


def expected(times_ms: list[float]) -> list[float]:
    """Count, mean, minimum, median and maximum."""
    ordered = sorted(times_ms)
    if not ordered:
        return [0, 0, 0, 0, 0]
    median = ordered[math.ceil(len(ordered) / 2) - 1]
    return [len(ordered), sum(ordered) / len(ordered), ordered[0], median, ordered[-1]]


def shown(side: Any) -> list[float]:
    return [side.count, side.avg_response_time, *(side.precise_percentile(fraction) for fraction in (0, 0.5, 1))]


def assert_apart(stats: RequestStats, requests: Any) -> None:
    for row in (stats.total, stats.get("/", "GET")):
        for side, wants_failed in ((row.succeeded, False), (row.failed, True)):
            times_ms = [time_ms for time_ms, failed in requests if time_ms is not None and failed == wants_failed]
            assert shown(side) == pytest.approx(expected(times_ms), rel=0.005, abs=0.001)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@settings(deadline=None, max_examples=40)
@given(requests=REQUESTS)
def test_each_side_has_the_times_of_its_requests(way: Callable[..., None], requests: Any) -> None:
    assert_apart(counted(requests, way), requests)


def merged_natively(master: ReportMerger, worker: RequestStats) -> None:
    message = read_stats_message(ReportFiller(worker).pack("w", 1, {}))
    assert message is not None
    master.merge(message)


def merged_as_dictionary(master: ReportMerger, worker: RequestStats) -> None:
    report: dict[str, Any] = {}
    ReportFiller(worker)("w", report)
    # A listener may pass the report on as JSON.
    own = json.loads(json.dumps(report["locust_rs"]))
    report = msgpack.unpackb(msgpack.packb({**report, "locust_rs": own}), strict_map_key=False)
    master("w", report)


def merged_beside_a_listener(master: ReportMerger, worker: RequestStats) -> None:
    master("w", message_as_dict(ReportFiller(worker).pack("w", 1, {})))


MERGES = [merged_natively, merged_as_dictionary, merged_beside_a_listener]


@pytest.mark.parametrize("merge", MERGES, ids=lambda merge: merge.__name__)
@settings(deadline=None, max_examples=40)
@given(reports=st.lists(REQUESTS, max_size=4))
def test_merged_reports_equal_all_requests(merge: Callable[..., None], reports: Any) -> None:
    master = ReportMerger(RequestStats())
    for requests in reports:
        merge(master, counted(requests))
    assert_apart(master.stats, [request for requests in reports for request in requests])


def test_a_worker_that_does_not_tell_adds_to_neither_side() -> None:
    master = ReportMerger(RequestStats())
    merged_as_dictionary(master, counted([(20.0, False), (70.0, True)]))
    report: dict[str, Any] = {}
    ReportFiller(counted([(5.0, False), (9_000.0, True)]))("stock", report)
    del report["locust_rs"]
    master("stock", report)
    assert master.stats.total.num_failures == 2
    assert shown(master.stats.total.succeeded) == pytest.approx([1, 20, 20, 20, 20])
    assert shown(master.stats.total.failed) == pytest.approx([1, 70, 70, 70, 70])


def test_a_reset_forgets_both() -> None:
    stats = counted([(20.0, False), (70.0, True), (3.0, False)])
    stats.reset_all()
    assert_apart(stats, [])
    by_methods(stats, 8.0, True)
    assert_apart(stats, [(8.0, True)])


@pytest.fixture
def slow_failures() -> RequestStats:
    return counted([(10.0, False)] * 9 + [(30_000.0, True)])


def test_the_files_of_a_precise_run_have_both(slow_failures: RequestStats, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_tunables.stats, "PRECISE", True)
    environment: Any = SimpleNamespace(stats=slow_failures)
    text = StatsCSV(environment, PERCENTILES_TO_REPORT).requests_csv_text()
    row = next(csv.DictReader(io.StringIO(text)))
    assert None not in row
    columns = ("Count", "Average", "Median", "Min", "Max", "50%", "100%")
    assert [float(row[f"Succeeded {title}"]) for title in columns] == [9, 10, 10, 10, 10, 10, 10]
    assert [float(row[f"Failed {title}"]) for title in columns] == [1, *[30_000] * 6]
    found = json.loads(statistics_as_json(slow_failures))[0]
    assert found["succeeded_response_times"]["max"] == 10
    failed = found["failed_response_times"]
    assert (failed["count"], failed["avg"], failed["min"], failed["0.5"]) == (1, 30_000, 30_000, 30_000)


def test_a_side_without_requests_is_not_available(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_tunables.stats, "PRECISE", True)
    environment: Any = SimpleNamespace(stats=counted([(10.0, False)]))
    row = next(csv.DictReader(io.StringIO(StatsCSV(environment, [0.5]).requests_csv_text())))
    assert [row["Failed Count"], row["Failed Average"], row["Failed 50%"]] == ["0", "N/A", "N/A"]


def test_documented_rows_stay_as_they_are(slow_failures: RequestStats) -> None:
    row = json.loads(endpoint_rows(slow_failures, [slow_failures.total])[0])
    assert not {"succeeded", "failed"} & row.keys()
    precise = json.loads(endpoint_rows(slow_failures, [slow_failures.total], precise=True)[0])
    assert (precise["max_response_time"], precise["succeeded"]["max_response_time"]) == (30_000, 10)
    assert (precise["failed"]["num_requests"], precise["failed"]["response_time_percentile_0.99"]) == (1, 30_000)
