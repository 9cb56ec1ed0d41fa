"""Tables for narrow terminals."""

from __future__ import annotations

import pytest

from locust_rs.stats.console import narrow_table, shorten

ROWS = [
    ("Name", "# reqs", "Avg"),
    ("GET /one", "5", "12345678"),
    ("POST /" + "x" * 50, "1000", "3"),
    ("All", "1005", "9"),
]


@pytest.mark.parametrize("columns", [40, 60, 80, 200])
def test_a_table_is_as_wide_as_it_must_be(columns: int) -> None:
    lines = narrow_table(ROWS, columns)
    natural = 56 + 1 + 6 + 1 + 8
    assert {len(line) for line in lines} == {min(columns, natural)}
    assert lines[1] == lines[-2] == "-" * len(lines[0])
    assert [line.split()[-1] for line in (lines[0], *lines[2:-2], lines[-1])] == ["Avg", "12345678", "3", "9"]
    assert ("…" in lines[3]) == (columns < natural)


def test_numbers_are_never_left_out() -> None:
    assert narrow_table(ROWS, 1)[2].split() == ["GET", "/one", "5", "12345678"]


@pytest.mark.parametrize(
    ("text", "width", "short"), [("abcdef", 6, "abcdef"), ("abcdefg", 6, "ab…efg"), ("abcdefg", 1, "…"), ("", 3, "")]
)
def test_the_middle_of_a_name_is_left_out(text: str, width: int, short: str) -> None:
    assert shorten(text, width) == short
