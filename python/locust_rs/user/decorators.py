"""`@task` and `@tag`, which make methods and nested TaskSets tasks."""

from __future__ import annotations

from collections.abc import Callable
from operator import index
from typing import Any, TypeVar, overload

TaskT = TypeVar("TaskT", bound="Callable[..., Any] | type[Any]")


@overload
def task(weight: TaskT) -> TaskT: ...
@overload
def task(weight: int = 1) -> Callable[[TaskT], TaskT]: ...


def task(weight: TaskT | int = 1) -> TaskT | Callable[[TaskT], TaskT]:
    """Declares a method or a nested TaskSet class to be a task of the class that contains it.

    Args:
        weight: How often it is picked, relative to the other tasks; 0 excludes it. The weight may be omitted, and
            the parentheses with it.

    Raises:
        TypeError: The weight is not an integer.
        ValueError: The weight is negative.

    Example:
        class ForumPage(TaskSet):
            @task(100)
            def read_thread(self):
                ...

            @task(7)
            def create_thread(self):
                ...
    """
    if callable(weight):
        weight.locust_task_weight = 1  # type: ignore[union-attr]  # marks the decorated object
        return weight
    checked_weight = weight_of(weight, "@task")

    def decorator(decorated: TaskT) -> TaskT:
        decorated.locust_task_weight = checked_weight  # type: ignore[union-attr]
        return decorated

    return decorator


def weight_of(weight: Any, where: str) -> int:
    """The weight as an int.

    Raises:
        TypeError: It is not an integer.
        ValueError: It is negative.
    """
    try:
        number = index(weight)
    except TypeError:
        raise TypeError(f"the weight of a task must be an integer, but {where} was given {weight!r}") from None
    if number < 0:
        raise ValueError(f"the weight of a task must be 0 or more, but {where} was given {number}")
    return number


def tag(*tags: str) -> Callable[[TaskT], TaskT]:
    """Tags a task, or all tasks of a nested TaskSet, for `--tags` and `--exclude-tags`.

    Raises:
        ValueError: No tag was given, or the decorator was used without parentheses.

    Example:
        class ForumPage(TaskSet):
            @tag("thread", "post")
            @task(7)
            def create_thread(self):
                ...
    """
    if not tags or any(not isinstance(name, str) for name in tags):
        raise ValueError("No tag name was supplied")

    def decorator(decorated: TaskT) -> TaskT:
        nested = getattr(decorated, "tasks", None)
        if nested is not None:
            # A TaskSet itself has no tags: it is kept as long as one of its tasks is.
            for inner in dict.fromkeys(nested):
                decorator(inner)
        else:
            earlier: set[str] = getattr(decorated, "locust_tag_set", set())
            decorated.locust_tag_set = {*earlier, *tags}  # type: ignore[union-attr]
        return decorated

    return decorator
