"""Tasks, TaskSets, tags and the states of a User. Public module `locust.user.task`."""

from locust_rs._reexports import provide_reexports
from locust_rs.user.decorators import TaskT, tag, task
from locust_rs.user.selection import (
    TaskHolder,
    filter_tasks_by_tags,
    get_tasks_from_base_classes,
    is_markov_taskset,
)
from locust_rs.user.taskset import (
    LOCUST_STATE_RUNNING,
    LOCUST_STATE_STOPPING,
    LOCUST_STATE_WAITING,
    DefaultTaskSet,
    TaskSet,
    TaskSetMeta,
    logger,
)

__all__ = [
    "LOCUST_STATE_RUNNING",
    "LOCUST_STATE_STOPPING",
    "LOCUST_STATE_WAITING",
    "DefaultTaskSet",
    "TaskHolder",
    "TaskSet",
    "TaskSetMeta",
    "TaskT",
    "filter_tasks_by_tags",
    "get_tasks_from_base_classes",
    "is_markov_taskset",
    "logger",
    "tag",
    "task",
]

provide_reexports(__name__)
