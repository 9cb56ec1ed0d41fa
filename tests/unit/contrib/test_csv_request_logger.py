"""CsvRequestLogger."""

from __future__ import annotations

import csv
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from locust_rs.contrib.csv_request_logger import CSV_COLUMNS, CsvRequestLogger
from locust_rs.env import Environment


def fire(environment: Environment, **changes: Any) -> None:
    environment.events.request.fire(
        **{
            "request_type": "GET",
            "name": "/",
            "response_time": 12.3456,
            "response_length": 5,
            "exception": None,
            "response": SimpleNamespace(status_code=200),
            "start_time": 1700000000.25,
            "context": {},
            "url": "http://host/",
            **changes,
        }
    )


def rows(path: Path) -> list[list[str]]:
    with path.open(newline="") as file:
        return list(csv.reader(file))


def test_one_row_per_request(environment: Environment, tmp_path: Path) -> None:
    path = tmp_path / "requests.csv"
    path.write_text("what was there before")
    logger = CsvRequestLogger(str(path))
    logger.register(environment)
    fire(environment)
    fire(environment, name='with "quotes", commas', exception=ValueError("two\nlines"), response=None)
    fire(environment, response_time=None, response=object())
    assert rows(path) == [
        list(CSV_COLUMNS),
        ["1700000000.25", "GET", "/", "12.35", "5", "200", ""],
        ["1700000000.25", "GET", 'with "quotes", commas', "12.35", "5", "0", "two\nlines"],
        ["1700000000.25", "GET", "/", "", "5", "0", ""],
    ]
    logger.close()


def test_the_file_is_closed_when_locust_quits(environment: Environment, tmp_path: Path) -> None:
    path = tmp_path / "requests.csv"
    logger = CsvRequestLogger(str(path), flush_interval=100)
    logger.register(environment)
    fire(environment)
    assert rows(path) == [list(CSV_COLUMNS)]
    environment.events.quitting.fire(environment=environment)
    assert len(rows(path)) == 2
    fire(environment)  # a later request is not written
    logger.close()
    assert len(rows(path)) == 2


def test_rows_are_flushed_in_groups(environment: Environment, tmp_path: Path) -> None:
    path = tmp_path / "requests.csv"
    logger = CsvRequestLogger(str(path), flush_interval=3)
    logger.register(environment)
    lengths = []
    for _ in range(4):
        fire(environment)
        lengths.append(len(rows(path)))
    assert lengths == [1, 1, 4, 4]
    logger.close()


@pytest.mark.parametrize(
    ("status", "column"), [("204", "204"), ("SERVING", "0"), (None, "0"), ([1], "0"), (float("inf"), "0")], ids=repr
)
def test_a_status_that_is_no_number_costs_no_row(
    environment: Environment, tmp_path: Path, status: object, column: str
) -> None:
    path = tmp_path / "requests.csv"
    logger = CsvRequestLogger(str(path))
    logger.register(environment)
    fire(environment, response=SimpleNamespace(status_code=status))
    assert [row[5] for row in rows(path)[1:]] == [column]
    logger.close()


def test_bad_arguments(environment: Environment, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="1 or more, but got: 0"):
        CsvRequestLogger("x.csv", flush_interval=0)
    with pytest.raises(FileNotFoundError):
        CsvRequestLogger(str(tmp_path / "missing" / "x.csv")).register(environment)
    assert environment.events.request._handlers == []
