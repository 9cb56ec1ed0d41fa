"""Parts of modules and classes that can be replaced: functions, methods and data, found rather than listed."""

from __future__ import annotations

import gc
import socket
import sys
from collections.abc import Collection, Iterable, Iterator
from enum import Enum
from functools import partial, partialmethod
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

_ABSENT: Any = object()
_DATA = (bool, int, float, str, bytes, tuple, frozenset, type(None))
_CONTAINERS = (list, dict, set)
_METHODS = (FunctionType, staticmethod, classmethod, property)
_NOT_WORK = frozenset(["__annotate__", "__annotate_func__", "__class_getitem__", "__init_subclass__", "_abc_impl"])
_ACCESS = ("__getattribute__", "__getattr__", "__setattr__", "__delattr__", "__init__", "__call__")
_HEAP_TYPE, _IMMUTABLE_TYPE = 1 << 9, 1 << 8

_HOMES = frozenset(
    ["requests", "urllib3", "geventhttpclient", "gevent", "greenlet", "locust_rs", "certifi", "idna",
     "charset_normalizer", "chardet", "typing_extensions", "brotli", "_brotli", "brotlicffi", "zstandard", "backports"]
)  # fmt: skip
_AS_RELEASED = {
    "http.client.HTTPConnection._http_vsn": 11,
    "http.client.HTTPConnection._http_vsn_str": "HTTP/1.1",
    "http.client.HTTPConnection.debuglevel": 0,
    "urllib3.connection.HTTPConnection.default_socket_options": [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
}
"""Data that recipes may have changed before the parts are looked for."""


class Part(NamedTuple):
    """A name in a module or class, and what it stood for when it was found."""

    holder: ModuleType | type
    name: str
    names: dict[str, Any]
    """The real dictionary of the owner, which changes with it."""
    value: Any
    """The original; `_ABSENT` for a name that is inherited."""
    copy: Any
    """Data and the contents of containers, as they are without anybody's changes."""
    was_foreign: bool
    """Somebody had replaced it before it was found."""

    @property
    def owner(self) -> str:
        """What the module or class is called."""
        return path_of(self.holder)

    def __str__(self) -> str:
        return f"{self.owner}.{self.name}"

    @property
    def is_inherited(self) -> bool:
        """The class does not have the name itself, but one of its bases may."""
        return self.value is _ABSENT

    @property
    def is_container(self) -> bool:
        """Whether it can be changed in place."""
        return isinstance(self.value, _CONTAINERS)

    @property
    def is_option(self) -> bool:
        """Whether it is meant to be changed in place: others are looked at only when something else has changed."""
        return self.is_container and not self.name.startswith("_")

    def as_it_is(self) -> Part:
        """The same name with what stands for it now as the original."""
        value = self.names.get(self.name, _ABSENT)
        return self._replace(value=value, copy=value.copy() if isinstance(value, _CONTAINERS) else value)

    def is_replaced(self) -> bool:
        """Whether it is another one now, or has other contents."""
        value = self.names.get(self.name, _ABSENT)
        if self.was_foreign:
            return _is_foreign(value)
        if self.is_container:
            return value is not self.value or bool(value != self.copy)
        if isinstance(self.copy, _DATA):
            return type(value) is not type(self.copy) or value != self.copy
        if value is self.value:
            return False
        # A module may have put another function of its own there: urllib3 chooses how it waits when it first does.
        # And gevent may patch the standard library at any time.
        is_by_gevent = _is_of_gevent(value) and not _is_of_gevent(self.value)
        return getattr(value, "__globals__", None) is not self.names and not is_by_gevent


def of_module(module: ModuleType) -> Iterator[Part]:
    """The names of a module, and those of its classes."""
    names = vars(module)
    for name, value in list(names.items()):
        if not _is_dunder(name):
            yield _part(module, name, names, value)
    for value in _classes(module):
        yield from of_class(value)


def of_names(module: ModuleType, chosen: Iterable[str]) -> Iterator[Part]:
    """Some names of a module, and the methods of those that are classes."""
    names = vars(module)
    for name in chosen:
        value = names.get(name, _ABSENT)
        if value is not _ABSENT:
            yield _part(module, name, names, value)
        for base in value.__mro__ if isinstance(value, type) else ():
            yield from _methods(base, ())


def of_class(kind: type) -> Iterator[Part]:
    """The names of a class, and those that it inherits, which it may be given."""
    names = real_dict(kind)
    if names is None:
        return
    for name, value in list(names.items()):
        if name not in _NOT_WORK and (isinstance(value, _METHODS) or not _is_dunder(name)):
            yield _part(kind, name, names, value)
    yield from _inherited(kind, names, ())


def methods_of_class(kind: type, entries: Collection[str]) -> Iterator[Part]:
    """The methods of one of Locust's own classes, without those that are called by every request anyway."""
    yield from _methods(kind, entries)
    names = real_dict(kind)
    if names is not None:
        yield from _inherited(kind, names, entries)


def real_dict(kind: type) -> dict[str, Any] | None:
    """The dictionary behind `vars(kind)`; None if nobody can change it."""
    if not kind.__flags__ & _HEAP_TYPE or kind.__flags__ & _IMMUTABLE_TYPE:
        return None
    (names,) = gc.get_referents(kind.__dict__)
    return names if type(names) is dict else None


def path_of(holder: ModuleType | type) -> str:
    """What a module or class is called."""
    return f"{holder.__module__}.{holder.__qualname__}" if isinstance(holder, type) else holder.__name__


def _methods(kind: type, without: Collection[str]) -> Iterator[Part]:
    names = real_dict(kind)
    for name, value in list((names or {}).items()):
        if name not in _NOT_WORK and name not in without and isinstance(value, _METHODS):
            yield _part(kind, name, names or {}, value)


def _inherited(kind: type, names: dict[str, Any], without: Collection[str]) -> Iterator[Part]:
    given = {name for base in kind.__mro__[1:-1] for name, value in vars(base).items() if isinstance(value, _METHODS)}
    for name in sorted({*given, *_ACCESS} - names.keys() - _NOT_WORK - {*without}):
        yield Part(kind, name, names, _ABSENT, _ABSENT, False)


def _classes(module: ModuleType) -> Iterator[type]:
    for value in {id(value): value for value in vars(module).values()}.values():
        is_own = isinstance(value, type) and value.__module__ == module.__name__
        if is_own and not issubclass(value, (BaseException, Enum)) and "_make" not in vars(value):  # a named tuple
            yield value


def _part(holder: ModuleType | type, name: str, names: dict[str, Any], value: Any) -> Part:
    copy = value.copy() if isinstance(value, _CONTAINERS) else value
    return Part(holder, name, names, value, _AS_RELEASED.get(f"{path_of(holder)}.{name}", copy), _is_foreign(value))


def _is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _is_foreign(value: Any) -> bool:
    """Whether a function or class comes from elsewhere than the libraries, such as a tracer's wrapper."""
    if isinstance(value, (partial, partialmethod)):
        return True
    if isinstance(value, type) and issubclass(value, BaseException):
        return False  # some are native, and say nothing of where they are from
    top = (_home(value) or "builtins").partition(".")[0]
    return top == "unittest" or (top not in _HOMES and top not in sys.stdlib_module_names)


def _home(value: Any) -> str | None:
    """The module that the code of a value is from; None for data."""
    if isinstance(value, (staticmethod, classmethod)):
        value = value.__func__
    elif isinstance(value, property):
        value = value.fget
    if isinstance(value, FunctionType):
        return str(value.__globals__.get("__name__"))
    if isinstance(value, type):
        return value.__module__
    return type(value).__module__ if callable(value) and value is not _ABSENT else None


def _is_of_gevent(value: Any) -> bool:
    return (_home(value) or "").partition(".")[0] == "gevent"
