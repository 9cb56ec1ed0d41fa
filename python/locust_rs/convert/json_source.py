"""JSON and YAML documents that are read key by key, so that every complaint has a JSON pointer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from locust_rs.convert.errors import SourceError
from locust_rs_installation import install_command

_LARGEST = 1e15
"""No number of a document has a meaning beyond; larger ones would only cost memory."""

_DEEPEST = 200

_KINDS = {dict: "an object", list: "a list", str: "a text", int: "a number", float: "a number", bool: "true or false"}

_YAML_SCALARS = (
    ("bool", re.compile(r"(?:true|True|TRUE|false|False|FALSE)$"), "tTfF"),
    ("int", re.compile(r"[-+]?(?:0|[1-9][0-9]*)$"), "-+0123456789"),
    ("float", re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?$"), "-+.0123456789"),
)


@dataclass(frozen=True)
class Node:
    """A value and where it stands in its document."""

    value: Any
    pointer: str = ""

    def error(self, problem: str) -> SourceError:
        """An error at this value."""
        return SourceError(problem, self.pointer)

    def child(self, key: str | int) -> Node:
        """The value below a key that exists."""
        escaped = str(key).replace("~", "~0").replace("/", "~1")
        return Node(self.value[key], f"{self.pointer}/{escaped}")

    def get(self, key: str) -> Node | None:
        """The value below a key; None where there is none, or null."""
        return self.child(key) if self.object().get(key) is not None else None

    def need(self, key: str) -> Node:
        """The value below a key that must be there."""
        found = self.get(key)
        if found is None:
            raise self.error(f"{key!r} is missing")
        return found

    def object(self) -> dict[str, Any]:
        """The value, which must be an object."""
        found: dict[str, Any] = self._checked(dict)
        return found

    def elements(self) -> list[Node]:
        """The values of what must be a list."""
        return [self.child(index) for index in range(len(self._checked(list)))]

    def members(self) -> Iterator[tuple[str, Node]]:
        """Keys and values of what must be an object."""
        for key in self.object():
            yield str(key), self.child(key)

    def text(self) -> str:
        """The value, which must be a text."""
        return str(self._checked(str))

    def number(self) -> float:
        """The value, which must be a number."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            raise self.error(f"expected a number, found {_kind(self.value)}")
        if not abs(self.value) <= _LARGEST:
            raise self.error("this number is too large")
        return self.value

    def text_of(self, key: str, default: str = "") -> str:
        """The text below a key, or the default where there is none."""
        found = self.get(key)
        return default if found is None else found.text()

    def list_of(self, key: str) -> list[Node]:
        """The list below a key; empty where there is none."""
        found = self.get(key)
        return [] if found is None else found.elements()

    def flag(self, key: str) -> bool:
        """Whether the value below a key is true."""
        return self.object().get(key) is True

    def _checked(self, kind: type) -> Any:
        if not isinstance(self.value, kind):
            raise self.error(f"expected {_KINDS[kind]}, found {_kind(self.value)}")
        return self.value


def _kind(value: object) -> str:
    return "null" if value is None else _KINDS.get(type(value), type(value).__name__)


def read_json(text: str) -> Node:
    """Parses a JSON document.

    Raises:
        SourceError: With line and column.
    """
    try:
        return _shallow(json.loads(text, parse_constant=_no_constant))
    except json.JSONDecodeError as error:
        raise SourceError(f"not valid JSON: {error.msg}", f"{error.lineno}:{error.colno}") from error
    except RecursionError as error:
        raise SourceError("not valid JSON: nested too deeply") from error
    except ValueError as error:
        raise SourceError(f"not valid JSON: {error}") from error


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def is_deeper(value: object, levels: int) -> bool:
    """Whether lists and objects are nested deeper than this, or contain themselves as YAML allows it."""
    level = {id(value): value}
    for _ in range(levels):
        inner = [list(each.values()) if isinstance(each, dict) else each for each in level.values()]
        level = {id(each): each for each in (item for part in inner if isinstance(part, list) for item in part)}
        if not level:
            return False
    return any(isinstance(each, dict | list) for each in level.values())


def _shallow(value: object) -> Node:
    if is_deeper(value, _DEEPEST):
        raise SourceError(f"nested too deeply: more than {_DEEPEST} levels")
    return Node(value)


def read_yaml(text: str) -> Node:
    """Parses a YAML document; dates stay texts.

    Raises:
        SourceError: With line and column, or because PyYAML is not installed.
    """
    try:
        import yaml
    except ModuleNotFoundError as error:
        command = install_command("convert") or "pip install pyyaml"
        raise SourceError(f"YAML needs the package PyYAML; install it with: {command}, or give JSON") from error

    class Loader(yaml.SafeLoader):
        pass

    # As YAML 1.2 and JSON have them: `on`, `010`, `12:30:00` and dates are texts.
    untouched = {"tag:yaml.org,2002:null", "tag:yaml.org,2002:merge"}
    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag in untouched]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    for kind, pattern, first in _YAML_SCALARS:
        Loader.add_implicit_resolver(f"tag:yaml.org,2002:{kind}", pattern, list(first))
    try:
        return _shallow(yaml.load(text, Loader))  # a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        position = f"{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise SourceError(f"not valid YAML: {error.problem or error.context}", position) from error
    except (yaml.YAMLError, ValueError) as error:
        raise SourceError(f"not valid YAML: {error}") from error
    except RecursionError as error:
        raise SourceError("not valid YAML: nested too deeply") from error
