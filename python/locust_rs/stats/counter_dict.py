"""Dictionaries over native counters: `entry.response_times[120] += 1` works as on an ordinary dictionary."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class LiveDict(dict[K, V]):
    """A dictionary that shows the counts of a row, and through which they can be changed.

    The content is reloaded whenever the row has changed since the last access, and stored after every change.

    Args:
        load: Fetches the content.
        store: Writes changed content back.
        stamp: A number that changes with the content.
        default: Value of missing keys, which reading does not add; None: reading one raises KeyError.
    """

    __slots__ = ("_default", "_load", "_seen", "_stamp", "_store")

    def __init__(
        self,
        load: Callable[[], dict[K, V]],
        store: Callable[[dict[K, V]], None],
        stamp: Callable[[], int],
        default: V | None = None,
    ) -> None:
        super().__init__()
        self._load, self._store, self._stamp, self._default = load, store, stamp, default
        self._seen = -1
        self._refresh()

    def __missing__(self, key: K) -> V:
        if self._default is None:
            raise KeyError(key)
        return self._default

    def __reduce__(self) -> tuple[Any, ...]:
        # A copy, also between processes, is a plain dictionary.
        return dict, (self.copy(),)

    def _refresh(self) -> None:
        stamp = self._stamp()
        if stamp != self._seen:
            self._seen = stamp
            dict.clear(self)
            dict.update(self, self._load())


def _popitem(self: LiveDict[Any, Any], last: bool = True) -> tuple[Any, Any]:
    """Removes the newest item, or the oldest one, as an OrderedDict does."""
    for key in reversed(self) if last else self:
        return key, self.pop(key)
    raise KeyError("popitem(): dictionary is empty")


def _reading(name: str) -> Callable[..., Any]:
    look: Callable[..., Any] = getattr(dict, name)

    def method(self: LiveDict[Any, Any], *args: Any) -> Any:
        self._refresh()
        return look(self, *args)

    return method


def _writing(name: str) -> Callable[..., Any]:
    change: Callable[..., Any] = getattr(dict, name)

    def method(self: LiveDict[Any, Any], *args: Any, **kwargs: Any) -> Any:
        self._refresh()
        result = change(self, *args, **kwargs)
        self._store(dict.copy(self))
        self._seen = self._stamp()
        return result

    return method


for _name in (
    *("__contains__", "__eq__", "__getitem__", "__iter__", "__len__", "__ne__", "__or__", "__repr__"),
    *("__reversed__", "__ror__", "copy", "get", "items", "keys", "values"),
):
    setattr(LiveDict, _name, _reading(_name))
for _name in ("__delitem__", "__ior__", "__setitem__", "clear", "pop", "setdefault", "update"):
    setattr(LiveDict, _name, _writing(_name))
LiveDict.popitem = _popitem  # type: ignore[method-assign,assignment]
