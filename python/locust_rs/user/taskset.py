"""TaskSet: the loop that picks a task, runs it and waits, for each user and each nested set.

`run` is the hottest Python code of a load test. Everything that users and plug-ins override or replace
(`execute_task`, `get_next_task`, `wait`, `wait_time`, …) is still called as a method each time, while the rest costs
almost nothing: the task queue is created when something is queued, and a wait of zero seconds goes through gevent's
hub only if the task itself did not.
"""

from __future__ import annotations

import logging
import random
import traceback
from collections import deque
from collections.abc import Callable, Iterable
from time import monotonic, time
from types import FunctionType
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

import gevent
from gevent import GreenletExit, get_hub

from locust_rs.exception import (
    InterruptTaskSet,
    LocustError,
    MissingWaitTimeError,
    RescheduleTask,
    RescheduleTaskImmediately,
    StopTest,
    StopUser,
)
from locust_rs.user.lifecycle import LOCUST_STATE_RUNNING as LOCUST_STATE_RUNNING
from locust_rs.user.lifecycle import LOCUST_STATE_STOPPING as LOCUST_STATE_STOPPING
from locust_rs.user.lifecycle import LOCUST_STATE_WAITING as LOCUST_STATE_WAITING
from locust_rs.user.lifecycle import WAIT_ENDS as WAIT_ENDS
from locust_rs.user.selection import get_tasks_from_base_classes, pick
from locust_rs.user.turnstile import Turnstile, turnstile_of
from locust_rs.util.deprecation import check_for_deprecated_task_set_attribute

if TYPE_CHECKING:
    from locust_rs.user.base import User

logger = logging.getLogger("locust.user.task")

# A user without tasks may still get some; checking for them must not use the CPU that other users need.
_BETWEEN_LOOKS_FOR_TASKS_S = 1
_told: set[str] = set()


class NoTasksError(LocustError):
    """A User or TaskSet has no tasks."""


class TaskSetMeta(type):
    """Collects the tasks of a class and of its bases into `tasks`."""

    tasks: list[Any]

    def __new__(mcs, classname: str, bases: tuple[type, ...], class_dict: dict[str, Any]) -> TaskSetMeta:
        class_dict["tasks"] = get_tasks_from_base_classes(bases, class_dict)
        check_for_deprecated_task_set_attribute(class_dict)
        return super().__new__(mcs, classname, bases, class_dict)


