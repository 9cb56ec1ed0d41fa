"""`Locust`, `HttpLocust` and `FastHttpLocust`: user classes with a `task_set` and wait times in milliseconds."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any

from locust_rs.contrib.fasthttp import FastHttpUser
from locust_rs.legacy.warning import warn_of
from locust_rs.user.base import User, UserMeta
from locust_rs.user.http import HttpUser

_TODAY = {"Locust": "User", "HttpLocust": "HttpUser", "FastHttpLocust": "FastHttpUser"}


class LocustMeta(UserMeta):
    """Reads old class bodies. A class without tasks is abstract."""

    task_set: Any

    def __new__(mcs, classname: str, bases: tuple[type, ...], class_dict: dict[str, Any]) -> LocustMeta:
        body = dict(class_dict)
        task_set = body.pop("task_set", None)
        if callable(body.get("wait_function")):
            body["wait_time"] = _in_seconds(body["wait_function"])
        cls: LocustMeta = super().__new__(mcs, classname, bases, body)  # type: ignore[assignment]
        if task_set is not None:
            cls.task_set = task_set
        cls.abstract = class_dict.get("abstract", not cls.tasks)
        if class_dict.get("__module__") != __name__:
            _warn_of_body(bases, class_dict, task_set)
        return cls

    def __setattr__(cls, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name == "task_set" and value is not None:
            cls.tasks = [value]
            cls.abstract = False

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        """Creates a user, also of a class whose `__init__` does not take the environment."""
        init: Any = cls.__init__  # type: ignore[misc]  # of the class, which is the one to be made
        if _accepts(init, len(args), frozenset(kwargs)):
            return super().__call__(*args, **kwargs)
        warn_of("__init__(self)", "__init__(self, environment), and super().__init__(environment)")
        user: Any = object.__new__(cls)  # type: ignore[arg-type]  # a metaclass's class
        user.environment = args[0] if args else kwargs["environment"]
        user.__init__()
        return user


class Locust(User, metaclass=LocustMeta):
    """The old `User`. `task_set` is its TaskSet; it waits from `min_wait` to `max_wait` milliseconds."""

    weight = 10
    min_wait = 1000
    max_wait = 1000
    task_set: Any = None
    # Without it a TaskSet uses its own `min_wait` and `max_wait`, or else these.
    wait_time = None  # type: ignore[assignment]

    def __init__(self, environment: Any = None) -> None:
        super().__init__(environment or self.environment)


class HttpLocust(Locust, HttpUser):
    """The old `HttpUser`."""


class FastHttpLocust(Locust, FastHttpUser):
    """The old `FastHttpUser`."""


def _warn_of_body(bases: tuple[type, ...], class_dict: dict[str, Any], task_set: Any) -> None:
    for base in bases:
        if base.__module__ == __name__:
            warn_of(base.__name__, _TODAY[base.__name__])
    if task_set is not None:
        warn_of("task_set", f"tasks = [{getattr(task_set, '__name__', 'MyTaskSet')}]")
    if "wait_function" in class_dict:
        warn_of("wait_function", "wait_time, which gives seconds")
    owner = _first_with_waits(class_dict, task_set)
    if owner is not None:
        shortest, longest = (owner.get(name, 1000) for name in ("min_wait", "max_wait"))
        warn_of("min_wait and max_wait in milliseconds", f"wait_time = between({_s(shortest)}, {_s(longest)})")


def _first_with_waits(class_dict: dict[str, Any], task_set: Any) -> dict[str, Any] | None:
    waiting: list[Any] = [task_set]
    bodies: list[dict[str, Any]] = [class_dict]
    seen: set[Any] = set()
    while waiting:
        task = waiting.pop()
        if isinstance(task, type) and task not in seen:
            seen.add(task)
            bodies.append(dict(vars(task)))
            waiting += getattr(task, "tasks", None) or []
    return next((body for body in bodies if body.get("min_wait") is not None or body.get("max_wait") is not None), None)


def _s(milliseconds: Any) -> str:
    return f"{milliseconds / 1000:g}" if isinstance(milliseconds, (int, float)) else "…"


def _in_seconds(wait_function: Callable[[Any], float]) -> Callable[[Any], float]:
    return lambda user: wait_function(user) / 1000


@cache
def _accepts(init: Callable[..., Any], positional: int, keywords: frozenset[str]) -> bool:
    try:
        inspect.signature(init).bind(None, *[None] * positional, **dict.fromkeys(keywords))
    except TypeError:
        return False
    return True
