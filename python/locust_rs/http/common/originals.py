"""Whether the libraries whose work the engine does are as they came.

Recipes replace parts of them: an own resolver, IPv4 only, a proxy under every socket, a tracer, an option of
sockets. `Originals` remembers every part when the package is imported, and knows at any later time which of them is
another one. Until it is the same again, requests go through the library, where the replacement takes effect.

Asking costs a native comparison of version numbers; the parts themselves are looked at only after a change.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import ModuleType

from locust_rs import _core
from locust_rs.http.common import parts
from locust_rs.http.common.parts import Part


class Originals:
    """The parts of one client's library. One for all sessions of a client; made when the client is imported."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.touched: Part | None = None
        """The first part that is not the original; None: all are."""
        self.version = -1
        """The watch's when the parts were last looked at."""
        self.watch = _core.DictWatch([], [], [])

    def take(self, found: Iterable[Part]) -> None:
        """Remembers parts as they are now."""
        self.parts = list(found)
        dicts = {id(part.names): part.names for part in self.parts}
        held = {id(part.value): part.value for part in self.parts if part.is_option}
        dicts |= {key: value for key, value in held.items() if isinstance(value, dict)}
        lists = [value for value in held.values() if isinstance(value, list)]
        sets = [value for value in held.values() if isinstance(value, set)]
        self.watch = _core.DictWatch(list(dicts.values()), lists, sets)
        self._look()

    @contextmanager
    def accepting(self) -> Iterator[None]:
        """Parts that are replaced within the block count as originals from then on: requests stay on the engine."""
        before = [part.is_replaced() for part in self.parts]
        yield
        self.parts = [
            part.as_it_is() if part.is_replaced() and not was else part
            for part, was in zip(self.parts, before, strict=True)
        ]
        self._look()

    def are_touched(self) -> bool:
        """Whether somebody has replaced a part."""
        if self.watch.version() != self.version:
            self._look()
        return self.touched is not None

    def look_without_watch(self) -> None:
        """Looks at the parts on interpreters that do not tell when they change; for whoever makes a session."""
        if not self.watch.sees_dicts:
            self._look()

    def _look(self) -> None:
        # The version first: what is changed while the parts are looked at is looked at again.
        self.version = self.watch.version()
        self.touched = next((part for part in self.parts if part.is_replaced()), None)


def parts_of(modules: Iterable[ModuleType], connections: Iterable[tuple[ModuleType, Iterable[str]]]) -> list[Part]:
    """All parts of whole modules, and those of others that connections are made by."""
    whole = [part for module in modules for part in parts.of_module(module)]
    return [*whole, *(part for module, names in connections for part in parts.of_names(module, names))]