class TaskSet(metaclass=TaskSetMeta):
    """A set of tasks that a User executes until it is interrupted.

    It picks a task, executes it, waits for its `wait_time` (the User's, unless it has one of its own) and
    starts over. A task may be another TaskSet class, which then runs in the same greenlet until it is interrupted
    and control returns to this one.

    An instance belongs to one User, runs in its greenlet, and ends with an `InterruptTaskSet`, a `StopUser` or the
    kill of the greenlet; `on_stop` is called in each case.

    Args:
        parent: The TaskSet or User that runs it.
    """

    tasks: list[Any] = []
    """Functions and TaskSet classes to run; a list, pairs of task and weight, or a dictionary."""

    min_wait: float | None = None
    """Deprecated: shortest wait in milliseconds. Use `wait_time = between(…)`."""

    max_wait: float | None = None
    """Deprecated: longest wait in milliseconds. Use `wait_time = between(…)`."""

    wait_function: Callable[..., float] | None = None
    """Deprecated and without effect. Use `wait_time`."""

    _pending: deque[Any] | None = None
    _cp_last_wait_time: float = 0
    _user: User
    _parent: Any

    def __init__(self, parent: User) -> None:
        self._parent = parent
        # The parent is a User, or a TaskSet with the same user.
        user: User = parent._user if isinstance(parent, TaskSet) else parent
        self._user = user
        self._pending = None
        if user.min_wait is not None and self.min_wait is None:
            self.min_wait = user.min_wait
        if user.max_wait is not None and self.max_wait is None:
            self.max_wait = user.max_wait
        self._cp_last_run = monotonic()
        self._time_start = time()

    @property
    def user(self) -> User:
        """The User that runs this TaskSet."""
        return self._user

    @property
    def parent(self) -> Any:
        """The TaskSet that runs this one, or the User."""
        return self._parent

    @property
    def client(self) -> Any:
        """The User's `client`."""
        return self._user.client  # type: ignore[attr-defined]  # a User that speaks a protocol has one

    @property
    def _task_queue(self) -> deque[Any]:
        queue = self._pending
        if queue is None:
            queue = self._pending = deque()
        return queue

    @_task_queue.setter
    def _task_queue(self, tasks: Iterable[Any]) -> None:
        self._pending = tasks if isinstance(tasks, deque) else deque(tasks)

    def on_start(self) -> None:
        """Called when a User starts executing this TaskSet."""

    def on_stop(self) -> None:
        """Called when a User stops executing this TaskSet, by `interrupt()` or because it is stopped."""

    def run(self) -> NoReturn:
        """Executes tasks until an exception ends it.

        Raises:
            RescheduleTask, RescheduleTaskImmediately: The set was interrupted; the parent continues.
            StopUser, StopTest, GreenletExit: The User ends.
        """
        try:
            self.on_start()
        except InterruptTaskSet as interrupt:
            raise _for_the_parent(interrupt) from interrupt

        user = self._user
        picks_directly, runs_directly, waits_as_usual = _what_is_not_replaced(type(self), user)
        loop = get_hub().loop
        turnstile = turnstile_of(user)
        last_turn = -1
        # A User's own task set uses the User's queue: one object less to access, for each of thousands of users.
        holder = user if type(self) is DefaultTaskSet else self
        while True:
            try:
                queued = not picks_directly or holder._pending
                if not queued:
                    task = tasks[0] if runs_directly and len(tasks := user.tasks) == 1 else self.get_next_task()
                elif not self._task_queue:
                    self.schedule_task(self.get_next_task())
                if user._state == LOCUST_STATE_STOPPING:
                    raise StopUser()
                try:
                    if turnstile.is_watched:
                        self._execute_in_turn(turnstile, None if queued else task)
                    elif queued:
                        self.execute_next_task()
                    elif runs_directly and type(task) is FunctionType:
                        task(user)
                    else:
                        self.execute_task(task)
                except RescheduleTaskImmediately:
                    _let_others_run(user)
                except RescheduleTask:
                    self.wait()
                else:
                    if not waits_as_usual:
                        self.wait()
                    elif (seconds := user.wait_time()) == 0 and last_turn != (turn := loop.iteration & _FEW_TURNS):
                        last_turn = turn
                    else:
                        self._pause(seconds)
            except InterruptTaskSet as interrupt:
                self._stopped()
                raise _for_the_parent(interrupt) from interrupt
            except _ENDING:
                self._stopped()
                raise
            except NoTasksError as error:
                self._report_missing_tasks(error)
                self._wait_after_error(_BETWEEN_LOOKS_FOR_TASKS_S)
            except Exception as error:
                self._report(error)
                self._wait_after_error()

    def _execute_in_turn(self, turnstile: Turnstile, picked: Any) -> None:
        """Executes a task, or without one the first task of the queue, when the turnstile lets it begin."""
        task = self._task_queue[0] if picked is None else picked
        if isinstance(task, type) and issubclass(task, TaskSet):
            turnstile.await_resume(self)
            self._execute(picked)
        else:
            with turnstile.iteration(self, task):
                self._execute(picked)

    def _execute(self, picked: Any) -> None:
        if picked is None:
            self.execute_next_task()
        else:
            self.execute_task(picked)

    def execute_next_task(self) -> None:
        """Takes the first task off the queue and executes it."""
        self.execute_task(self._task_queue.popleft())

    def execute_task(self, task: Any) -> None:
        """Runs a task: a function with this TaskSet, a method of it, or a TaskSet class as a nested set."""
        if type(task) is FunctionType:
            task(self)
        elif isinstance(task, type) and issubclass(task, TaskSet):
            task(self).run()  # type: ignore[arg-type]  # a TaskSet may be a parent as well
        elif getattr(task, "__self__", None) is self:
            task()
        else:
            task(self)

    def schedule_task(self, task_callable: Any, first: bool = False) -> None:
        """Queues a task; queued tasks run before others are picked.

        Args:
            task_callable: The task.
            first: Put it before the tasks that are queued already.
        """
        if first:
            self._task_queue.appendleft(task_callable)
        else:
            self._task_queue.append(task_callable)

    def get_next_task(self) -> Any:
        """Picks the next task.

        Raises:
            NoTasksError: There are none; the message says how to declare some.
        """
        if not self.tasks:
            hint = (
                ", but you have set a 'task' attribute - maybe you meant to set 'tasks'?"
                if getattr(self, "task", None)
                else "."
            )
            raise NoTasksError(
                f"No tasks defined on {type(self).__name__}{hint} use the @task decorator "
                "or set the 'tasks' attribute of the TaskSet"
            )
        return pick(self.tasks)

    def wait_time(self) -> float:
        """Seconds to wait after a task; the User's, unless the TaskSet has its own.

        Raises:
            MissingWaitTimeError: There is none.
        """
        of_the_user = self._user.wait_time
        if of_the_user is not None:
            return of_the_user()
        if self.min_wait is not None and self.max_wait is not None:
            return random.randint(int(self.min_wait), int(self.max_wait)) / 1000
        raise MissingWaitTimeError(
            f"You must define a wait_time method on either the {type(self._user).__name__} or "
            f"{type(self).__name__} class"
        )

    def wait(self) -> None:
        """Lets the User pause for `wait_time` seconds.

        During the pause the User stops at once, whatever the stop timeout. A wait of zero after a task that has passed
        through gevent's hub, as every request does, returns immediately, because other users could run then.

        Raises:
            StopUser: The User is being stopped.
        """
        user = self._user
        if user._state == LOCUST_STATE_STOPPING:
            raise StopUser()
        seconds = self.wait_time()
        if seconds == 0 and user._hub_turn != (turn := get_hub().loop.iteration):
            user._hub_turn = turn
        else:
            self._pause(seconds)

    def _pause(self, seconds: float) -> None:
        """Sleeps, in a state in which the User can be stopped at once."""
        user = self._user
        if user._state == LOCUST_STATE_STOPPING:
            raise StopUser()
        user._state = LOCUST_STATE_WAITING
        self._sleep(seconds)
        if user._state == WAIT_ENDS:
            user._state = LOCUST_STATE_STOPPING
            raise StopUser()
        user._state = LOCUST_STATE_RUNNING
        user._hub_turn = get_hub().loop.iteration

    def _sleep(self, seconds: float) -> None:
        gevent.sleep(seconds)

    def interrupt(self, reschedule: bool = True) -> NoReturn:
        """Ends this TaskSet and returns control to its parent.

        Args:
            reschedule: True makes the parent pick its next task at once; False makes it wait first.

        Raises:
            InterruptTaskSet: Always.
        """
        raise InterruptTaskSet(reschedule)

    def _stopped(self) -> None:
        """Calls `on_stop`; passes on only exceptions that end the User."""
        try:
            self.on_stop()
        except _ENDING:
            raise
        except Exception:
            logging.error("Uncaught exception in on_stop: \n%s", traceback.format_exc())

    def _report(self, error: Exception) -> None:
        """Fires `user_error` for an exception of a task; logs it, or raises it if exceptions are not caught."""
        environment = self._user.environment
        environment.events.user_error.fire(user_instance=self, exception=error, tb=error.__traceback__)
        if not environment.catch_exceptions:
            raise error
        logger.error("%s\n%s", error, traceback.format_exc())

    def _report_missing_tasks(self, error: NoTasksError) -> None:
        """Reports like `_report` that there are no tasks, but logs it once per class: no user of it has any."""
        environment = self._user.environment
        environment.events.user_error.fire(user_instance=self, exception=error, tb=error.__traceback__)
        if not environment.catch_exceptions:
            raise error
        if str(error) not in _told:
            _told.add(str(error))
            logger.error("%s", error)

    def _wait_after_error(self, seconds: float | None = None) -> None:
        """Waits as after any task; `on_stop` is called if the User is stopped during the wait.

        Args:
            seconds: Seconds to wait instead of the wait time.
        """
        try:
            if seconds is None:
                self.wait()
            else:
                self._pause(seconds)
        except _ENDING:
            self._stopped()
            raise


