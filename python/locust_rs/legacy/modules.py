"""Modules and names that are elsewhere today: `locust.core`, `locust.events`, `web.app`."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import locust_rs
from locust_rs import exception, user, web
from locust_rs.contrib import fasthttp
from locust_rs.event import EventHook
from locust_rs.event import default as process_wide
from locust_rs.legacy.users import FastHttpLocust, HttpLocust, Locust
from locust_rs.legacy.warning import warn_of
from locust_rs.legacy.web_routes import AppToCome


def install() -> None:
    """Adds the old modules and names, so that imports find them."""
    package: Any = locust_rs
    package.Locust, package.HttpLocust = Locust, HttpLocust
    old_fasthttp: Any = fasthttp
    old_fasthttp.FastHttpLocust = FastHttpLocust
    old_exception: Any = exception
    old_exception.StopLocust = exception.StopUser
    package.core = _register("core", "`from locust import …`", _CORE)
    # `locust.events` as an attribute stays the Events object, which has the old events too.
    _register("events", "`from locust import events`, `from locust.event import EventHook`", {"EventHook": EventHook})
    app = AppToCome()
    app.follow(process_wide.events, web)


_CORE: dict[str, Any] = {
    "Locust": Locust,
    "HttpLocust": HttpLocust,
    "TaskSet": user.TaskSet,
    "task": user.task,
    "InterruptTaskSet": exception.InterruptTaskSet,
    "LocustError": exception.LocustError,
    "RescheduleTask": exception.RescheduleTask,
    "RescheduleTaskImmediately": exception.RescheduleTaskImmediately,
    "StopLocust": exception.StopUser,
    "events": process_wide.events,
}


def _register(name: str, today: str, names: dict[str, Any]) -> ModuleType:
    module = _OldModule(f"locust.{name}", f"The names of Locust's old module {name}.")
    module.__dict__.update(_today=today, _names=names, __all__=list(names))
    for package in ("locust", "locust_rs"):
        sys.modules[f"{package}.{name}"] = module
    return module


class _OldModule(ModuleType):
    """Looks names up on access, so that an import of one warns."""

    _today: str
    _names: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        value = self._names[name] if name in self._names else getattr(process_wide.events, name, None)
        if value is None:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        warn_of(f"the module {self.__name__}", self._today)
        return value
