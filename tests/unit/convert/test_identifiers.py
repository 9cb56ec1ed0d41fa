"""Names made of any text."""

from __future__ import annotations

import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locust_rs import FastHttpUser, HttpUser, SequentialTaskSet
from locust_rs.convert.identifiers import class_name, free_name, snake_name, upper_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("my recording (1)", "MyRecording1User"),
        ("shop.example.com", "ShopExampleComUser"),
        ("2024-01-31", "Recorded20240131User"),
        ("日本 の 店", "日本の店User"),
        ("", "RecordedUser"),
        ("???", "RecordedUser"),
        ("checkoutUser", "CheckoutUser"),
        ("x" * 100, "X" + "x" * 47 + "User"),
        ("class", "ClassUser"),
    ],
)
def test_classes_are_named_after_files(text: str, name: str) -> None:
    assert class_name(text) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Add to cart", "add_to_cart"),
        ("getUserById", "get_user_by_id"),
        ("GET /v1/users", "get_v1_users"),
        ("import", "import_"),
        ("1st", "n_1st"),
        ("⚡", ""),
        ("x²", "x2"),
    ],
)
def test_functions_are_named_after_titles(text: str, name: str) -> None:
    assert snake_name(text) == name


@given(st.text())
def test_every_name_is_an_identifier(text: str) -> None:
    assert class_name(text).isidentifier()
    for name in (snake_name(text), upper_name(text)):
        assert name == "" or (name.isidentifier() and not keyword.iskeyword(name))
    assert upper_name(text).isascii()


def test_a_taken_name_gets_a_number() -> None:
    taken: set[str] = set()
    assert [free_name("list", taken) for _ in range(3)] == ["list", "list_2", "list_3"]
    assert [free_name("stop", taken) for _ in range(2)] == ["stop_", "stop_2"]


@pytest.mark.parametrize("owner", [HttpUser, FastHttpUser, SequentialTaskSet], ids=lambda owner: owner.__name__)
def test_no_task_hides_what_its_class_has(owner: type) -> None:
    names = {name for name in (*dir(owner), *getattr(owner, "__annotations__", {})) if not name.startswith("_")}
    assert {free_name(name, set()) for name in names}.isdisjoint(names)
