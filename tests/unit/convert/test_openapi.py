"""OpenAPI's parameters in their styles, and samples of its schemas."""

from __future__ import annotations

from typing import Any

import pytest

from locust_rs.convert.json_source import Node
from locust_rs.convert.readers.openapi_parameters import Parameter, serialized
from locust_rs.convert.readers.openapi_samples import Samples

LIST: Any = ["blue", "b/k"]
OBJECT: Any = {"R": 100, "G": True}


@pytest.mark.parametrize(
    ("place", "style", "explode", "value", "written"),
    [
        ("path", "simple", False, 5, "5"),
        ("path", "simple", False, LIST, "blue,b%2Fk"),
        ("path", "simple", False, OBJECT, "R,100,G,true"),
        ("path", "simple", True, OBJECT, "R=100,G=true"),
        ("path", "label", False, LIST, ".blue,b%2Fk"),
        ("path", "label", True, LIST, ".blue.b%2Fk"),
        ("path", "matrix", False, LIST, ";c=blue,b%2Fk"),
        ("path", "matrix", True, LIST, ";c=blue;c=b%2Fk"),
        ("path", "matrix", True, OBJECT, ";R=100;G=true"),
        ("query", "form", True, LIST, "c=blue&c=b%2Fk"),
        ("query", "form", False, LIST, "c=blue,b%2Fk"),
        ("query", "form", True, OBJECT, "R=100&G=true"),
        ("query", "form", True, "a b&c", "c=a%20b%26c"),
        ("query", "spaceDelimited", False, LIST, "c=blue%20b%2Fk"),
        ("query", "pipeDelimited", False, LIST, "c=blue%7Cb%2Fk"),
        ("query", "deepObject", True, OBJECT, "c[R]=100&c[G]=true"),
        ("header", "simple", False, LIST, "blue,b/k"),
        ("cookie", "form", True, 5, "c=5"),
    ],
)
def test_parameters_are_written_in_their_style(place: str, style: str, explode: bool, value: Any, written: str) -> None:
    assert serialized(Parameter("c", place, style, explode, True, value)) == written


@pytest.mark.parametrize(
    ("schema", "sample"),
    [
        ({"type": "integer"}, 1),
        ({"type": "integer", "minimum": 5, "exclusiveMinimum": True}, 6),
        ({"type": "integer", "exclusiveMinimum": 5}, 6),
        ({"type": "integer", "maximum": -3}, -3),
        ({"type": "integer", "minimum": 1, "multipleOf": 5}, 5),
        ({"type": "number", "minimum": 0.5}, 0.5),
        ({"type": "string", "format": "date"}, "2024-01-31"),
        ({"type": "string", "maxLength": 2}, "te"),
        ({"type": ["null", "boolean"]}, True),
        ({"type": "null"}, None),
        ({"enum": ["b", "a"]}, "b"),
        ({"example": 7, "enum": [1]}, 7),
        ({"type": "array", "items": {"type": "integer"}, "minItems": 2}, [1, 1]),
        ({"anyOf": [{"type": "integer"}, {"type": "string"}]}, 1),
        (
            {"allOf": [{"properties": {"a": {"type": "integer"}}}, {"properties": {"b": {"const": 2}}}]},
            {"a": 1, "b": 2},
        ),
        ({"properties": {"a": {"type": "integer"}, "b": {"type": "array"}}}, {"a": 1}),
        ({"properties": {"a": {"readOnly": True}, "b": {"type": "boolean"}}, "required": ["a", "b"]}, {"b": True}),
        ({}, "text"),
        (True, {}),
    ],
)
def test_samples_fit_their_schema(schema: Any, sample: Any) -> None:
    assert Samples(Node({})).sample(Node(schema)) == sample


def test_a_schema_that_contains_itself_ends() -> None:
    names = [f"child{number}" for number in range(9)]
    schema = {"type": "object", "required": names, "properties": {name: {"$ref": "#/s"} for name in names}}
    document = Node({"s": schema})
    assert Samples(document).sample(document.child("s")) == {name: {} for name in names}


def test_keys_of_all_parts_are_required_except_those_that_are_only_written() -> None:
    schema = {
        "allOf": [{"required": ["a"]}, {"required": ["b", "a"]}],
        "required": ["secret"],
        "properties": {"secret": {"writeOnly": True}},
    }
    assert Samples(Node({})).required_keys(Node(schema)) == ("a", "b")
