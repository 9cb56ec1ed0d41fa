"""Times from the intended start: how long after the moment at which it was due a request was answered.

A user that is paced, and whose iterations take longer than the pace, makes fewer requests than were meant, and those
that it makes begin late. Response times tell nothing of that (coordinated omission). These times count every start
that was meant.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from locust_rs import _tunables
from locust_rs.stats.entry import StatsEntry
from locust_rs.stats.percentiles import get_readable_percentiles
from locust_rs.stats.precise import format_ms

if TYPE_CHECKING:
    from locust_rs.stats.request_stats import RequestStats


class IntendedTimes:
    """A row per name and method, in milliseconds; belongs to the statistics of an environment.

    Args:
        rows: An empty table.
    """

    def __init__(self, rows: RequestStats) -> None:
        self._rows = rows

    @property
    def total(self) -> StatsEntry:
        """All rows together."""
        return self._rows.total

    def row(self, name: str, method: str) -> StatsEntry | None:
        """The times of an endpoint; None if there are none."""
        row = self._rows.entries.get((name, method))
        return row if row is not None and row.num_requests else None

    @property
    def rows(self) -> list[StatsEntry]:
        """The rows that have times, sorted."""
        return [row for _, row in sorted(self._rows.entries.items()) if row.num_requests]

    def add(self, method: str, name: str, times_ms: Iterable[float]) -> None:
        """Counts the times of one response: its own, and those of the starts that were missed before it."""
        for time_ms in times_ms:
            self._rows.log_request(method, name, time_ms, 0)

    def reset(self) -> None:
        """Drops all times."""
        self._rows.clear_all()

    def take(self) -> list[list[Any]]:
        """What was counted since the last call, for a worker's report."""
        taken = [[row.serialize(), row._precise_text()] for row in self.rows]
        if taken:
            self.reset()
        return taken

    def merge(self, taken: list[list[Any]]) -> None:
        """Adds what a worker has taken.

        Raises:
            Exception: It is malformed; nothing was added.
        """
        theirs = []
        for counters, precise in taken:
            row = StatsEntry.unserialize(counters, self._rows)
            row._add_precise(precise)
            theirs.append(row)
        for row in theirs:
            self._rows.get(row.name, row.method).extend(row)
            self._rows.total.extend(row)


def figures(row: StatsEntry) -> dict[str, float | int]:
    """A row as numbers: how many starts were meant, and their times in milliseconds from the precise histogram."""
    fractions = _tunables.stats.PERCENTILES_TO_REPORT
    return {
        "count": row.num_requests,
        "average": round(row.avg_response_time, 3),
        **{str(fraction): row.precise_percentile(fraction) for fraction in fractions},
        "max": row.max_response_time,
    }


def intended_rows(stats: RequestStats) -> list[dict[str, Any]]:
    """`{"method", "name", **figures}` of each row that has such times, the total last; empty without any."""
    intended = stats.intended
    rows = [*intended.rows, intended.total] if intended is not None and intended.rows else []
    return [{"method": row.method, "name": row.name, **figures(row)} for row in rows]


def with_intended(rows_json: str, intended: IntendedTimes) -> str:
    """The rows of a JSON output, each with `from_intended_start` where there are such times."""
    rows = json.loads(rows_json)
    for row in rows:
        times = intended.row(row["name"], row["method"])
        if times is not None:
            row["from_intended_start"] = figures(times)
    return json.dumps(rows, indent=4)


def intended_csv(intended: IntendedTimes) -> str:
    """The file `…_intended.csv`: a row per endpoint, the total last."""
    from locust_rs.stats.csv_report import without_formula

    text = io.StringIO()
    writer = csv.writer(text)
    titles = get_readable_percentiles(_tunables.stats.PERCENTILES_TO_REPORT)
    writer.writerow(["Type", "Name", "Intended Count", "Average", *titles, "Max"])
    for row in [*intended.rows, intended.total]:
        writer.writerow([without_formula(row.method), without_formula(row.name), *figures(row).values()])
    return text.getvalue()


def intended_lines(intended: IntendedTimes) -> list[str]:
    """The console's table; no lines if there are no times."""
    if not intended.rows:
        return []
    titles = ["50%", "90%", "99%", "max", "# meant", "meant/s"]
    lines = ["Times from the intended start (ms)", _line("Type", "Name", titles)]
    for row in [*intended.rows, intended.total]:
        times = [format_ms(row.precise_percentile(fraction)) for fraction in (0.5, 0.9, 0.99)]
        cells = [*times, format_ms(row.max_response_time), str(row.num_requests), f"{row.total_rps:.2f}"]
        lines.append(_line(row.method, row.name, cells))
    return [*lines, ""]


def _line(method: str, name: str, cells: list[str]) -> str:
    return f"{method:<8} {name[:50]:<50} " + " ".join(f"{cell:>9}" for cell in cells)
