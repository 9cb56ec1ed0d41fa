"""CSV that a spreadsheet can't run.

Names, errors and exceptions come from the tested server. A cell that begins like a formula gets an apostrophe
in front, which spreadsheets take for "this is text".
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from typing import Any

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


def harmless(cell: Any) -> Any:
    """`cell`, quoted when it is text that a spreadsheet would calculate."""
    if isinstance(cell, str) and cell.startswith(_STARTS_A_FORMULA):
        return f"'{cell}"
    return cell


class HarmlessWriter:
    """Writes rows to a CSV file whose cells are text or numbers and nothing else."""

    def __init__(self, file: Any) -> None:
        self._writer = csv.writer(file)

    def writerow(self, columns: Iterable[Any]) -> None:
        """Writes one row."""
        self._writer.writerow([harmless(cell) for cell in columns])

    def writerows(self, rows: Iterable[Iterable[Any]]) -> None:
        """Writes many rows."""
        for row in rows:
            self.writerow(row)


def as_csv(write: Callable[[Any], None]) -> str:
    """What `write` writes to a CSV writer, made harmless."""
    text = io.StringIO()
    write(HarmlessWriter(text))
    return text.getvalue()
