"""CSV files, JSON and console text."""

from __future__ import annotations

import csv
import io
import json
import logging
import os
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gevent
import pytest

import locust_rs.stats as stats_module
from locust_rs.exception import ConfigurationError
from locust_rs.runners.inflation import SpoiledIntervals
from locust_rs.stats import (
    PERCENTILES_TO_REPORT,
    RequestStats,
    StatsCSV,
    StatsCSVFileWriter,
    print_error_report,
    print_stats,
    print_stats_json,
    save_stats_json,
    validate_stats_configuration,
)
from locust_rs.stats.history import update_stats_history
from locust_rs.user.paced_starts import PacedStarts

NO_FRACTION = "parameter need to be float and value between. 0 < percentile < 1 Eg 0.95"
SUFFIXES = ("stats", "stats_history", "failures", "exceptions")


@pytest.fixture
def environment() -> Any:
    stats = RequestStats()
    for number in range(20):
        stats.log_request("GET", f"/{number % 3}", number * 7.3, 10)
    stats.log_error("GET", "/0", "boom")
    exceptions = {1: {"count": 2, "msg": "oops", "traceback": "line\nline", "nodes": {"b", "a"}}}
    return SimpleNamespace(stats=stats, runner=SimpleNamespace(user_count=3, exceptions=exceptions))


def rows_of(path: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(Path(path).read_text(), newline="")))


def test_the_text_of_the_requests_csv_is_what_a_writer_gets(environment: Any) -> None:
    report = StatsCSV(environment, PERCENTILES_TO_REPORT)
    out = io.StringIO(newline="")
    report.requests_csv(csv.writer(out))
    assert report.requests_csv_text() == out.getvalue()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_can_become_a_formula(environment: Any, start: str) -> None:
    hostile = f"{start}cmd|x"
    environment.stats.log_request(hostile, hostile, 1, 1)
    environment.stats.log_error("GET", "/", hostile)
    environment.runner.exceptions[2] = {"count": 1, "msg": hostile, "traceback": hostile, "nodes": {"n"}}
    report = StatsCSV(environment, PERCENTILES_TO_REPORT)
    for write in (report.requests_csv, report.failures_csv, report.exceptions_csv):
        out = io.StringIO(newline="")
        write(csv.writer(out))
        cells = [cell for row in csv.reader(io.StringIO(out.getvalue(), newline="")) for cell in row]
        assert f"'{hostile}" in cells
        assert hostile not in cells


def test_files_are_complete_when_closed_and_equal_the_counts(environment: Any, tmp_path: Path) -> None:
    base = str(tmp_path / "made" / "run")
    writer = StatsCSVFileWriter(environment, PERCENTILES_TO_REPORT, base)
    greenlet = gevent.spawn(writer)
    gevent.sleep(0)
    environment.stats.log_request("GET", "/late", 5, 1)
    greenlet.kill()
    writer.close_files()
    writer.close_files()
    assert sorted(os.listdir(tmp_path / "made")) == sorted(f"run_{suffix}.csv" for suffix in SUFFIXES)
    assert [rows_of(f"{base}_stats.csv")[-1][1:3], rows_of(f"{base}_stats_history.csv")[-1][17]] == [
        ["Aggregated", "21"],
        "21",
    ]
    assert rows_of(f"{base}_failures.csv")[1][:4] == ["GET", "/0", "boom", "1"]
    assert rows_of(f"{base}_exceptions.csv")[1] == ["2", "oops", "line\nline", "a, b"]


def test_a_full_history_has_a_line_for_every_row(environment: Any, tmp_path: Path) -> None:
    writer = StatsCSVFileWriter(environment, [0.5], str(tmp_path / "run"), full_history=True)
    writer.close_files()
    names = [row[3] for row in rows_of(writer.stats_history_file_name())]
    assert names == ["Name", "/0", "/1", "/2", "Aggregated"]


def test_a_file_that_cannot_be_replaced_is_written_in_place(environment: Any, tmp_path: Path) -> None:
    writer = StatsCSVFileWriter(environment, [0.5], str(tmp_path / "run"))
    os.link(tmp_path / "run_stats.csv", tmp_path / "other")
    # A folder with the name of the temporary file makes the atomic replacement fail.
    (tmp_path / f".run_stats.csv.{os.getpid()}").mkdir()
    environment.stats.log_request("GET", "/late", 5, 1)
    writer.close_files()
    assert "/late" in (tmp_path / "other").read_text()


