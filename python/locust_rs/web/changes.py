"""Remembers which rows of a table changed in which comparison."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable
from typing import Any, Generic, TypeVar

MAX_REMOVED = 10_000
"""Removed rows that are remembered; the oldest are forgotten first."""

Row = TypeVar("Row")


class ChangeLog(Generic[Row]):
    """The last known rows of one table, each with the number of the comparison that saw it change.

    Any number of clients share it: each of them names the last comparison that it knows.
    """

    def __init__(self) -> None:
        self._rows: dict[Any, tuple[int, object, Row]] = {}
        self._removed: dict[Any, tuple[int, Row]] = {}

    def put(self, key: Hashable, mark: object, make: Callable[[], Row], number: int) -> None:
        """Stores the present row of `key`, which is made only if its mark differs from the previous one."""
        known = self._rows.get(key)
        if known is None:
            self._removed.pop(key, None)
        elif known[1] == mark:
            return
        self._rows[key] = (number, mark, make())

    def keep_only(self, keys: Collection[Hashable], number: int) -> None:
        """Removes the rows whose key is not in `keys`."""
        if len(keys) == len(self._rows):
            # Every key was just put, so equal numbers of keys and rows mean that no row is gone.
            return
        for key in self._rows.keys() - set(keys):
            self._removed[key] = (number, self._rows.pop(key)[2])
        while len(self._removed) > MAX_REMOVED:
            del self._removed[next(iter(self._removed))]

    def changed_after(self, number: int) -> list[Row]:
        """Rows that are new or differ since comparison `number`."""
        return [row for changed_at, _, row in self._rows.values() if changed_at > number]

    def removed_after(self, number: int) -> dict[Any, Row]:
        """The rows that were removed since comparison `number`, in their last state."""
        return {key: row for key, (removed_at, row) in self._removed.items() if removed_at > number}
