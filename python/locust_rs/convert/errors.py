"""What can be wrong with an input."""

from __future__ import annotations


class SourceError(Exception):
    """The input is malformed, or holds what cannot be converted.

    Attributes:
        problem: What is wrong, with the value.
        position: `line:column` from 1, or a JSON pointer; empty for the input as a whole.
        source: Name of the input; set by whoever knows it.
    """

    def __init__(self, problem: str, position: str = "", source: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.position = position
        self.source = source

    def __str__(self) -> str:
        place = ":".join(part for part in (self.source, self.position) if part)
        return f"{place}: {self.problem}" if place else self.problem


def line_and_column(text: str, offset: int) -> str:
    """The position `line:column` of an offset into a text."""
    line_start = text.rfind("\n", 0, offset) + 1
    return f"{text.count(chr(10), 0, offset) + 1}:{offset - line_start + 1}"
