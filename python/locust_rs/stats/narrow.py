"""Tables for terminals that the usual ones don't fit into: columns as wide as what is in them, long names shortened."""

from __future__ import annotations

import os
from collections.abc import Sequence

STANDARD_ERROR = 2
"""The descriptor that the tables are logged to."""

LEAST_NAME = 12
"""Characters that a name keeps, whatever the terminal."""


def terminal_columns() -> int | None:
    """Width of the terminal behind the standard error; None: there is none, or it does not say."""
    try:
        return os.get_terminal_size(STANDARD_ERROR).columns or None
    except OSError:
        return None


def shorten(text: str, width: int) -> str:
    """The text with its middle left out, if it is longer than `width` characters: both ends of a path tell most."""
    if len(text) <= width:
        return text
    head = (width - 1) // 2
    return f"{text[:head]}…{text[len(text) - (width - 1 - head) :]}"


def narrow_table(rows: Sequence[Sequence[str]], columns: int) -> list[str]:
    """Lays out a table in as few columns as it needs.

    Args:
        rows: Titles, the rows, and the row of totals; the first cell is a name, the others are numbers.
        columns: Width of the terminal.

    Returns:
        Lines with a rule below the titles and one above the totals.
    """
    widths = [max(len(row[index]) for row in rows) for index in range(1, len(rows[0]))]
    numbers_width = sum(widths) + len(widths)
    name_width = min(max(len(row[0]) for row in rows), max(columns - numbers_width, LEAST_NAME))
    lines = [
        f"{shorten(name, name_width):<{name_width}} "
        + " ".join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))
        for name, *cells in rows
    ]
    rule = "-" * (name_width + numbers_width)
    return [lines[0], rule, *lines[1:-1], rule, lines[-1]]
