"""Samples of what a schema describes: its example if there is one, else the simplest value that fits."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from locust_rs.convert.json_source import Node

_DEEPEST = 12
_MOST_REFERENCES = 50
_MOST_ITEMS = 100
_LONGEST_TEXT = 10_000

_FORMATS = {
    "date": "2024-01-31",
    "date-time": "2024-01-31T12:00:00Z",
    "time": "12:00:00Z",
    "duration": "P1D",
    "uuid": "3fa85f64-5717-4562-b3fc-2c963f66afa6",
    "email": "user@example.com",
    "idn-email": "user@example.com",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "byte": "AA==",
    "binary": "content",
    "password": "password",
}


class Samples:
    """Follows references within a document and makes values for its schemas."""

    def __init__(self, document: Node) -> None:
        self._document = document

    def resolved(self, node: Node) -> Node:
        """The node itself, or what its `$ref` points to.

        Raises:
            SourceError: The reference leads nowhere, in a circle, or to another file.
        """
        start = node
        for _ in range(_MOST_REFERENCES):
            reference = node.object().get("$ref")
            if reference is None:
                return node
            node = self._target(node.child("$ref"))
        raise start.error("these references go in a circle")

    def _target(self, reference: Node) -> Node:
        pointer = reference.text()
        if not pointer.startswith("#"):
            raise reference.error(f"{pointer!r} is in another file: bundle the description into one")
        node = self._document
        for key in pointer.removeprefix("#").split("/")[1:]:
            key = unquote(key).replace("~1", "/").replace("~0", "~")
            if isinstance(node.value, list) and key.isdecimal() and int(key) < len(node.value):
                node = node.child(int(key))
            elif isinstance(node.value, dict) and key in node.value:
                node = node.child(key)
            else:
                raise reference.error(f"{pointer!r} leads nowhere")
        return node

    def example(self, node: Node) -> Any:
        """What a media type or a parameter gives as example, else a sample of its schema."""
        if "example" in node.object():
            return node.value["example"]
        examples = node.get("examples")
        if examples is not None and isinstance(examples.value, dict) and examples.value:
            first = self.resolved(next(iter(examples.members()))[1])
            if "value" in first.object():
                return first.value["value"]
        schema = node.get("schema")
        return self.sample(schema) if schema is not None else None

    def has_example(self, node: Node) -> bool:
        """Whether there is a value that the description itself names."""
        schema = node.get("schema")
        inside = self.resolved(schema).object() if schema is not None else {}
        return any(key in node.object() for key in ("example", "examples")) or any(
            key in inside for key in ("example", "examples", "default")
        )

    def sample(self, schema: Node, within: tuple[str, ...] = ()) -> Any:
        """A value that fits a schema.

        Args:
            schema: The schema, or a reference to it.
            within: Pointers of the schemas that it is a part of; one that contains itself gets an empty value.
        """
        if isinstance(schema.value, bool):
            return {}
        schema = self.resolved(schema)
        keywords = schema.object()
        if schema.pointer in within:
            return [] if _type(schema) == "array" else {}
        within = (*within, schema.pointer)
        for key in ("example", "default", "const"):
            if key in keywords:
                return keywords[key]
        for key in ("examples", "enum"):
            if isinstance(keywords.get(key), list) and keywords[key]:
                return keywords[key][0]
        for key in ("oneOf", "anyOf"):
            if schema.list_of(key):
                return self._merged(self.sample(schema.list_of(key)[0], within), schema, within)
        if schema.list_of("allOf"):
            merged: Any = None
            for part in schema.list_of("allOf"):
                value = self.sample(part, within)
                merged = (
                    {**merged, **value} if isinstance(merged, dict) and isinstance(value, dict) else value or merged
                )
            return self._merged(merged, schema, within)
        return self._of_type(schema, within)

    def _merged(self, value: Any, schema: Node, within: tuple[str, ...]) -> Any:
        """The sample of an alternative together with the properties beside it."""
        if isinstance(value, dict) and "properties" in schema.object():
            return {**self._object(schema, within), **value}
        return value

    def _of_type(self, schema: Node, within: tuple[str, ...]) -> Any:
        kind = _type(schema)
        if kind == "object":
            return self._object(schema, within)
        if kind == "array":
            items = schema.get("items")
            if items is None:
                return []
            return [self.sample(items, within)] * min(max(int(_number(schema, "minItems", 1)), 1), _MOST_ITEMS)
        if kind in ("integer", "number"):
            return _sample_number(schema, kind)
        if kind == "boolean":
            return True
        if kind == "null":
            return None
        return _sample_text(schema)

    def _object(self, schema: Node, within: tuple[str, ...]) -> dict[str, Any]:
        """Required properties, and those that have an example; without either all that are not nested."""
        properties = schema.get("properties")
        if properties is None:
            return {}
        required = {node.text() for node in schema.list_of("required")}
        sample = {}
        for name, node in properties.members():
            inside = self.resolved(node) if isinstance(node.value, dict) else node
            keywords = inside.value if isinstance(inside.value, dict) else {}
            wanted = (
                name in required or "example" in keywords or (not required and _type(inside) not in ("object", "array"))
            )
            if wanted and keywords.get("readOnly") is not True:
                sample[name] = self.sample(node, within)
        return sample

    def required_keys(self, schema: Node, depth: int = 0) -> tuple[str, ...]:
        """Keys that every object of a schema has."""
        if isinstance(schema.value, bool) or depth > _DEEPEST:
            return ()
        schema = self.resolved(schema)
        keys = [node.text() for node in schema.list_of("required")]
        for part in schema.list_of("allOf"):
            keys += self.required_keys(part, depth + 1)
        properties = schema.get("properties")
        written = {
            name
            for name, node in (properties.members() if properties is not None else ())
            if isinstance(node.value, dict) and self.resolved(node).flag("writeOnly")
        }
        return tuple(dict.fromkeys(key for key in keys if key not in written))


def _type(schema: Node) -> str:
    """The type; of several the first that is not null; without one, what the keywords suggest."""
    if not isinstance(schema.value, dict):
        return "object"
    kind = schema.value.get("type")
    if isinstance(kind, list):
        kind = next((each for each in kind if each != "null"), "null")
    if isinstance(kind, str):
        return kind
    return "object" if "properties" in schema.value else "array" if "items" in schema.value else "string"


def _number(schema: Node, key: str, default: float) -> float:
    found = schema.get(key)
    return default if found is None or isinstance(found.value, bool) else found.number()


def _sample_text(schema: Node) -> str:
    """A text of the format and of an allowed length."""
    text = _FORMATS.get(schema.text_of("format"), "text")
    shortest = min(int(_number(schema, "minLength", 0)), _LONGEST_TEXT)
    longest = int(_number(schema, "maxLength", max(len(text), shortest + len(text))))
    return (text * (shortest // len(text) + 1))[:longest] if len(text) < shortest else text[:longest]


def _sample_number(schema: Node, kind: str) -> float:
    """The smallest allowed number from 1 on, or the largest below it."""
    lowest = _number(schema, "minimum", 1)
    if "exclusiveMinimum" in schema.object():
        exclusive = schema.value["exclusiveMinimum"]
        lowest = (lowest if isinstance(exclusive, bool) else _number(schema, "exclusiveMinimum", 0)) + (
            exclusive is not False
        )
    value = min(
        max(lowest, 1) if "minimum" not in schema.object() else lowest, _number(schema, "maximum", float("inf"))
    )
    step = _number(schema, "multipleOf", 0)
    if step > 0:
        value = -(-value // step) * step
    return int(value) if kind == "integer" or value == int(value) else value
