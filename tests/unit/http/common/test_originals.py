"""`DictWatch` has another version after each change, and `Originals` says which part is another one."""

from __future__ import annotations

import functools
import gc
import types
from collections.abc import Callable
from typing import Any

import pytest

from locust_rs import _core
from locust_rs.http.common.originals import Originals, parts_of

SOURCE = """
options, table, names = [1], {"a": 1}, {"a"}

def function():
    return "original"

class Kind:
    attribute = 1

    def method(self):
        return "original"
"""


CHANGES: dict[str, Callable[[Any], object]] = {
    "a function of a module": lambda module: setattr(module, "function", lambda: None),
    "a new name of a module": lambda module: setattr(module, "new", 1),
    "a name taken away": lambda module: delattr(module, "function"),
    "a method": lambda module: setattr(module.Kind, "method", lambda self: "patched"),
    "an item appended": lambda module: module.options.append(2),
    "an item replaced": lambda module: module.options.__setitem__(0, object()),
    "a key added": lambda module: module.table.update(b=2),
    "an element added": lambda module: module.names.add("b"),
}


@pytest.fixture
def module() -> types.ModuleType:
    """A module with a part of each kind."""
    made = types.ModuleType("urllib3.made")  # as one of a library; others' functions count as replacements
    exec(SOURCE, vars(made))
    return made


def watch_of(module: Any) -> _core.DictWatch:
    """A watch of all that is in the module."""
    (names,) = gc.get_referents(module.Kind.__dict__)
    return _core.DictWatch([vars(module), names, module.table], [module.options], [module.names])


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_version_is_another_one_after_a_change(change: Callable[[Any], object], module: Any) -> None:
    watch = watch_of(module)
    assert watch.sees_dicts
    before = watch.version()
    assert watch.version() == before
    change(module)
    after = watch.version()
    assert after != before
    assert watch.version() == after


def test_looking_changes_no_version(module: Any) -> None:
    watch = watch_of(module)
    before = watch.version()
    assert module.Kind().method() == "original"
    module.Kind().own = 1
    assert watch.version() == before


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_originals_name_what_was_replaced(change: Callable[[Any], object], module: Any) -> None:
    originals = Originals()
    originals.take(parts_of([module], ()))
    assert not originals.are_touched()
    change(module)
    is_new_name = hasattr(module, "new")  # which replaces nothing
    assert originals.are_touched() != is_new_name
    if not is_new_name:
        assert str(originals.touched).startswith("urllib3.made.")


def test_a_wrapper_from_before_counts_until_it_is_taken_away(module: Any) -> None:
    original = module.Kind.method
    wrapper = types.FunctionType(original.__code__, {"__name__": "tracer"})
    module.Kind.method = functools.wraps(original)(wrapper)
    originals = Originals()
    originals.take(parts_of([module], ()))
    assert str(originals.touched) == "urllib3.made.Kind.method"
    module.Kind.method = functools.partialmethod(original)
    assert originals.are_touched()
    module.Kind.method = types.FunctionType(original.__code__, {"__name__": "urllib3.connection"})
    assert not originals.are_touched()
