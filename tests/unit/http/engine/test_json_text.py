"""`json_text`: the JSON of ordinary objects is what `json.dumps` makes, and all others are left to it."""

from __future__ import annotations

import json
from collections import OrderedDict
from enum import IntEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locust_rs._core import json_text

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
OBJECTS = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=20,
)


@given(OBJECTS)
def test_it_is_the_text_of_json_dumps_or_none(value: Any) -> None:
    text = json_text(value)
    assert text is None or text == json.dumps(value)


@pytest.mark.parametrize(
    "value",
    [
        {"name": "kettle", "quantity": 3, "tags": ["a", "b"], "price": 19.99, "gift": None, "new": True},
        [],
        {},
        (1, (2, [])),
        'quoted " \\ / \b\f\n\r\t \x00 \x7f é € 😀 \u2028',
        [0.1, -0.0, 1e300, 1e-7, 123456789.123456789, -5, 2**62],
    ],
    ids=["object", "empty list", "empty object", "tuples", "text", "numbers"],
)
def test_ordinary_objects_are_written_natively(value: Any) -> None:
    assert json_text(value) == json.dumps(value)


class Colour(IntEnum):
    RED = 1


ENDLESS: list[Any] = []
ENDLESS += [ENDLESS, ENDLESS]


@pytest.mark.parametrize(
    "value",
    [object(), float("nan"), float("inf"), 2**70, {1: "a"}, {None: 1}, OrderedDict(a=1), Colour.RED, "\ud800",
     [{"a": {1, 2}}], b"bytes", ENDLESS],
    ids=["object", "nan", "infinity", "large", "number as key", "none as key", "ordered", "enum", "surrogate", "set",
         "bytes", "endless"],
)  # fmt: skip
def test_others_are_left_to_json(value: Any) -> None:
    assert json_text(value) is None


@pytest.mark.parametrize("name", ["dumps", "_default_encoder"])
def test_a_replaced_part_of_json_is_asked(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert json_text({"a": 1}) == '{"a": 1}'
    monkeypatch.setattr(json, name, lambda value: "the user's own")
    assert json_text({"a": 1}) is None
    monkeypatch.undo()
    assert json_text({"a": 1}) == '{"a": 1}'


@pytest.mark.parametrize("name", ["encode", "iterencode"])
def test_a_replaced_method_of_the_encoder_is_asked(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json.JSONEncoder, name, lambda self, value: "the user's own")
    assert json_text({"a": 1}) is None
