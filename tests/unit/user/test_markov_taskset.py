"""MarkovTaskSet: walking the chain, and what makes a chain invalid."""

from __future__ import annotations

import random
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest

from locust_rs.env import Environment
from locust_rs.user import User, tag
from locust_rs.user.markov_taskset import (
    InvalidTransitionError,
    MarkovTaskSet,
    MarkovTaskTagError,
    NoMarkovTasksError,
    NonMarkovTaskTransitionError,
    transition,
    transitions,
)


class Shopper(MarkovTaskSet):
    @transitions({"browse": 3, "pay": 1})
    def browse(self) -> None: ...

    @transition("browse")
    def pay(self) -> None: ...


def test_the_chain_starts_at_the_first_method_and_follows_the_weights(environment: Environment) -> None:
    random.seed(7)
    shopper = Shopper(User(environment))
    walk = [shopper.get_next_task().__name__ for _ in range(8001)]
    assert walk[0] == "browse"
    followers = Counter(after for before, after in pairwise(walk) if before == "browse")
    assert followers["browse"] / followers.total() == pytest.approx(0.75, abs=0.03)
    assert {after for before, after in pairwise(walk) if before == "pay"} == {"browse"}


def test_users_walk_on_their_own(environment: Environment) -> None:
    class Pair(MarkovTaskSet):
        @transition("b")
        def a(self) -> None: ...

        @transition("a")
        def b(self) -> None: ...

    user = User(environment)
    first, second = Pair(user), Pair(user)
    assert [first.get_next_task().__name__ for _ in range(3)] == ["a", "b", "a"]
    assert second.get_next_task().__name__ == "a"


@pytest.mark.parametrize(
    "decorators",
    [
        [transition("a", 2), transition("b")],
        [transitions({"a": 2, "b": 1})],
        [transitions([("a", 2), "b"])],
    ],
    ids=["several", "dict", "list"],
)
def test_forms_of_transitions(decorators: list[Any]) -> None:
    def a(self: Any) -> None: ...

    def b(self: Any) -> None: ...

    for decorator in decorators:
        decorator(a)
    chain = type("Chain", (MarkovTaskSet,), {"a": a, "b": transition("a")(b)})
    assert sorted(chain.a.transitions) == ["a", "a", "b"]
    assert chain.current is chain.a


def body(**methods: Any) -> dict[str, Any]:
    return methods


def method(name: str) -> Any:
    def function(self: Any) -> None: ...

    function.__name__ = name
    return function


@pytest.mark.parametrize(
    ("class_body", "error", "message"),
    [
        (body(), NoMarkovTasksError, "No Markov tasks defined in class Chain"),
        (
            body(a=transition("zz")(method("a"))),
            InvalidTransitionError,
            "Transition to zz from a is invalid since no such element exists on class Chain",
        ),
        (
            body(a=transition("zz")(method("a")), zz=method("zz")),
            NonMarkovTaskTransitionError,
            "Chain.zz cannot be used as a target for a transition",
        ),
        (
            body(a=transition("zz")(method("a")), zz=5),
            NonMarkovTaskTransitionError,
            "Used as a transition from a",
        ),
        (
            body(a=tag("x")(transition("a")(method("a")))),
            MarkovTaskTagError,
            "Tags detected on Chain.a: {'x'}",
        ),
        (
            body(current=transition("current")(method("current"))),
            InvalidTransitionError,
            "cannot be called 'current'",
        ),
    ],
    ids=["no tasks", "no such method", "no task", "no method", "tagged", "reserved name"],
)
def test_invalid_chains(class_body: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error) as raised:
        type("Chain", (MarkovTaskSet,), class_body)
    assert message in str(raised.value)


@pytest.mark.parametrize("weight", [-1, 1.5])
def test_a_weight_is_a_number_of_times(weight: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="the transition to 'a' was given"):
        transition("a", weight)


def test_an_unreachable_task_is_said(caplog: pytest.LogCaptureFixture) -> None:
    class Chain(MarkovTaskSet):
        @transition("a")
        def a(self) -> None: ...

        @transition("a")
        def lost(self) -> None: ...

    assert caplog.messages == ["The following markov tasks are unreachable in class Chain: {'lost'}"]


def test_an_abstract_chain_needs_no_tasks() -> None:
    class Base(MarkovTaskSet):
        abstract = True

    assert Base.abstract is True
    assert Shopper.abstract is False
