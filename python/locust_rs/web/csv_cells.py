"""CSV without cells that a spreadsheet would run as formulas.

Names, errors and exceptions may come from the system under test. Locust's own writer makes them harmless; a writer
that a locustfile provides may not.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from typing import Any

from locust_rs.stats import StatsCSV
from locust_rs.stats.csv_report import without_formula


class HarmlessWriter:
    """Writes rows to a CSV file; no cell is a formula."""

    def __init__(self, file: Any) -> None:
        self._writer = csv.writer(file)

    def writerow(self, columns: Iterable[Any]) -> None:
        """Writes one row."""
        self._writer.writerow([without_formula(cell) if isinstance(cell, str) else cell for cell in columns])

    def writerows(self, rows: Iterable[Iterable[Any]]) -> None:
        """Writes many rows."""
        for row in rows:
            self.writerow(row)


def as_csv(write: Callable[[Any], None]) -> str:
    """The rows that `write` writes to a CSV writer, made harmless."""
    text = io.StringIO()
    write(HarmlessWriter(text))
    return text.getvalue()


def requests_csv(writer: StatsCSV) -> str:
    """The table of requests; written in one native call unless a subclass overrides `requests_csv`."""
    if type(writer).requests_csv is StatsCSV.requests_csv:
        return writer.requests_csv_text()
    return as_csv(writer.requests_csv)