class DefaultTaskSet(TaskSet):
    """The TaskSet that every User runs: it executes the User's tasks, with the User as their argument."""

    is_a_visit: ClassVar[bool] = False
    """Whether it ends by itself, and the User with it."""

    @property
    def _pending(self) -> deque[Any] | None:
        return self._user._pending

    @_pending.setter
    def _pending(self, queue: deque[Any] | None) -> None:
        self._user._pending = queue

    def get_next_task(self) -> Any:
        """Picks one of the User's tasks.

        Raises:
            NoTasksError: There are none; the message says how to declare some.
        """
        tasks = self._user.tasks
        if len(tasks) == 1:
            return tasks[0]
        if tasks:
            return pick(tasks)
        user = self._user
        hint = (
            ", but you have set a 'task' attribute on your class - maybe you meant to set 'tasks'?"
            if getattr(user, "task", None)
            else "."
        )
        raise NoTasksError(
            f"No tasks defined on {type(user).__name__}{hint} Use the @task decorator or set the 'tasks' "
            "attribute of the User (or mark it as abstract = True if you only intend to subclass it)"
        )

    def execute_task(self, task: Any) -> None:
        """Runs a task of the User."""
        if type(task) is FunctionType:
            task(self._user)
        elif isinstance(task, type) and issubclass(task, TaskSet):
            task(self._user).run()
        elif getattr(task, "__self__", None) is self._user:
            task()
        else:
            task(self._user)


