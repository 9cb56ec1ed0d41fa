"""Users, their tasks and their wait times. Public module `locust.user`."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from locust_rs.user import wait_time
from locust_rs.user.base import User
from locust_rs.user.decorators import tag, task
from locust_rs.user.taskset import TaskSet

if TYPE_CHECKING:
    from locust_rs.user.http import HttpUser as HttpUser

_SUBMODULES = {"inspectuser", "markov_taskset", "sequential_taskset", "users"}

__all__ = ["HttpUser", "TaskSet", "User", "tag", "task", "wait_time"]


class _Package(ModuleType):
    """Keeps `locust.user.task` the decorator, which importing the module of that name would replace."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "task" and isinstance(value, ModuleType):
            return
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:
    # HttpUser needs `requests`, which takes longer to import than the rest of this package.
    if name == "HttpUser":
        value = import_module("locust_rs.user.http").HttpUser
    elif name in _SUBMODULES:
        value = import_module(f"{__name__}.{name}")
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value
