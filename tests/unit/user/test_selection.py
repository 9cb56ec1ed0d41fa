"""Picking tasks, and filtering them by tags."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest

from locust_rs.user import TaskSet, User, tag, task
from locust_rs.user.markov_taskset import MarkovTaskSet, transition
from locust_rs.user.selection import filter_tasks_by_tags, pick


@pytest.mark.parametrize("count", [2, 3, 7, 8, 100])
def test_pick_takes_what_random_choice_would(count: int) -> None:
    tasks = list(range(count))
    random.seed(count)
    picked = [pick(tasks) for _ in range(200)]
    random.seed(count)
    assert picked == [random.choice(tasks) for _ in range(200)]


def test_picks_are_even() -> None:
    random.seed(1)
    counts = Counter(pick(["a", "b", "b", "c"]) for _ in range(20_000))
    assert abs(counts["b"] / 20_000 - 0.5) < 0.02
    assert abs(counts["a"] / 20_000 - 0.25) < 0.02


def test_a_single_task_is_picked() -> None:
    assert pick(["only"]) == "only"


def user_with_tags() -> type[User]:
    class MyUser(User):
        @tag("tag1")
        @task(2)
        def task1(self) -> None: ...

        @tag("tag1", "tag2")
        @task
        def task2(self) -> None: ...

        @tag("tag3")
        @task
        def task3(self) -> None: ...

        @task
        def task4(self) -> None: ...

        @task
        class Nested(TaskSet):
            @tag("tag2")
            @task
            def inner2(self) -> None: ...

            @task
            def inner(self) -> None: ...

    return MyUser


def names(tasks: list[Any]) -> list[str]:
    return [task.__name__ for task in tasks]


@pytest.mark.parametrize(
    ("tags", "exclude", "expected", "inner"),
    [
        ({"tag1"}, None, ["task1", "task1", "task2"], []),
        ({"tag2", "tag3"}, None, ["task2", "task3", "Nested"], ["inner2"]),
        (None, {"tag3"}, ["task1", "task1", "task2", "task4", "Nested"], ["inner2", "inner"]),
        ({"tag1"}, {"tag2"}, ["task1", "task1"], []),
        (None, {"tag2"}, ["task1", "task1", "task3", "task4", "Nested"], ["inner"]),
        (set(), set(), ["task1", "task1", "task2", "task3", "task4", "Nested"], ["inner2", "inner"]),
    ],
    ids=["one", "two", "exclude", "exclusion wins", "exclude nested", "none"],
)
def test_filtering(tags: Any, exclude: Any, expected: list[str], inner: list[str]) -> None:
    my_user = user_with_tags()
    filter_tasks_by_tags(my_user, tags, exclude)
    assert names(my_user.tasks) == expected
    assert names(my_user.Nested.tasks) == inner  # type: ignore[attr-defined]


def test_filtering_edits_no_list_that_others_may_hold() -> None:
    my_user = user_with_tags()
    before = my_user.tasks
    copy = list(before)
    filter_tasks_by_tags(my_user, {"tag3"})
    assert before == copy
    assert my_user.tasks is not before


def test_filtering_again_starts_from_the_declared_tasks() -> None:
    my_user = user_with_tags()
    declared = names(my_user.tasks)
    filter_tasks_by_tags(my_user, {"tag3"})
    filter_tasks_by_tags(my_user, {"tag1"})
    assert names(my_user.tasks) == ["task1", "task1", "task2"]
    filter_tasks_by_tags(my_user)
    assert names(my_user.tasks) == declared
    assert names(my_user.Nested.tasks) == ["inner2", "inner"]  # type: ignore[attr-defined]


def test_tasks_assigned_after_a_filtering_are_kept() -> None:
    my_user = user_with_tags()
    filter_tasks_by_tags(my_user, {"tag3"})
    my_user.tasks = [my_user.task1]  # type: ignore[attr-defined]
    filter_tasks_by_tags(my_user, None, None)
    assert names(my_user.tasks) == ["task1"]


def test_nothing_left_is_said(caplog: pytest.LogCaptureFixture) -> None:
    my_user = user_with_tags()
    filter_tasks_by_tags(my_user, {"unknown"})
    assert my_user.tasks == []
    assert "MyUser had no tasks left after filtering, instantiating it will fail!" in caplog.messages


def test_a_markov_chain_is_never_filtered() -> None:
    class MyUser(User):
        @task
        class Chain(MarkovTaskSet):
            @transition("a")
            def a(self) -> None: ...

    filter_tasks_by_tags(MyUser, {"unknown"})
    assert names(MyUser.tasks) == ["Chain"]


def test_without_tags_a_task_set_with_its_own_choice_needs_no_tasks() -> None:
    class MyUser(User):
        @task
        class Own(TaskSet):
            def get_next_task(self) -> Any: ...

    filter_tasks_by_tags(MyUser)
    assert names(MyUser.tasks) == ["Own"]
