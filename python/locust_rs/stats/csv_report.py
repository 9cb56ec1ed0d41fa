"""The statistics as CSV: rows for any writer, and the four files of `--csv`."""

from __future__ import annotations

import contextlib
import csv
import io
import logging
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import gevent

from locust_rs import _tunables
from locust_rs._core import stats_history_csv, stats_request_rows, stats_requests_csv
from locust_rs.stats.entry import STALL_S
from locust_rs.stats.inflation import inflation_warning
from locust_rs.stats.percentiles import get_readable_percentiles
from locust_rs.stats.phases import phases_csv
from locust_rs.stats.types import CSVWriter, sort_stats
from locust_rs.util.date import format_utc_timestamp
from locust_rs.util.files import write_file

if TYPE_CHECKING:
    from locust_rs.env import Environment
    from locust_rs.stats.entry import StatsEntry

logger = logging.getLogger("locust.stats")

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def without_formula(text: str) -> str:
    """The text, prefixed with an apostrophe if a spreadsheet would take it for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


class StatsCSV:
    """Requests, failures and exceptions of an environment as rows of CSV.

    Args:
        environment: Has the statistics and the runner.
        percentiles_to_report: Fractions; one column each.
    """

    def __init__(self, environment: Environment, percentiles_to_report: list[float]) -> None:
        self.environment = environment
        self.percentiles_to_report = percentiles_to_report
        self.percentiles_na = ["N/A"] * len(percentiles_to_report)
        self.requests_csv_columns = [
            *("Type", "Name", "Request Count", "Failure Count", "Median Response Time", "Average Response Time"),
            *("Min Response Time", "Max Response Time", "Average Content Size", "Requests/s", "Failures/s"),
            *get_readable_percentiles(percentiles_to_report),
        ]
        if _tunables.stats.PRECISE:
            self.requests_csv_columns += ["Precise Median", "Precise Min", "Precise Max"]
            titles = get_readable_percentiles(percentiles_to_report)
            self.requests_csv_columns += [f"Precise {title}" for title in titles]
            for side in ("Succeeded", "Failed"):
                self.requests_csv_columns += [
                    f"{side} {title}" for title in ("Count", "Average", "Median", "Min", "Max", *titles)
                ]
        self.failures_columns = ["Method", "Name", "Error", "Occurrences", "First Seen", "Last Seen"]
        self.exceptions_columns = ["Count", "Message", "Traceback", "Nodes"]

    def _percentile_fields(self, stats_entry: StatsEntry, use_current: bool = False) -> list[str] | list[int]:
        if not stats_entry.num_requests:
            return self.percentiles_na
        if use_current:
            current = map(stats_entry.get_current_response_time_percentile, self.percentiles_to_report)
            return [int(value or 0) for value in current]
        return [int(value) for value in stats_entry._percentiles(self.percentiles_to_report)]

    def requests_csv(self, csv_writer: CSVWriter) -> None:
        """Writes the header and a row per name and method, the total last."""
        csv_writer.writerow(self.requests_csv_columns)
        self._requests_data_rows(csv_writer)

    def _requests_data_rows(self, csv_writer: CSVWriter) -> None:
        stats = self.environment.stats
        rows = sort_stats(stats.entries)
        precise = _tunables.stats.PRECISE
        for row in stats_request_rows(rows, stats.total, self.percentiles_to_report, precise):
            csv_writer.writerow(row)

    def requests_csv_text(self) -> str:
        """What `requests_csv` writes, as one text; much cheaper with many rows."""
        stats = self.environment.stats
        return _line(self.requests_csv_columns) + stats_requests_csv(
            sort_stats(stats.entries), stats.total, self.percentiles_to_report, _tunables.stats.PRECISE
        )

    def failures_csv(self, csv_writer: CSVWriter) -> None:
        """Writes the header and a row per error."""
        csv_writer.writerow(self.failures_columns)
        self._failures_data_rows(csv_writer)

    def _failures_data_rows(self, csv_writer: CSVWriter) -> None:
        for row in sort_stats(self.environment.stats.errors):
            csv_writer.writerow(
                [
                    without_formula(row.method),
                    without_formula(row.name),
                    without_formula(row.parse_error(row.error)),
                    row.occurrences,
                    "" if row.first_seen is None else format_utc_timestamp(row.first_seen),
                    "" if row.last_seen is None else format_utc_timestamp(row.last_seen),
                ]
            )

    def exceptions_csv(self, csv_writer: CSVWriter) -> None:
        """Writes the header and a row per exception of user code."""
        csv_writer.writerow(self.exceptions_columns)
        self._exceptions_data_rows(csv_writer)

    def _exceptions_data_rows(self, csv_writer: CSVWriter) -> None:
        runner = self.environment.runner
        if runner is None:
            return
        for exception in runner.exceptions.values():
            csv_writer.writerow(
                [
                    exception["count"],
                    without_formula(exception["msg"]),
                    without_formula(exception["traceback"]),
                    ", ".join(sorted(exception["nodes"])),
                ]
            )

    def close_files(self) -> None:
        """Does nothing here; the subclass that writes files closes them."""


class StatsCSVFileWriter(StatsCSV):
    """Keeps `<base>_stats.csv`, `_stats_history.csv`, `_failures.csv` and `_exceptions.csv` up to date.

    Call it in a greenlet; it never returns. `close_files` writes the final state, which equals the final counts. All
    files but the history are replaced in one step, so that a reader always finds a complete file. If the generator
    was overloaded, a `_warnings.csv` beside them says so; with `--precise`, `_phases.csv` has the phases at the end.

    Args:
        environment: Has the statistics and the runner.
        percentiles_to_report: Fractions; one column each.
        base_filepath: Path and first part of the file names; missing folders are created.
        full_history: Write a history line for every row, not only for the total; percentiles are then those of the
            last seconds.

    Raises:
        OSError: A file cannot be written.
    """

    def __init__(
        self,
        environment: Environment,
        percentiles_to_report: list[float],
        base_filepath: str,
        full_history: bool = False,
    ) -> None:
        super().__init__(environment, percentiles_to_report)
        self.base_filepath = base_filepath
        self.full_history = full_history
        self.stats_history_csv_columns = [
            *("Timestamp", "User Count", "Type", "Name", "Requests/s", "Failures/s"),
            *get_readable_percentiles(percentiles_to_report),
            *("Total Request Count", "Total Failure Count", "Total Median Response Time"),
            *("Total Average Response Time", "Total Min Response Time", "Total Max Response Time"),
            "Total Average Content Size",
        ]
        self._closed = False
        self._flushed_at = time.monotonic()
        self._counted_in_history = -1
        os.makedirs(os.path.dirname(os.path.abspath(base_filepath)), exist_ok=True)
        self.stats_history_csv_filehandle: IO[str] = open(  # noqa: SIM115  # lives as long as the run
            self.stats_history_file_name(), "w", encoding="utf-8", newline=""
        )
        self.stats_history_csv_filehandle.write(_line(self.stats_history_csv_columns))
        self._write_files()

    def __call__(self) -> None:
        """Writes until it is killed; run it in a greenlet."""
        self.stats_writer()

    def stats_writer(self) -> None:
        """Writes every `CSV_STATS_INTERVAL_SEC`, and flushes the history every `CSV_STATS_FLUSH_INTERVAL_SEC`.

        A write that fails, for example because the disk is full, is logged and tried again.
        """
        failing = ""
        while not self._closed:
            try:
                self._write_history(time.time())
                self._write_files()
                if time.monotonic() - self._flushed_at >= _tunables.stats.CSV_STATS_FLUSH_INTERVAL_SEC:
                    self.stats_history_flush()
            except OSError as error:
                if failing != str(error):
                    logger.error(f"Could not write the files of --csv, trying again: {error}")
                failing = str(error)
            else:
                failing = ""
            gevent.sleep(_tunables.stats.CSV_STATS_INTERVAL_SEC)

    def _stats_history_data_rows(self, csv_writer: CSVWriter, now: float) -> None:
        """Writes the history's rows for one moment; `now` in epoch seconds."""
        for row in csv.reader(io.StringIO(self._history_text(now), newline="")):
            csv_writer.writerow(row)

    def _history_text(self, now: float) -> str:
        stats, runner = self.environment.stats, self.environment.runner
        last = stats.last_request_timestamp
        return stats_history_csv(
            sort_stats(stats.entries) if self.full_history else [],
            stats.total,
            self.percentiles_to_report,
            int(now),
            runner.user_count if runner is not None else 0,
            self.full_history,
            last is not None and now - last >= STALL_S,
        )

    def _write_history(self, now: float) -> None:
        self.stats_history_csv_filehandle.write(self._history_text(now))
        self._counted_in_history = self.environment.stats.num_requests

    def _write_files(self) -> None:
        self.requests_flush()
        self.failures_flush()
        self.exceptions_flush()

    def requests_flush(self) -> None:
        """Replaces `_stats.csv` with the present state."""
        self._replace("_stats.csv", self.requests_csv_text())

    def failures_flush(self) -> None:
        """Replaces `_failures.csv` with the present state."""
        self._replace("_failures.csv", _written(self.failures_csv))

    def exceptions_flush(self) -> None:
        """Replaces `_exceptions.csv` with the present state."""
        self._replace("_exceptions.csv", _written(self.exceptions_csv))

    def stats_history_flush(self) -> None:
        """Flushes the history to its file."""
        self.stats_history_csv_filehandle.flush()
        self._flushed_at = time.monotonic()

    def close_files(self) -> None:
        """Writes the final state and closes the history. May be called again.

        Raises:
            OSError: A file cannot be written; the others are written all the same.
        """
        if self._closed:
            return
        self._closed = True
        # The stack runs them from the last to the first, each one even if another fails.
        with contextlib.ExitStack() as steps:
            steps.callback(self._write_warnings)
            steps.callback(self._write_phases)
            steps.callback(self.exceptions_flush)
            steps.callback(self.failures_flush)
            steps.callback(self.requests_flush)
            steps.callback(self.stats_history_csv_filehandle.close)
            if self._counted_in_history != self.environment.stats.num_requests:
                self._write_history(time.time())

    def stats_history_file_name(self) -> str:
        """Path of the history file."""
        return f"{self.base_filepath}_stats_history.csv"

    def _write_warnings(self) -> None:
        """Writes `_warnings.csv`, but only if there is something to warn of: the run, then its spoiled intervals."""
        health = self.environment.stats.health
        warning = inflation_warning(health)
        if health is None or not warning:
            return
        rows = [["From", "To", "Too Long By", "Warning"], ["", "", f"{health.inflation:.0%}", warning]]
        rows += [
            [
                format_utc_timestamp(interval.begins_at),
                format_utc_timestamp(interval.ends_at),
                f"{interval.inflation:.0%}",
                "The response times of this interval are too long.",
            ]
            for interval in health.spoiled.intervals
        ]
        self._replace("_warnings.csv", _written(lambda writer: writer.writerows(rows)))

    def _write_phases(self) -> None:
        """Writes `_phases.csv`, but only with `--precise` and if there were requests that told their phases."""
        rows = phases_csv(self.environment.stats) if _tunables.stats.PRECISE else []
        if rows:
            safe = [[without_formula(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]
            self._replace("_phases.csv", _written(lambda writer: writer.writerows(safe)))

    def _replace(self, suffix: str, text: str) -> None:
        write_file(Path(f"{self.base_filepath}{suffix}"), text)


def _written(write: Any) -> str:
    out = io.StringIO(newline="")
    write(csv.writer(out))
    return out.getvalue()


def _line(cells: Iterable[str]) -> str:
    return ",".join(cells) + "\r\n"
