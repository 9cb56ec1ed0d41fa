"""Which rows of a table changed after which comparison."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any

MAX_REMOVED = 10_000
"""Removed rows that are remembered; the oldest are forgotten first."""


class ChangeLog:
    """The last known rows of one table, each with the number of the comparison that saw it change.

    Any number of clients share it: each tells the number up to which it knows.
    """

    def __init__(self) -> None:
        self._rows: dict[Hashable, tuple[int, dict[str, Any]]] = {}
        self._removed: dict[Hashable, tuple[int, dict[str, Any]]] = {}

    def __contains__(self, key: Hashable) -> bool:
        return key in self._rows

    def put(self, key: Hashable, row: dict[str, Any], number: int) -> None:
        """Notes the present row of `key`."""
        known = self._rows.get(key)
        if known is None:
            self._removed.pop(key, None)
        elif known[1] == row:
            return
        self._rows[key] = (number, row)

    def keep_only(self, keys: Iterable[Hashable], number: int) -> None:
        """Removes the rows that are gone."""
        for key in self._rows.keys() - set(keys):
            self._removed[key] = (number, self._rows.pop(key)[1])
        while len(self._removed) > MAX_REMOVED:
            del self._removed[next(iter(self._removed))]

    def changed_after(self, number: int) -> list[dict[str, Any]]:
        """Rows that are new or differ since comparison `number`."""
        return [row for changed_at, row in self._rows.values() if changed_at > number]

    def removed_rows_after(self, number: int) -> list[dict[str, Any]]:
        """The last state of the rows that are gone since comparison `number`."""
        return [row for removed_at, row in self._removed.values() if removed_at > number]
