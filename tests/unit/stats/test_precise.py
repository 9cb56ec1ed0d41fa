"""`--precise`: response times to the microsecond, one precision in a row, and the documented figures untouched."""

from __future__ import annotations

import csv
import io
import json
import random
from types import SimpleNamespace
from typing import Any

import pytest

from locust_rs import _tunables
from locust_rs.stats import PERCENTILES_TO_REPORT, RequestStats, StatsCSV, print_stats_json
from locust_rs.stats.console import get_percentile_stats_summary, get_stats_summary
from locust_rs.stats.history import update_stats_history
from locust_rs.stats.precise import PreciseWindow, format_ms
from locust_rs.web.rows import endpoint_rows

FAST_MS = [0.05] * 90 + [0.9] * 10


@pytest.fixture
def stats() -> RequestStats:
    stats = RequestStats()
    for time_ms in FAST_MS:
        stats.log_request("GET", "/", time_ms, 10)
    return stats


@pytest.fixture
def precise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_tunables.stats, "PRECISE", True)


def csv_rows(stats: RequestStats) -> list[dict[str, str]]:
    environment: Any = SimpleNamespace(stats=stats)
    report = StatsCSV(environment, PERCENTILES_TO_REPORT)
    by_writer = io.StringIO(newline="")
    report.requests_csv(csv.writer(by_writer))
    text = report.requests_csv_text()
    assert [*csv.reader(text.splitlines())] == [*csv.reader(by_writer.getvalue().splitlines())]
    return list(csv.DictReader(text.splitlines()))


@pytest.mark.parametrize(
    ("time_ms", "text"),
    [(0, "0"), (None, "0"), (0.0421, "0.042"), (1.239, "1.24"), (42.13, "42.1"), (1234.4, "1234")],
)
def test_milliseconds_have_sensible_digits(time_ms: float | None, text: str) -> None:
    assert format_ms(time_ms) == text


@pytest.mark.usefixtures("precise")
def test_console_tables_are_precise(stats: RequestStats) -> None:
    line = next(line for line in get_stats_summary(stats) if line.startswith("GET"))
    assert line.split("|")[1].split() == ["0.135", "0.050", "0.900", "0.050"]
    heading, *lines = get_percentile_stats_summary(stats)
    assert heading == "Response time percentiles (precise, ms)"
    assert next(line for line in lines if line.startswith("GET")).split()[2:] == [
        *(["0.050"] * 5),
        *(["0.900"] * 6),
        "100",
    ]


@pytest.mark.usefixtures("precise")
def test_files_have_precise_values_beside_the_documented_ones(
    stats: RequestStats, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    row = csv_rows(stats)[0]
    assert [row[f"Precise {title}"] for title in ("Median", "Min", "Max", "50%", "95%")] == [
        *("0.05", "0.05", "0.9", "0.05", "0.9"),
    ]
    print_stats_json(stats)
    found = json.loads(capsys.readouterr().out)[0]
    assert found["precise_response_times"]["min"] == 0.05
    assert found["precise_response_times"]["0.99"] == 0.9
    monkeypatch.setattr(_tunables.stats, "PRECISE", False)
    documented = csv_rows(stats)[0]
    assert {title: row[title] for title in documented} == documented
    print_stats_json(stats)
    added = ("precise_response_times", "succeeded_response_times", "failed_response_times")
    assert {**json.loads(capsys.readouterr().out)[0], **{key: found[key] for key in added}} == found


def test_a_row_of_the_page_has_one_precision(stats: RequestStats) -> None:
    row = json.loads(endpoint_rows(stats, [stats.total], ["0.5"], precise=True)[0])
    assert (row["min_response_time"], row["median_response_time"], row["max_response_time"]) == (0.05, 0.05, 0.9)
    assert (row["response_time_percentile_0.5"], row["response_time_percentile_0.99"]) == (0.05, 0.9)
    assert row["avg_response_time"] == pytest.approx(0.135)
    documented = json.loads(endpoint_rows(stats, [stats.total], ["0.5"])[0])
    assert (documented["response_time_percentile_0.5"], documented["response_time_percentile_0.99"]) == (0, 1)


def test_points_of_the_chart_have_what_was_counted_since_the_one_before() -> None:
    stats = RequestStats()
    runner: Any = SimpleNamespace(stats=stats, user_count=1)
    found = []
    for times_ms in ([1.234], [], [30.5, 30.5], [0.2]):
        for time_ms in times_ms:
            stats.log_request("GET", "/", time_ms, 10)
        update_stats_history(runner)
        found.append(stats.history[-1]["precise_response_time_percentile_0.5"][1])
    assert found[:2] == [1.234, None]
    assert found[2:] == [pytest.approx(30.5, rel=0.005), pytest.approx(0.2, rel=0.005)]
    stats.clear_all()
    update_stats_history(runner)
    assert stats.history[-1]["precise_response_time_percentile_0.5"][1] is None


def test_the_window_sees_what_came_since_it_was_first_asked() -> None:
    stats, window, chance = RequestStats(), PreciseWindow(10), random.Random(1)
    stats.log_request("GET", "/", 9000, 10)
    assert window.percentiles(stats.total, [0.5]) == [None]
    times_ms = sorted(chance.uniform(0.1, 50) for _ in range(999))
    for time_ms in times_ms:
        stats.log_request("GET", "/", time_ms, 10)
    assert window.percentiles(stats.total, [0.5, 1]) == [
        pytest.approx(times_ms[499], rel=0.005),
        pytest.approx(times_ms[-1], rel=0.005),
    ]
