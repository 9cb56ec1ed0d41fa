"""Load shapes, which decide the number of users second by second."""

from __future__ import annotations

import time
from abc import ABCMeta, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from locust_rs._reexports import provide_reexports

if TYPE_CHECKING:
    from locust_rs.runners import Runner
    from locust_rs.user import User


class LoadTestShapeMeta(ABCMeta):
    """Marks a class as concrete unless its own body sets `abstract = True`."""

    def __new__(mcs, classname: str, bases: tuple[type, ...], class_dict: dict[str, Any]) -> LoadTestShapeMeta:
        class_dict["abstract"] = class_dict.get("abstract", False)
        return super().__new__(mcs, classname, bases, class_dict)


class LoadTestShape(metaclass=LoadTestShapeMeta):
    """Base class of custom load shapes; a subclass in a locustfile is found and used automatically.

    The runner owns the instance and calls `tick` about once per second while the test runs.
    """

    runner: Runner | None = None
    """The runner that this shape controls."""

    abstract: ClassVar[bool] = True
    """True for a base class that is not to be picked up from a locustfile."""

    use_common_options: ClassVar[bool] = False
    """True keeps users, spawn rate and run time as options, for `tick` to read from `parsed_options`."""

    def __init__(self) -> None:
        self.start_time = time.perf_counter()

    def reset_time(self) -> None:
        """Restarts the run time from 0."""
        self.start_time = time.perf_counter()

    def get_run_time(self) -> float:
        """Seconds since the test started."""
        return time.perf_counter() - self.start_time

    def get_current_user_count(self) -> int:
        """The number of users that run now.

        Raises:
            RuntimeError: The shape does not belong to a runner yet.
        """
        if self.runner is None:
            raise RuntimeError(
                f"{type(self).__name__}.get_current_user_count() needs a runner: "
                "pass the shape to Environment(shape_class=…) and create a runner first"
            )
        return self.runner.user_count

    @abstractmethod
    def tick(self) -> tuple[int, float] | tuple[int, float, list[type[User]] | None] | None:
        """Returns the load that is wanted now.

        Returns:
            `(user_count, spawn_rate)`, or `(user_count, spawn_rate, user_classes)` with the classes to spawn in
            this tick (None: all). The spawn rate is in users per second. None stops the test.
        """


provide_reexports(__name__)
