"""User: one simulated user, in a greenlet of its own."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, Any, final

from gevent import GreenletExit, get_hub

from locust_rs.exception import StopTest, StopUser
from locust_rs.stats.groups import groups_of
from locust_rs.user.lifecycle import LOCUST_STATE_RUNNING, LOCUST_STATE_STOPPING, LOCUST_STATE_WAITING, WAIT_ENDS
from locust_rs.user.selection import get_tasks_from_base_classes
from locust_rs.user.taskset import DefaultTaskSet
from locust_rs.user.turnstile import Turnstile, turnstile_of
from locust_rs.util.deprecation import check_for_deprecated_task_set_attribute, check_for_ignored_waits

if TYPE_CHECKING:
    from collections import deque

    from gevent import Greenlet
    from gevent.pool import Group

    from locust_rs.env import Environment
    from locust_rs.user.arrivals import Rate
    from locust_rs.user.scenario import Span, Stages

logger = logging.getLogger("locust.user.users")


class UserMeta(type):
    """Collects the tasks of a class into `tasks`, and makes it concrete unless its body sets `abstract = True`."""

    tasks: list[Any]
    abstract: bool

    def __new__(mcs, classname: str, bases: tuple[type, ...], class_dict: dict[str, Any]) -> UserMeta:
        check_for_deprecated_task_set_attribute(class_dict)
        class_dict["tasks"] = get_tasks_from_base_classes(bases, class_dict)
        # `abstract` is not inherited.
        class_dict.setdefault("abstract", False)
        user_class = super().__new__(mcs, classname, bases, class_dict)
        check_for_ignored_waits(user_class, class_dict)
        return user_class


class User(metaclass=UserMeta):
    """A simulated user; subclass it and add tasks.

    The runner creates one instance per user, runs it in a greenlet and owns it until it has stopped. All code of a
    User runs in that greenlet; `stop` is called from other greenlets.

    Args:
        environment: The Environment in which it runs.
    """

    host: str | None = None
    """Base URL of the system under test. The Environment's host, if given, overwrites it."""

    min_wait: float | None = None
    """Deprecated: shortest wait in milliseconds. Use `wait_time = between(…)`."""

    max_wait: float | None = None
    """Deprecated: longest wait in milliseconds. Use `wait_time = between(…)`."""

    wait_function: Callable[..., float] | None = None
    """Deprecated and without effect. Use `wait_time`."""

    tasks: list[Any] = []
    """Functions and TaskSet classes to run; a list, pairs of task and weight, or a dictionary."""

    weight: float = 1
    """How many users of this class are spawned, relative to the other classes; 0 excludes the class."""

    fixed_count: int = 0
    """Above 0: exactly this many users, spawned first; `weight` is ignored."""

    arrival_rate: Rate | None = None
    """Users of the class that arrive per second, run their tasks once and end; a number, a list of stages, or a
    function of the run time. None: the number of users is set, and each runs its tasks over and over."""

    arrival_distribution: str = "constant"
    """How arrivals are spread over time: "constant" or "poisson"."""

    arrival_iterations: int = 1
    """Tasks that a user that arrives runs before it ends."""

    arrival_reuses_users: bool = False
    """Whether an arrival may take over a user that has ended, with its client, connections and cookies."""

    max_users: int = 10_000
    """The most users of the class that run at the same time if they arrive; arrivals beyond are dropped and counted."""

    user_stages: Stages | None = None
    """Users of the class over time: a list of stages (seconds, users at their end), or a function of the seconds since
    the class began. None: the class gets its share of the users that are started."""

    start_after: Span | None = None
    """How long after the beginning of the run the class begins: seconds, or a text such as "30s". None: at once."""

    run_for: Span | None = None
    """How long the class lasts. None: until its stages are over, or the run."""

    graceful_stop: Span | None = None
    """How long users of the class may take to finish their tasks when they are stopped. None: the stop timeout."""

    abstract: bool = True
    """True for a class that is only meant to be subclassed: no users of it are spawned."""

    environment: Environment
    """The Environment in which this user runs."""

    _state: str | None = None
    _taskset_instance: Any = None
    _greenlet: Greenlet[..., object] | None = None
    _group: Group
    _cp_last_wait_time: float = 0
    # Tasks that the user's own task set runs before it picks any.
    _pending: deque[Any] | None = None
    # The exception that ended this user, if `user_error` has reported it.
    _told: Exception | None = None
    # The iteration of gevent's loop in which this user last let others run.
    _hub_turn: int = -1
    _task_set_class: type[DefaultTaskSet] = DefaultTaskSet

    def __init__(self, environment: Environment) -> None:
        super().__init__()
        self.environment = environment
        self._cp_last_run = monotonic()
        # Set every attribute here, so CPython keeps the compact attribute layout (see SessionState).
        self._state = self._taskset_instance = self._greenlet = self._pending = None
        self._group = None  # type: ignore[assignment]  # until it is started
        self._hub_turn = -1

    def wait_time(self) -> float:
        """Seconds to wait after a task; override it, or assign the result of a function such as `between(1, 5)`."""
        return 0

    def on_start(self) -> None:
        """Called when the user starts running."""

    def on_stop(self) -> None:
        """Called when the user stops running."""

    @final
    def run(self) -> None:
        """Runs the user until it is stopped, in the greenlet that `start` spawns."""
        self._state = LOCUST_STATE_RUNNING
        turnstile = turnstile_of(self)
        if turnstile.is_watched and not self._is_admitted(turnstile):
            return
        self._taskset_instance = self._task_set_class(self)
        try:
            try:
                self.on_start()
            except (StopUser, StopTest):
                raise
            except Exception as error:
                logger.error("%s\n%s", error, traceback.format_exc())
                self.environment.events.user_error.fire(user_instance=self, exception=error, tb=error.__traceback__)
                self._told = error
                raise
            self._taskset_instance.run()
        except (GreenletExit, StopUser, StopTest):
            self.on_stop()

    def _is_admitted(self, turnstile: Turnstile) -> bool:
        try:
            return turnstile.admits(self)
        except StopUser:
            return False

    def wait(self) -> None:
        """Pauses for `wait_time` seconds. During the pause the user stops at once, whatever the stop timeout.

        Use `gevent.sleep` for a pause that counts as a part of the task.
        """
        self._taskset_instance.wait()

    def start(self, group: Group) -> Greenlet[..., object]:
        """Starts the user in a greenlet of a group and returns the greenlet."""
        self._group = group
        self._greenlet = group.spawn(_run_user, self)
        return self._greenlet

    def stop(self, force: bool = False) -> bool:
        """Stops the user: at once if it waits or `force` is set, otherwise after its current task.

        Args:
            force: Kill it during its task.

        Returns:
            True if it has stopped, False if it will stop after its task.

        Raises:
            Exception: It is already stopping after its task, and `force` is not set.
        """
        if force or self._state is None:
            self._group.killone(self._greenlet)  # type: ignore[arg-type]  # it was started
            return True
        if self._state == LOCUST_STATE_WAITING:
            self._state = WAIT_ENDS
            get_hub().loop.run_callback(self._end_wait)
        if self._state == WAIT_ENDS:
            self._greenlet.join()  # type: ignore[union-attr]
            return True
        if self._state == LOCUST_STATE_RUNNING:
            self._state = LOCUST_STATE_STOPPING
            return False
        raise Exception(f"Tried to stop User in an unexpected state: {self._state}. This should never happen.")

    def _end_wait(self) -> None:
        """Ends a wait; called by the hub. If the wait was over first, the user ends itself before another request."""
        if self._state == WAIT_ENDS and self._greenlet is not None:
            self._state = LOCUST_STATE_STOPPING
            self._greenlet.throw(GreenletExit)

    def _disconnect(self) -> None:
        """Closes the connections of a user that has ended for good; the collector would do it much later."""

    @property
    def group(self) -> Group:
        """The group of greenlets to which this user belongs, once it is started."""
        return self._group

    @property
    def greenlet(self) -> Greenlet[..., object] | None:
        """The greenlet in which this user runs, once it is started."""
        return self._greenlet

    def context(self) -> dict[str, Any]:
        """Values to add to the context of every `request` event of this user; override it."""
        return {}

    @classmethod
    def json(cls) -> dict[str, Any]:
        """The attributes that can be seen and changed in the web UI's class picker; override it to add your own."""
        return {
            "host": cls.host,
            "weight": cls.weight,
            "fixed_count": cls.fixed_count,
            "tasks": [task.__name__ for task in cls.tasks],
        }

    @classmethod
    def fullname(cls) -> str:
        """Module and qualified name, as in `package.module.Outer.Inner`."""
        return f"{cls.__module__}.{cls.__qualname__}"


def _run_user(user: User) -> None:
    groups = groups_of(user.environment)
    if groups is not None:
        groups.join(type(user))
    try:
        try:
            user.run()
        finally:
            if user._task_set_class.is_a_visit and not user.arrival_reuses_users:
                user._disconnect()
    except Exception as error:
        if user._told is not error:
            _note_death(user, error)
        raise


def _note_death(user: User, error: Exception) -> None:
    """Logs what ended a user outside its tasks, and lets the exit code be 2."""
    from locust_rs import log  # needed by failures alone

    log.unhandled_greenlet_exception = True
    logger.critical("A %s ended with %r", type(user).__name__, error, exc_info=error)
