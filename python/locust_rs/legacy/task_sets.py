"""Old members of TaskSets: `locust`, and `schedule_task` with arguments for the task."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from locust_rs.legacy.warning import warn_of
from locust_rs.user.taskset import TaskSet

_schedule_task = TaskSet.schedule_task


def install() -> None:
    """Adds the old members to TaskSet."""
    old: Any = TaskSet
    old.locust = property(_locust)
    old.schedule_task = schedule_task


def _locust(self: TaskSet) -> Any:
    """The User that runs this TaskSet."""
    warn_of("TaskSet.locust", "TaskSet.user")
    return self.user


def schedule_task(
    self: TaskSet,
    task_callable: Any,
    args: Sequence[Any] | bool | None = None,
    kwargs: Mapping[str, Any] | None = None,
    first: bool = False,
) -> None:
    """Queues a task.

    Args:
        self: The TaskSet that runs it.
        task_callable: The task.
        args: Passed to it after the TaskSet. True or False is `first`, today's second parameter.
        kwargs: Passed to it as keyword arguments. A nested TaskSet gets both as `self.args` and `self.kwargs`.
        first: Put it before those that are queued already.
    """
    if isinstance(args, bool):
        first = args
    elif args or kwargs:
        warn_of("schedule_task(task, args, kwargs)", "schedule_task(lambda task_set: task(task_set, …))")
        task_callable = _with_arguments(task_callable, tuple(args or ()), dict(kwargs or {}))
    _schedule_task(self, task_callable, first)


def _with_arguments(task: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Callable[[TaskSet], None]:
    def run(holder: Any) -> None:
        if isinstance(task, type) and issubclass(task, TaskSet):
            nested: Any = task(holder)
            nested.args, nested.kwargs = args, kwargs
            nested.run()
        elif getattr(task, "__self__", None) is holder:
            task(*args, **kwargs)
        else:
            task(holder, *args, **kwargs)

    run.__name__ = getattr(task, "__name__", run.__name__)
    return run
