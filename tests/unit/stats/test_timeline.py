"""Response times over time: every request is in one interval, here, on a master, and in a copy."""

from __future__ import annotations

import json
import pickle
import time
from collections.abc import Callable
from typing import Any

import pytest

from locust_rs._core import StatsMessage
from locust_rs.stats import RequestStats
from locust_rs.stats.distributed import ReportFiller, ReportMerger, message_as_dict, read_stats_message
from locust_rs.web.latencies import endpoint_latencies, reported_latencies

TIMES_MS = [3.0] * 6 + [40.0] * 3 + [900.0]


def counted(times_ms: list[float], name: str = "/") -> RequestStats:
    stats = RequestStats()
    for time_ms in times_ms:
        stats.recorder.record("GET", name, time_ms, 10)
    return stats


def shown(stats: RequestStats, name: str = "/", method: str = "GET") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(endpoint_latencies(stats, name, method))
    return found


def requests_by_band(latencies: dict[str, Any]) -> dict[float, int]:
    """How many requests there are in each band of the map, by its lower edge."""
    counts: dict[float, int] = {}
    for _, _, requests, _, cells in latencies["columns"]:
        assert requests == sum(cells[1::2])
        for band, count in zip(cells[::2], cells[1::2], strict=True):
            edge = latencies["edges"][band]
            counts[edge] = counts.get(edge, 0) + count
    return counts


def assert_complete(stats: RequestStats, times: int = 1) -> None:
    for name, method in (("/", "GET"), ("Aggregated", "")):
        latencies = shown(stats, name, method)
        counts = requests_by_band(latencies)
        assert list(counts.values()) == [6 * times, 3 * times, times]
        for edge, time_ms in zip(sorted(counts), (3, 40, 900), strict=True):
            upper = latencies["edges"][latencies["edges"].index(edge) + 1]
            assert edge <= time_ms <= upper


@pytest.mark.parametrize("way", ["recorder", "methods"])
def test_every_request_is_in_an_interval(way: str) -> None:
    stats = RequestStats()
    for time_ms in TIMES_MS:
        if way == "recorder":
            stats.recorder.record("GET", "/", time_ms, 10)
        else:
            stats.log_request("GET", "/", time_ms, 10)
    assert_complete(stats)
    assert all(width == 1 for _, width, *_ in shown(stats)["columns"])


def test_columns_are_dated_by_the_wall_clock() -> None:
    start, width, *_ = shown(counted(TIMES_MS))["columns"][-1]
    assert start + width == pytest.approx(time.time(), abs=30)


def test_curves_are_those_of_the_interval() -> None:
    latencies = shown(counted([20.0] * 50))
    assert latencies["fractions"] == [0.5, 0.95, 0.99, 1]
    for _, _, _, times_ms, _ in latencies["columns"]:
        assert times_ms == pytest.approx([20, 20, 20, 20], rel=0.005)


def natively(master: ReportMerger, worker: RequestStats) -> None:
    message = read_stats_message(ReportFiller(worker).pack("w", 1, {}))
    assert message is not None
    master.merge(message)


def as_dictionary(master: ReportMerger, worker: RequestStats) -> None:
    report: dict[str, Any] = {}
    ReportFiller(worker)("w", report)
    own = json.loads(json.dumps(report["locust_rs"]))
    master("w", {**report, "locust_rs": own})


def beside_a_listener(master: ReportMerger, worker: RequestStats) -> None:
    master("w", message_as_dict(ReportFiller(worker).pack("w", 1, {})))


@pytest.mark.parametrize("merge", [natively, as_dictionary, beside_a_listener], ids=lambda merge: merge.__name__)
def test_a_master_has_the_intervals_of_all_workers(merge: Callable[..., None]) -> None:
    master = ReportMerger(RequestStats())
    for _ in range(3):
        worker = counted(TIMES_MS)
        merge(master, worker)
        merge(master, worker)  # it began again
    assert_complete(master.stats, times=3)


def test_a_worker_that_sends_none_is_merged_all_the_same() -> None:
    master = ReportMerger(RequestStats())
    report: dict[str, Any] = {}
    ReportFiller(counted(TIMES_MS))("stock", report)
    del report["locust_rs"]
    master("stock", report)
    assert (master.stats.num_requests, shown(master.stats)["columns"]) == (10, [])


@pytest.mark.parametrize("text", ["!", "AB", "A/////////////", "ABéA"])
def test_unreadable_intervals_are_refused(text: str) -> None:
    report = message_as_dict(ReportFiller(counted([])).pack("w", 1, {}))
    report["locust_rs"]["intervals_total"] = text
    import msgpack

    with pytest.raises(ValueError, match="intervals"):
        StatsMessage.read(msgpack.packb(["stats", report, "w"]))


def test_a_copy_has_the_same_and_a_reset_none() -> None:
    stats = counted(TIMES_MS)
    assert_complete(pickle.loads(pickle.dumps(stats)))
    stats.reset_all()
    assert shown(stats)["columns"] == []


def test_the_report_has_the_run_and_the_busiest_endpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("locust_rs.web.latencies.REPORTED_ENDPOINTS", 2)
    stats = RequestStats()
    for name, count in (("/rare", 1), ("/often", 9), ("/again", 5)):
        for _ in range(count):
            stats.recorder.record("GET", name, 5.0, 1)
    found = json.loads(reported_latencies(stats))
    assert [row["name"] for row in found] == ["Aggregated", "/again", "/often"]


def test_an_unknown_endpoint_has_no_columns() -> None:
    assert shown(RequestStats(), "/nowhere")["columns"] == []
