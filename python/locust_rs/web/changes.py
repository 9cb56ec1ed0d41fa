"""Which rows of a table changed after which comparison."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable
from typing import Any, Generic, TypeVar

MAX_REMOVED = 10_000
"""Removed rows that are remembered; the oldest are forgotten first."""

Row = TypeVar("Row")


class ChangeLog(Generic[Row]):
    """The last known rows of one table, each with the number of the comparison that saw it change.

    Any number of clients share it: each tells the number up to which it knows.
    """

    def __init__(self) -> None:
        self._rows: dict[Any, tuple[int, object, Row]] = {}
        self._removed: dict[Any, tuple[int, Row]] = {}

    def put(self, key: Hashable, mark: object, make: Callable[[], Row], number: int) -> None:
        """Notes the present row of `key`, made only where its mark differs from the one before."""
        known = self._rows.get(key)
        if known is None:
            self._removed.pop(key, None)
        elif known[1] == mark:
            return
        self._rows[key] = (number, mark, make())

    def keep_only(self, keys: Collection[Hashable], number: int) -> None:
        """Removes the rows that are gone."""
        if len(keys) == len(self._rows):
            # Every key was just put, so as many keys as rows means that nothing is gone.
            return
        for key in self._rows.keys() - set(keys):
            self._removed[key] = (number, self._rows.pop(key)[2])
        while len(self._removed) > MAX_REMOVED:
            del self._removed[next(iter(self._removed))]

    def changed_after(self, number: int) -> list[Row]:
        """Rows that are new or differ since comparison `number`."""
        return [row for changed_at, _, row in self._rows.values() if changed_at > number]

    def removed_after(self, number: int) -> dict[Any, Row]:
        """The last state of the rows that are gone since comparison `number`."""
        return {key: row for key, (removed_at, row) in self._removed.items() if removed_at > number}
