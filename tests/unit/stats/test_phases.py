"""Phases, connections and bytes of a row: merged, copied and shown."""

from __future__ import annotations

import csv
import json
import pickle
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locust_rs.stats import RequestStats, StatsCSVFileWriter
from locust_rs.stats.distributed import ReportFiller, ReportMerger, message_as_dict, read_stats_message
from locust_rs.stats.json_report import statistics_as_json
from locust_rs.stats.phases import COUNTS, PHASES, phase_rows, phases_csv

COUNTERS = 5
"""Requests, connections opened, retries, bytes sent, bytes received; then count, sum and maximum of each phase."""

ONE = [2, 1, 0, 240, 900, *[1, 3_000_000, 3_000_000] * len(PHASES)]
"""Two requests over one connection; each phase occurred once and took 3 ms."""

NUMBERS = st.lists(
    st.integers(0, 1 << 40), min_size=COUNTERS + 3 * len(PHASES), max_size=COUNTERS + 3 * len(PHASES)
).map(lambda numbers: [numbers[0] + numbers[1] + 1, *numbers[1:]])


def told(*rows: tuple[str, list[int]]) -> RequestStats:
    """Statistics of requests that told these numbers."""
    stats = RequestStats()
    for name, numbers in rows:
        stats.log_request("GET", name, 6.0, 450)
        for row in (stats.get(name, "GET"), stats.total):
            row._add_own_parts("", None, "", numbers)
    return stats


def natively(master: ReportMerger, worker: RequestStats) -> None:
    message = read_stats_message(ReportFiller(worker).pack("w", 1, {}))
    assert message is not None
    master.merge(message)


def as_dictionary(master: ReportMerger, worker: RequestStats) -> None:
    report: dict[str, Any] = {}
    ReportFiller(worker)("w", report)
    master("w", msgpack.unpackb(msgpack.packb(report), strict_map_key=False))


def added(left: list[int], right: list[int]) -> list[int]:
    return [
        max(pair) if position >= COUNTERS and (position - COUNTERS) % 3 == 2 else sum(pair)
        for position, pair in enumerate(zip(left, right, strict=True))
    ]


@pytest.mark.parametrize("merge", [natively, as_dictionary], ids=lambda merge: merge.__name__)
@settings(deadline=None)
@given(first=NUMBERS, second=NUMBERS)
def test_workers_add_up_to_the_whole(merge: Any, first: list[int], second: list[int]) -> None:
    master = ReportMerger(RequestStats())
    for numbers in (first, second):
        merge(master, told(("/", numbers)))
    whole = added(first, second)
    for row in (master.stats.get("/", "GET"), master.stats.total):
        assert row._own_parts()[3] == whole


def test_what_a_row_tells_has_names_and_milliseconds() -> None:
    assert told(("/", ONE)).get("/", "GET").phases == {
        "requests": 2,
        "connections_opened": 1,
        "connections_reused": 1,
        "retries": 0,
        "bytes_sent": 240,
        "bytes_received": 900,
        **{key: {"count": 1, "avg": 3.0, "max": 3.0} for key in PHASES},
    }


def test_rows_without_an_engine_tell_nothing() -> None:
    stats = RequestStats()
    stats.log_request("GET", "/", 6.0, 450)
    assert stats.total.phases is None
    assert (phase_rows(stats), phases_csv(stats)) == ([], [])
    assert "phases" not in json.loads(statistics_as_json(stats))[0]


def test_a_copy_keeps_them_and_a_report_takes_them_away() -> None:
    stats = told(("/", ONE))
    assert pickle.loads(pickle.dumps(stats)).total.phases == stats.total.phases
    ReportFiller(stats).pack("w", 1, {})
    assert stats.total.phases is None


@pytest.mark.parametrize("later", [[], [7], ["text"]], ids=["as now", "one number more", "something more"])
def test_more_than_is_known_is_passed_over(later: list[Any]) -> None:
    report = message_as_dict(ReportFiller(told(("/", ONE))).pack("w", 1, {}))
    report["locust_rs"]["phases"][0] += later
    message = read_stats_message(msgpack.packb(["stats", report, "w"]))
    assert message is not None
    master = ReportMerger(RequestStats())
    master.merge(message)
    assert master.stats.get("/", "GET")._own_parts()[3] == ONE


@pytest.mark.parametrize("numbers", [ONE[:-1], [-1, *ONE[1:]], ["1", *ONE[1:]], "text", {}])
def test_unreadable_ones_are_refused(numbers: Any) -> None:
    report = message_as_dict(ReportFiller(told(("/", ONE))).pack("w", 1, {}))
    report["locust_rs"]["phases_total"] = numbers
    with pytest.raises(ValueError, match="malformed"):
        read_stats_message(msgpack.packb(["stats", report, "w"]))


def test_the_json_report_has_what_the_row_tells() -> None:
    stats = told(("/", ONE))
    [row] = json.loads(statistics_as_json(stats))
    assert row["phases"] == stats.get("/", "GET").phases
    assert json.dumps([row], indent=4) == statistics_as_json(stats)


@pytest.mark.parametrize("precise", [True, False], ids=["--precise", "without"])
def test_a_csv_file_of_its_own(precise: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("locust_rs._tunables.stats.PRECISE", precise)
    stats = told(("/b", ONE), ("=a", ONE))
    writer = StatsCSVFileWriter(SimpleNamespace(stats=stats, runner=None), [0.5], str(tmp_path / "out"))  # type: ignore[arg-type]
    writer.close_files()
    path = tmp_path / "out_phases.csv"
    assert path.exists() == precise
    if precise:
        rows = list(csv.DictReader(path.read_text().splitlines()))
        assert [row["Name"] for row in rows] == ["/b", "'=a", "Aggregated"]
        assert [rows[0][title] for title in COUNTS.values()] == ["2", "1", "1", "0", "240", "900"]
        assert (rows[2]["Name Resolution Average"], rows[2]["TLS Max"], rows[2]["Queue Count"]) == ("3.0", "3.0", "2")