_ENDING = (StopUser, StopTest, GreenletExit)
_schedule_task = TaskSet.schedule_task
_execute_next_task = TaskSet.execute_next_task
_wait = TaskSet.wait
_wait_time = TaskSet.wait_time
_get_next_task = DefaultTaskSet.get_next_task
_execute_task = DefaultTaskSet.execute_task

# A mask (a power of two less one) for the number of the hub's turn that the loop remembers. CPython shares integers up
# to 256; a larger one would be an object of its own for each of thousands of users. If two turns happen to have the
# same masked number, the user passes through the hub once more.
_FEW_TURNS = 255


def _what_is_not_replaced(cls: type[TaskSet], user: User) -> tuple[bool, bool, bool]:
    """Determines which steps of the loop may be inlined, because nothing overrides them.

    Returns:
        Whether a picked task may bypass the queue; whether a User's only task may be picked, and functions executed,
        without the methods; and whether the loop itself may decide on a wait of zero. (The latter does not hold for a
        nested set, which may get a wait_time of its own while it runs.)
    """
    picks_directly = (
        cls.schedule_task is _schedule_task
        and cls.execute_next_task is _execute_next_task
        and cls.get_next_task.__module__.startswith("locust_rs.user.")
    )
    runs_directly = cls is DefaultTaskSet and cls.get_next_task is _get_next_task and cls.execute_task is _execute_task
    waits_as_usual = (
        cls is DefaultTaskSet and cls.wait is _wait and cls.wait_time is _wait_time and user.wait_time is not None
    )
    return picks_directly, runs_directly, waits_as_usual


def _for_the_parent(interrupt: InterruptTaskSet) -> RescheduleTask | RescheduleTaskImmediately:
    if interrupt.reschedule:
        return RescheduleTaskImmediately(interrupt.reschedule)
    return RescheduleTask(interrupt.reschedule)


def _let_others_run(user: User) -> None:
    """Passes through the hub unless the task did, so that a set that always interrupts does not starve others."""
    if get_hub().loop.iteration == user._hub_turn:
        gevent.sleep(0)
    user._hub_turn = get_hub().loop.iteration
