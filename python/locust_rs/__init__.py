"""Locust with a compiled core: the public names of `locust`. No other module of the package imports this one.

Importing it patches the standard library for gevent. Names that need an HTTP library or a runner are loaded
when they are first used.
"""

from __future__ import annotations

from locust_rs._alias import take_the_name
from locust_rs._patching import patch_standard_library, patch_urllib3

take_the_name()
patch_standard_library()
patch_urllib3()

# The standard library must be patched before anything else is imported.
# ruff: noqa: E402
from importlib import import_module
from typing import TYPE_CHECKING, Any

from locust_rs._tunables import publish
from locust_rs._version import __version__
from locust_rs.event import default as _default_events
from locust_rs.shape import LoadTestShape
from locust_rs.user import wait_time
from locust_rs.user.base import User
from locust_rs.user.decorators import tag, task
from locust_rs.user.markov_taskset import MarkovTaskSet, transition, transitions
from locust_rs.user.sequential_taskset import SequentialTaskSet
from locust_rs.user.taskset import TaskSet
from locust_rs.user.wait_time import between, constant, constant_pacing, constant_throughput, poisson
from locust_rs.util.deprecation import DeprecatedHttpLocustClass as HttpLocust
from locust_rs.util.deprecation import DeprecatedLocustClass as Locust

if TYPE_CHECKING:
    import urllib3 as urllib3

    from locust_rs.contrib.rest import RestUser as RestUser
    from locust_rs.debug import run_single_user as run_single_user
    from locust_rs.event import Events
    from locust_rs.user.fasthttp import FastHttpUser as FastHttpUser
    from locust_rs.user.http import HttpUser as HttpUser

    events: Events

__all__ = [
    "FastHttpUser",
    "HttpLocust",
    "HttpUser",
    "LoadTestShape",
    "Locust",
    "MarkovTaskSet",
    "SequentialTaskSet",
    "TaskSet",
    "User",
    "__version__",
    "between",
    "constant",
    "constant_pacing",
    "constant_throughput",
    "events",
    "poisson",
    "run_single_user",
    "tag",
    "task",
    "transition",
    "transitions",
    "wait_time",
]

# Passes an assignment to `locust.events` on to the module that everything else reads it from.
publish(__name__, _default_events, ["events"])

_LOADED_ON_USE = {
    "Events": "locust_rs.event",
    "FastHttpUser": "locust_rs.user.fasthttp",
    "HttpUser": "locust_rs.user.http",
    "RestUser": "locust_rs.contrib.rest",
    "run_single_user": "locust_rs.debug",
}


def __getattr__(name: str) -> Any:
    if name in _LOADED_ON_USE:
        value = getattr(import_module(_LOADED_ON_USE[name]), name)
    elif name == "urllib3":
        value = import_module(name)
    elif not name.startswith("__"):
        # In Locust `import locust` loads every submodule, so `locust.stats` must work without an import of its own.
        try:
            value = import_module(f"{__name__}.{name}")
        except ModuleNotFoundError as error:
            if error.name != f"{__name__}.{name}":
                raise
            raise AttributeError(f"module 'locust' has no attribute {name!r}") from None
    else:
        raise AttributeError(f"module 'locust' has no attribute {name!r}")
    globals()[name] = value
    return value
