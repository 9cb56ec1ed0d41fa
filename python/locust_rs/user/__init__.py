"""`locust.user`: users, their tasks and their wait times."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from locust_rs.user import wait_time
from locust_rs.user.base import User
from locust_rs.user.decorators import tag, task
from locust_rs.user.taskset import TaskSet

if TYPE_CHECKING:
    from locust_rs.user.http import HttpUser as HttpUser

__all__ = ["HttpUser", "TaskSet", "User", "tag", "task", "wait_time"]


def __getattr__(name: str) -> Any:
    # HttpUser needs `requests`, which takes longer to import than all the rest of this package.
    if name != "HttpUser":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = import_module("locust_rs.user.http").HttpUser
    globals()[name] = value
    return value
