"""The tasks of a class: declared, inherited, weighted, and filtered by tags."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol, runtime_checkable

from locust_rs.user.decorators import weight_of

_getrandbits = random.getrandbits


@runtime_checkable
class TaskHolder(Protocol):
    """Anything with tasks: a User or a TaskSet."""

    tasks: list[Any]


def get_tasks_from_base_classes(bases: Iterable[type], class_dict: dict[str, Any]) -> list[Any]:
    """Collects the tasks of a class: those of its bases, then `tasks`, then the decorated ones in the body's order.

    A task is repeated according to its weight: one of weight 3 is in the list three times.

    Args:
        bases: The class's direct bases.
        class_dict: Its body; `tasks` may be a list, a tuple, pairs of task and weight, or a dictionary.

    Raises:
        TypeError, ValueError: A weight is not an integer or is negative, or `tasks` is none of the above.
    """
    found: list[Any] = []
    for base in bases:
        found.extend(getattr(base, "tasks", None) or [])
    found.extend(written_out(class_dict.get("tasks")))
    for item in class_dict.values():
        if hasattr(item, "locust_task_weight"):
            found.extend([item] * item.locust_task_weight)
    return found


def written_out(tasks: Any) -> list[Any]:
    """The value of a `tasks` attribute as a list in which tasks are repeated according to their weights.

    Raises:
        TypeError, ValueError: As in `get_tasks_from_base_classes`.
    """
    if tasks is None:
        return []
    try:
        items = list(tasks.items() if isinstance(tasks, dict) else tasks)
    except TypeError:
        raise TypeError(
            f"tasks must be a list of tasks, a list of (task, weight) pairs or a dictionary, not {tasks!r}"
        ) from None
    found: list[Any] = []
    for item in items:
        if isinstance(item, tuple):
            chosen, weight = item
            found.extend([chosen] * weight_of(weight, f"tasks entry {getattr(chosen, '__name__', chosen)!r}"))
        else:
            found.append(item)
    return found


def pick(tasks: Sequence[Any]) -> Any:
    """Picks one of `tasks`, with all positions equally likely; the same one as `random.choice` would pick.

    Implemented here because it runs once per task and `random.choice` costs twice as much. A single task is returned
    without drawing a random number.
    """
    count = len(tasks)
    if count == 1:
        return tasks[0]
    bits = count.bit_length()
    drawn = _getrandbits(bits)
    while drawn >= count:
        drawn = _getrandbits(bits)
    return tasks[drawn]


def filter_tasks_by_tags(
    task_holder: Any,
    tags: set[str] | None = None,
    exclude_tags: set[str] | None = None,
    checked: dict[Any, bool] | None = None,
) -> None:
    """Reduces a class, and the TaskSets nested in it, to the tasks that the tags select.

    A class that is filtered again, with other tags, starts from the tasks it was declared with.

    Args:
        task_holder: A User or TaskSet class; its `tasks` is replaced with a new list.
        tags: Keep only tasks with one of these. None or empty: keep all.
        exclude_tags: Drop tasks with one of these, whatever `tags` says.
        checked: Decisions already made in this walk, by task; filled in place.
    """
    checked = {} if checked is None else checked
    # If `tasks` is still the list of the last filtering, start from the list before it.
    previous = task_holder.__dict__.get("_unfiltered_tasks")
    declared = previous[0] if previous and task_holder.tasks is previous[1] else task_holder.tasks

    kept = []
    for task in declared:
        passing = checked.get(task)
        if passing is None:
            if hasattr(task, "tasks"):
                filter_tasks_by_tags(task, tags, exclude_tags, checked)
                # A Markov chain is not filtered, because it picks tasks by its transitions. Without tags a set needs
                # no tasks either, since it may have its own `get_next_task`.
                passing = bool(task.tasks) or is_markov_taskset(task) or not (tags or exclude_tags)
            else:
                passing = _passes(task, tags, exclude_tags)
            checked[task] = passing
        if passing:
            kept.append(task)

    if kept != list(task_holder.tasks) or previous:
        task_holder.tasks = kept
        task_holder._unfiltered_tasks = (declared, kept)
    if not kept and not is_markov_taskset(task_holder):
        logging.warning(f"{task_holder.__name__} had no tasks left after filtering, instantiating it will fail!")


def declared_tags(task_holders: Iterable[Any]) -> set[str]:
    """The tags of all tasks of some classes and of the TaskSets nested in them, also of those filtered out."""
    tags: set[str] = set()
    seen: set[int] = set()
    waiting = list(task_holders)
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        tags |= getattr(one, "locust_tag_set", set())
        waiting += [task for tasks in getattr(one, "__dict__", {}).get("_unfiltered_tasks", ()) for task in tasks]
        waiting += getattr(one, "tasks", None) or []
    return tags


def _passes(task: Callable[..., Any], tags: set[str] | None, exclude_tags: set[str] | None) -> bool:
    own: set[str] = getattr(task, "locust_tag_set", set())
    if exclude_tags and own & set(exclude_tags):
        return False
    return not tags or bool(own & set(tags))


def is_markov_taskset(task: Any) -> bool:
    """Whether a task is a MarkovTaskSet class."""
    return type(task).__name__ == "MarkovTaskSetMeta"
