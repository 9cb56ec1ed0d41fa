"""SequentialTaskSet: runs its tasks in order of declaration, over and over."""

from __future__ import annotations

from itertools import cycle
from typing import Any

from locust_rs.exception import LocustError
from locust_rs.user.selection import written_out
from locust_rs.user.taskset import TaskSet, TaskSetMeta


class SequentialTaskSetMeta(TaskSetMeta):
    """Collects tasks like `TaskSetMeta`, but inserts those of `tasks` at its position in the class body."""

    def __new__(mcs, classname: str, bases: tuple[type, ...], class_dict: dict[str, Any]) -> SequentialTaskSetMeta:
        tasks: list[Any] = [task for base in bases for task in getattr(base, "tasks", None) or []]
        for name, item in class_dict.items():
            if name == "tasks":
                tasks.extend(written_out(item))
            elif hasattr(item, "locust_task_weight"):
                tasks.extend([item] * item.locust_task_weight)
        cls = super().__new__(mcs, classname, bases, class_dict)
        cls.tasks = tasks
        return cls  # type: ignore[return-value]  # made by this very metaclass


class SequentialTaskSet(TaskSet, metaclass=SequentialTaskSetMeta):
    """Executes its tasks in order of declaration, and then starts again.

    `tasks` and `@task` methods may be combined; the position of `tasks` in the class body counts. A task of weight 3
    is executed three times in a row.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._task_cycle = cycle(self.tasks)

    def get_next_task(self) -> Any:
        """The task that follows the last one.

        Raises:
            LocustError: There are none; the message says how to declare some.
        """
        if not self.tasks:
            raise LocustError(
                "No tasks defined. Use the @task decorator or set the 'tasks' attribute of the SequentialTaskSet"
            )
        return next(self._task_cycle)