def test_a_folder_that_cannot_be_made_is_an_error(environment: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        StatsCSVFileWriter(environment, [0.5], str(tmp_path / "file" / "run"))


def test_json_is_what_the_json_module_writes(
    environment: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    environment.stats.log_request("PØST", 'quote " \\ \x01 😀', None, 1)
    rows = [row.serialize() for row in environment.stats.entries.values()]
    print_stats_json(environment.stats)
    assert capsys.readouterr().out == json.dumps(rows, indent=4) + "\n"
    save_stats_json(environment.stats, str(tmp_path / "folder" / "result"))
    assert json.loads((tmp_path / "folder" / "result.json").read_text())[0]["name"] == "/0"
    print_stats_json(RequestStats())
    assert capsys.readouterr().out == "[]\n"


def test_outputs_of_an_overloaded_generator_say_so(
    environment: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    spoiled = SpoiledIntervals()
    spoiled.note(1_700_000_001, 0.3)
    spoiled.note(1_700_000_002, 0.4)
    health = SimpleNamespace(
        inflated=True,
        inflation=0.12,
        remedies=["Use fewer users."],
        spoiled=spoiled,
        start_warnings=[str(PacedStarts(5, 2, 10).warning())],
    )
    environment.stats.health = health
    StatsCSVFileWriter(environment, [0.5], str(tmp_path / "run")).close_files()
    print_stats_json(environment.stats)
    with caplog.at_level(logging.INFO):
        print_stats(environment.stats, current=False)
    json_rows = json.loads(capsys.readouterr().out)
    for text in ((tmp_path / "run_warnings.csv").read_text(), json_rows[0]["warning"], caplog.text):
        assert "too long by about 12%. Use fewer users." in text
    assert "Paced users began 5 of 15 iterations that their pace means (10 missed, 2 late)" in caplog.text
    rows = list(csv.DictReader((tmp_path / "run_warnings.csv").read_text().splitlines()))
    assert (rows[1]["From"], rows[1]["To"]) == ("2023-11-14T22:13:20Z", "2023-11-14T22:13:22Z")
    assert [row["Too Long By"] for row in rows] == ["12%", "40%"]


def test_the_table_says_while_response_times_are_too_long(environment: Any, caplog: pytest.LogCaptureFixture) -> None:
    spoiled = SpoiledIntervals()
    spoiled.note(time.time(), 0.4)
    environment.stats.health = SimpleNamespace(inflated=False, inflation=0.01, spoiled=spoiled)
    with caplog.at_level(logging.INFO):
        print_stats(environment.stats)
    assert "overloaded: response times are now 40% too long" in caplog.text


@pytest.mark.parametrize(("age_s", "mark"), [(1, 0.4), (60, None)], ids=["just now", "a minute ago"])
def test_points_of_the_chart_are_marked_while_response_times_are_too_long(
    environment: Any, age_s: float, mark: float | None
) -> None:
    spoiled = SpoiledIntervals()
    spoiled.note(time.time() - age_s, 0.4)
    environment.stats.health = SimpleNamespace(spoiled=spoiled)
    update_stats_history(SimpleNamespace(stats=environment.stats, user_count=3), "2023-11-14T22:13:20Z")
    assert environment.stats.history[-1].get("inflation") == (mark and ["2023-11-14T22:13:20Z", mark])


def test_outputs_of_a_healthy_generator_look_as_ever(
    environment: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.stats.health = SimpleNamespace(
        inflated=False, inflation=0.01, spoiled=SpoiledIntervals(), start_warnings=[]
    )
    StatsCSVFileWriter(environment, [0.5], str(tmp_path / "run")).close_files()
    print_stats_json(environment.stats)
    with caplog.at_level(logging.INFO):
        print_stats(environment.stats, current=False)
    assert not (tmp_path / "run_warnings.csv").exists()
    assert "warning" not in json.loads(capsys.readouterr().out)[0]
    assert "overloaded" not in caplog.text


def test_the_error_report_is_silent_without_errors(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        print_error_report(RequestStats())
    assert not caplog.records


@pytest.mark.parametrize(
    ("columns", "width"), [(300, 80), (161, 80), (120, 40), (80, 0), (20, 0)], ids=["wide", "161", "120", "80", "20"]
)
def test_the_name_column_follows_the_terminal(monkeypatch: pytest.MonkeyPatch, columns: int, width: int) -> None:
    monkeypatch.setattr(stats_module, "STATS_NAME_WIDTH", 80)
    monkeypatch.setattr(os, "get_terminal_size", lambda *_: os.terminal_size((columns, 24)))
    stats_module.resize_handler(28, None)
    assert width == stats_module.STATS_NAME_WIDTH
    monkeypatch.setattr(stats_module, "STATS_AUTORESIZE", False)
    monkeypatch.setattr(os, "get_terminal_size", lambda *_: os.terminal_size((130, 24)))
    stats_module.resize_handler(28, None)
    assert width == stats_module.STATS_NAME_WIDTH


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        (
            "PERCENTILES_TO_CHART",
            [0.1] * 7,
            "stats.PERCENTILES_TO_CHART parameter should be a maximum of 6 parameters ",
        ),
        (
            "PERCENTILES_TO_CHART",
            [2],
            f"stats.PERCENTILES_TO_CHART {NO_FRACTION}",
        ),
        (
            "PERCENTILES_TO_STATISTICS",
            ["x"],
            f"stats.PERCENTILES_TO_STATISTICS {NO_FRACTION}",
        ),
    ],
)
def test_percentiles_that_cannot_be_shown_are_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: Any, message: str
) -> None:
    monkeypatch.setattr(stats_module, name, value)
    with pytest.raises(ConfigurationError) as refused:
        validate_stats_configuration()
    assert str(refused.value) == message


def test_default_percentiles_are_valid() -> None:
    validate_stats_configuration()
