"""Header lines as they go on the wire, kept for the header combinations that a session has sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_MOST_BLOCKS = 256


class HeaderBlocks(dict[tuple[tuple[Any, Any], ...], Any]):
    """A cache from `tuple(headers.items())` to what `make` prepares of those headers, at most 256 of them.

    The values decide, not the identity of the dictionary: users keep one dictionary and edit it after the login.
    A value that is not hashable raises TypeError.
    """

    def __init__(self, make: Callable[[dict[Any, Any]], Any]) -> None:
        self._make = make

    def __missing__(self, key: tuple[tuple[Any, Any], ...]) -> Any:
        if len(self) >= _MOST_BLOCKS:
            self.clear()
        block = self[key] = self._make(dict(key))
        return block
