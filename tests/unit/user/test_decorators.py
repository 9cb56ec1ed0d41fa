"""`@task`, `@tag` and the tasks of a class."""

from __future__ import annotations

from typing import Any

import pytest

from locust_rs.user import TaskSet, User, tag, task


def names(tasks: list[Any]) -> list[str]:
    return [task.__name__ for task in tasks]


def test_tasks_stand_in_the_list_as_often_as_their_weight_says() -> None:
    class MyUser(User):
        @task
        def once(self) -> None: ...

        @task()
        def once_too(self) -> None: ...

        @task(3)
        def thrice(self) -> None: ...

        @task(0)
        def never(self) -> None: ...

        def helper(self) -> None: ...

    assert names(MyUser.tasks) == ["once", "once_too", "thrice", "thrice", "thrice"]


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ({print: 2, len: 1}, [print, print, len]),
        ([(print, 2), len], [print, print, len]),
        ([print, len], [print, len]),
        ((print, len), [print, len]),
        ({print: 0}, []),
        (None, []),
        ([], []),
    ],
    ids=["dict", "pairs and tasks", "list", "tuple", "weight 0", "None", "empty"],
)
@pytest.mark.parametrize("base", [User, TaskSet])
def test_tasks_attribute(base: type, declared: Any, expected: list[Any]) -> None:
    assert type("Mine", (base,), {"tasks": declared}).tasks == expected


def test_tasks_of_bases_come_first_then_those_of_the_body_in_its_order() -> None:
    class Base(User):
        @task
        class Nested(TaskSet): ...

        @task(2)
        def method(self) -> None: ...

    class Derived(Base):
        tasks = [print]

        @task
        def own(self) -> None: ...

    assert names(Derived.tasks) == ["Nested", "method", "method", "print", "own"]
    assert names(Base.tasks) == ["Nested", "method", "method"]


def test_tasks_of_a_base_without_metaclass_are_not_found() -> None:
    class Plain:
        @task
        def ignored(self) -> None: ...

    class MyUser(Plain, User): ...

    assert MyUser.tasks == []


@pytest.mark.parametrize("weight", [1.5, "x", None], ids=repr)
def test_a_weight_that_is_not_an_integer_is_an_error_that_shows_it(weight: Any) -> None:
    with pytest.raises(TypeError, match="must be an integer"):
        task(weight)
    with pytest.raises(TypeError, match="'print' was given"):
        type("Mine", (User,), {"tasks": {print: weight}})


def test_a_negative_weight_is_an_error_that_shows_it() -> None:
    with pytest.raises(ValueError, match="0 or more, but @task was given -1"):
        task(-1)
    with pytest.raises(ValueError, match="'print' was given -2"):
        type("Mine", (User,), {"tasks": [(print, -2)]})


def test_tasks_that_are_not_a_collection_are_an_error() -> None:
    with pytest.raises(TypeError, match="tasks must be a list"):
        type("Mine", (User,), {"tasks": print})


def test_tags_add_up() -> None:
    @tag("b")
    @tag("a", "c")
    @task
    def tagged(self: Any) -> None: ...

    assert tagged.locust_tag_set == {"a", "b", "c"}


def test_a_tag_on_a_task_set_is_on_its_tasks() -> None:
    @tag("x")
    class Nested(TaskSet):
        @task
        def plain(self) -> None: ...

        @tag("y")
        @task(2)
        def tagged(self) -> None: ...

        @task
        class Deeper(TaskSet):
            @task
            def deep(self) -> None: ...

    assert Nested.plain.locust_tag_set == {"x"}
    assert Nested.tagged.locust_tag_set == {"x", "y"}
    assert Nested.Deeper.deep.locust_tag_set == {"x"}
    assert not hasattr(Nested, "locust_tag_set")


def test_tag_needs_a_name() -> None:
    with pytest.raises(ValueError, match="No tag name was supplied"):
        tag()
    with pytest.raises(ValueError, match="No tag name was supplied"):
        tag(print)  # type: ignore[arg-type]  # used without parentheses


def test_the_attribute_task_set_warns() -> None:
    class Nested(TaskSet): ...

    with pytest.warns(DeprecationWarning, match=r"Set the tasks attribute instead \(tasks = \[Nested\]\)"):
        type("Mine", (User,), {"task_set": Nested})
