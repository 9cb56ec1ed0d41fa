"""Names from before Locust 1.0; using one raises an error or warns, with the name to use instead."""

from __future__ import annotations

import warnings
from typing import Any

# Python hides DeprecationWarnings of all modules but `__main__`, and a locustfile is not that.
_SHOWN = (r"Usage of User\.task_set", r"\w+\.(min|max)_wait has no effect")
for _message in _SHOWN:
    warnings.filterwarnings("always", message=_message, category=DeprecationWarning)

_CHANGELOG = "https://docs.locust.io/en/latest/changelog.html#changelog-1-0"


def check_for_deprecated_task_set_attribute(class_dict: dict[str, Any]) -> None:
    """Warns when a User's class body sets `task_set`, which Locust has ignored since 1.0."""
    task_set = class_dict.get("task_set")
    # A TaskSet class that is decorated with @task may have that name, like any method.
    if isinstance(task_set, type) and not hasattr(task_set, "locust_task_weight"):
        warnings.warn(
            "Usage of User.task_set is deprecated since version 1.0. Set the tasks attribute instead "
            f"(tasks = [{task_set.__name__}])",
            DeprecationWarning,
            stacklevel=3,
        )


def check_for_ignored_waits(user_class: Any, class_dict: dict[str, Any]) -> None:
    """Warns of a `min_wait` or `max_wait` of a User or its TaskSets, if the `wait_time` of the User comes before it."""
    if user_class.wait_time is None:
        return
    ignored = [(user_class, name) for name in _OLD_WAITS if class_dict.get(name) is not None]
    if not user_class.abstract:
        ignored += [(task_set, name) for task_set in _task_sets(user_class) for name in _set_waits(task_set)]
    for owner, name in ignored:
        warnings.warn(
            f"{owner.__name__}.{name} has no effect since version 1.0, because {user_class.__name__} has a wait_time. "
            "Set that instead, in seconds (wait_time = between(1, 5))",
            DeprecationWarning,
            stacklevel=3,
        )


_OLD_WAITS = ("min_wait", "max_wait")


def _set_waits(task_set: Any) -> list[str]:
    return [name for name in _OLD_WAITS if getattr(task_set, name) is not None]


def _task_sets(user_class: Any) -> list[Any]:
    """The TaskSet classes among the tasks of a User class, and among theirs."""
    found: list[Any] = []
    waiting = list(user_class.tasks)
    while waiting:
        task = waiting.pop(0)
        if isinstance(task, type) and hasattr(task, "min_wait") and task not in found:
            found.append(task)
            waiting += getattr(task, "tasks", None) or []
    return found


def deprecated_locust_meta_class(deprecation_message: str) -> type[type]:
    """A metaclass that allows a base class, and raises ImportError with the message for subclasses of it."""

    class RaisesWhenSubclassed(type):
        def __new__(mcs, classname: str, bases: tuple[type, ...], class_dict: dict[str, Any]) -> RaisesWhenSubclassed:
            if bases:
                raise ImportError(deprecation_message)
            return super().__new__(mcs, classname, bases, class_dict)

    return RaisesWhenSubclassed


def _renamed(class_name: str, old_name: str, new_name: str) -> type:
    metaclass = deprecated_locust_meta_class(
        f"The {old_name} class has been renamed to {new_name} in version 1.0. For more info see: {_CHANGELOG}"
    )
    return metaclass(class_name, (), {"__module__": __name__})


# `locust` exports these as Locust and HttpLocust, and `locust.contrib.fasthttp` as FastHttpLocust.
DeprecatedLocustClass = _renamed("DeprecatedLocustClass", "Locust", "User")
DeprecatedHttpLocustClass = _renamed("DeprecatedHttpLocustClass", "HttpLocust", "HttpUser")
DeprecatedFastHttpLocustClass = _renamed("DeprecatedFastHttpLocustClass", "FastHttpLocust", "FastHttpUser")
