"""The task ratio: how often each task runs, per class and over all classes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from locust_rs._reexports import provide_reexports

if TYPE_CHECKING:
    from locust_rs.user.base import User


def print_task_ratio(user_classes: list[type[User]], num_users: int, total: bool) -> None:
    """Prints the ratio as an indented list of percentages.

    Args:
        user_classes: The classes that take part.
        num_users: The total number of users; matters if classes have a `fixed_count`.
        total: Relative to all users, instead of per class.
    """
    _print_task_ratio(get_ratio(user_classes, _calc_distribution(user_classes, num_users), total))


def print_task_ratio_json(user_classes: list[type[User]], num_users: int) -> None:
    """Prints both ratios as one JSON object with the keys `per_class` and `total`."""
    distribution = _calc_distribution(user_classes, num_users)
    ratios = {
        "per_class": get_ratio(user_classes, distribution, False),
        "total": get_ratio(user_classes, distribution, True),
    }
    print(json.dumps(ratios, indent=4))  # noqa: T201  # standard output is what the option is for


def _calc_distribution(user_classes: list[type[User]], num_users: int) -> dict[str, int]:
    """Users per class: fixed counts first, the rest by weight; 0 users means one per unit of weight."""
    fixed = sum(cls.fixed_count for cls in user_classes if cls.fixed_count)
    total_weight = sum(cls.weight for cls in user_classes if not cls.fixed_count)
    weighted = max((num_users or total_weight) - fixed, 0)
    return {
        cls.__name__: cls.fixed_count or (_rounded(cls.weight / total_weight * weighted) if total_weight else 0)
        for cls in user_classes
    }


def _rounded(value: float) -> int:
    from locust_rs.util.rounding import proper_round

    return int(proper_round(value))


def get_ratio(user_classes: list[type[User]], user_spawned: dict[str, int], total: bool) -> dict[str, dict[str, Any]]:
    """Computes the ratio of each task.

    Args:
        user_classes: The classes that take part.
        user_spawned: Users per class name.
        total: Relative to all users, instead of per class.

    Returns:
        `{class: {"ratio": …, "tasks": {task: {"ratio": …, "tasks": …}}}}`; a task has the key `tasks` if it is a
        TaskSet.
    """
    all_users = sum(user_spawned.values()) or 1
    return {cls.__name__: _node(cls, user_spawned[cls.__name__] / all_users, total) for cls in user_classes}


def _node(holder: Any, ratio: float, total: bool) -> dict[str, Any]:
    return {"ratio": ratio, "tasks": _get_task_ratio(holder.tasks, total, ratio)}


def _get_task_ratio(tasks: list[Any], total: bool, parent_ratio: float) -> dict[str, Any]:
    counts: dict[Any, int] = {}
    for task in tasks:
        counts[task] = counts.get(task, 0) + 1
    ratios: dict[str, Any] = {}
    for task, count in counts.items():
        ratio = count * parent_ratio / len(tasks) if total else count / len(tasks)
        ratios[task.__name__] = {"ratio": ratio}
        if isinstance(task, type):
            ratios[task.__name__]["tasks"] = _get_task_ratio(getattr(task, "tasks", []), total, ratio)
    return ratios


def _print_task_ratio(x: dict[str, Any], level: int = 0) -> None:
    for name, node in x.items():
        indent = "  " * level
        percent = f"{indent}{node['ratio'] * 100:<6.1f}"
        print(f" {percent:10} {indent + name:50}")  # noqa: T201
        _print_task_ratio(node.get("tasks", {}), level + 1)


provide_reexports(__name__)
