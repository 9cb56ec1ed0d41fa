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
    """Warns when a User's class body sets `min_wait` or `max_wait`, and a `wait_time` comes before them."""
    if getattr(user_class.wait_time, "__qualname__", "") != "User.wait_time":
        return
    for name in ("min_wait", "max_wait"):
        if class_dict.get(name) is not None:
            warnings.warn(
                f"{user_class.__name__}.{name} has no effect since version 1.0. Set wait_time instead, in seconds "
                "(wait_time = between(1, 5))",
                DeprecationWarning,
                stacklevel=3,
            )


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
