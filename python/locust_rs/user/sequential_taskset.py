"""SequentialTaskSet: tasks in the order of their declaration, over and over."""

from __future__ import annotations

from itertools import cycle
from typing import Any

from locust_rs.exception import LocustError
from locust_rs.user.taskset import TaskSet, TaskSetMeta


class SequentialTaskSetMeta(TaskSetMeta):
    """Collects tasks like `TaskSetMeta`; a class body's order is the order of execution."""


class SequentialTaskSet(TaskSet, metaclass=SequentialTaskSetMeta):
    """Executes its tasks in order of declaration and starts again at the first.

    `tasks` and `@task` methods may be combined; where `tasks` stands in the class body decides. A task of
    weight 3 is executed three times in a row.
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
