"""The error of a threshold that cannot be read: what is wrong, where, and what was probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from locust_rs.exception import ConfigurationError


class ThresholdError(ConfigurationError, ValueError):
    """A threshold is malformed.

    Args:
        problem: What is wrong and what to write instead.
        text: The threshold.
        start: Where the wrong part begins, counted from 0.
        end: Where it ends.
    """

    def __init__(self, problem: str, text: str, start: int, end: int) -> None:
        self.problem = problem
        self.text = text
        self.start = start
        self.end = max(end, start + 1)
        super().__init__(problem)

    def __str__(self) -> str:
        """The problem, and the threshold with the wrong part underlined."""
        shown = "".join(character if character.isprintable() else " " for character in self.text)
        return f"{self.problem}\n    {shown}\n    {' ' * self.start}{'^' * (self.end - self.start)}"


def nearest(word: str, known: Iterable[str]) -> str:
    """`. Did you mean 'x'?` for the known word that resembles `word` most; a full stop if none does."""
    by_lower = {name.lower(): name for name in known}
    close = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return f". Did you mean '{by_lower[close[0]]}'?" if close else "."
