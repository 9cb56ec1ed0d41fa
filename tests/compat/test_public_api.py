"""Every public name of Locust 2.47 is there, and can be called as it could be called there.

`tests/vectors/public_api.json` has the names, and for classes and functions their parameters (`name=` where
there is a default). More names, and more optional parameters, are welcome.
"""

from __future__ import annotations

import importlib
import inspect
import json
from pathlib import Path
from typing import Any

import pytest

VECTOR = json.loads((Path(__file__).parents[1] / "vectors" / "public_api.json").read_text())

EXTRA_OF = {
    "locust.contrib.milvus": "pymilvus",
    "locust.contrib.mongodb": "pymongo",
    "locust.contrib.oai": "openai",
    "locust.contrib.qdrant": "qdrant_client",
}
"""Packages that are too large to be installed for the tests alone."""

# typing.Protocol's and typing.NamedTuple's own, which come with the bases.
GENERATED = {"_is_protocol", "_is_runtime_protocol", "_fields", "_field_defaults", "_make", "_replace", "_asdict"}


def module_named(name: str) -> Any:
    if name in EXTRA_OF:
        pytest.importorskip(EXTRA_OF[name])
    return importlib.import_module(name)


@pytest.mark.parametrize(
    ("module", "name"),
    [(module, name) for module, names in VECTOR["names"].items() for name in names],
    ids=lambda value: value,
)
def test_name(module: str, name: str) -> None:
    assert hasattr(module_named(module), name)


FIRST = {"self", "_self", "cls", "instance"}
"""The instance or class itself, whatever it is called."""

CALLABLES = [
    (module, f"{name}.{method}" if method else name, description)
    for module, members in VECTOR["members"].items()
    for name, member in members.items()
    for method, description in (member["methods"].items() if "methods" in member else [("", member)])
    if method not in GENERATED and not (method == "__init__" and "Protocol" in member.get("bases", []))
]


@pytest.mark.parametrize(("module", "path", "expected"), CALLABLES, ids=lambda value: str(value)[:60])
def test_signature(module: str, path: str, expected: dict[str, Any]) -> None:
    target: Any = module_named(module)
    for part in path.split("."):
        target = inspect.getattr_static(target, part) if isinstance(target, type) else getattr(target, part)
    if isinstance(target, type):
        target = inspect.getattr_static(target, "__init__")
    if getattr(target, "__module__", "").startswith("bson"):
        pytest.skip(f"{path} is that of bson, which is installed")
    if expected["kind"] == "classmethod":
        assert isinstance(target, classmethod), f"{path} is no classmethod"
    function = inspect.unwrap(getattr(target, "__func__", target))
    try:
        ours = inspect.signature(function)
    except ValueError:
        pytest.fail(f"{path} has no signature to look at: it needs a text signature")
    problems = incompatibilities(expected["parameters"], ours, without_first=expected["kind"] == "classmethod")
    assert not problems, f"{module}.{path}{ours}: {problems}"


def incompatibilities(expected: list[str], ours: inspect.Signature, without_first: bool) -> list[str]:
    """Calls that the old signature accepts and the new one does not."""
    if set(expected) <= {"self", "*args", "**kwargs"}:
        return []  # a decorator hides what could be passed
    problems = []
    parameters = list(ours.parameters.values())
    kinds = inspect.Parameter
    takes_any_keyword = any(p.kind is kinds.VAR_KEYWORD for p in parameters)
    takes_any_position = any(p.kind is kinds.VAR_POSITIONAL for p in parameters)
    positional = [p for p in parameters if p.kind in (kinds.POSITIONAL_ONLY, kinds.POSITIONAL_OR_KEYWORD)]
    by_name = {p.name: p for p in parameters}
    keyword_only = False
    position = 1 if without_first and expected[:1] != ["cls"] else 0
    for entry in expected:
        name, optional = entry.removesuffix("="), entry.endswith("=")
        if name in ("/", ""):
            continue
        if name.startswith("**"):
            if not takes_any_keyword:
                problems.append(f"no {name}")
            continue
        if name.startswith("*"):
            keyword_only = True
            if name != "*" and not takes_any_position:
                problems.append(f"no {name}")
            continue
        ours_by_name = by_name.get(name)
        if not keyword_only:
            at_place = positional[position] if position < len(positional) else None
            position += 1
            if name in FIRST:
                continue
            if (at_place is None or at_place.name != name) and not takes_any_position:
                problems.append(f"{name} is not at its place")
        if ours_by_name is None:
            if not takes_any_keyword:
                problems.append(f"no {name}")
        elif optional and ours_by_name.default is inspect.Parameter.empty:
            problems.append(f"{name} has no default")
    known = {entry.removesuffix("=") for entry in expected}
    problems += [
        f"{p.name} is new and has no default"
        for p in parameters
        if p.name not in known
        and p.default is inspect.Parameter.empty
        and p.kind in (kinds.POSITIONAL_OR_KEYWORD, kinds.KEYWORD_ONLY)
        and p.name not in FIRST
        and not takes_any_position
    ]
    return problems


ATTRIBUTES = [
    (module, name, attribute)
    for module, members in VECTOR["members"].items()
    for name, member in members.items()
    for attribute in (*member.get("attributes", ()), *member.get("properties", ()))
    if attribute not in GENERATED
]


@pytest.mark.parametrize(("module", "name", "attribute"), ATTRIBUTES)
def test_class_attribute(module: str, name: str, attribute: str) -> None:
    cls = getattr(module_named(module), name)
    declared = any(attribute in inspect.get_annotations(base) for base in cls.__mro__)
    assert declared or hasattr(cls, attribute)


def test_all_of_the_facade_can_be_imported() -> None:
    names: dict[str, Any] = {}
    exec("from locust import *", names)
    assert set(VECTOR["names"]["locust"]) - set(names) <= {"urllib3", "__all__"}
