"""Runner: what local, master and worker runners have in common."""

from __future__ import annotations

import inspect
import logging
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import gevent
from gevent import Greenlet
from gevent.event import Event
from gevent.lock import RLock
from gevent.pool import Group

from locust_rs._states import STATE_CLEANUP, STATE_INIT, STATE_RUNNING, STATE_SPAWNING, STATE_STOPPED, STATE_STOPPING
from locust_rs._tunables import runners as tunables
from locust_rs.exception import StopTest
from locust_rs.log import greenlet_exception_logger
from locust_rs.runners.arrivals.local import Arrivals, LocalArrivals
from locust_rs.runners.exception_table import ExceptionDict, count_exception
from locust_rs.runners.grouping import begin_groups
from locust_rs.runners.iteration_limit import end_at_limit
from locust_rs.runners.judging import judge_run
from locust_rs.runners.resources import CpuWarning, GeneratorHealth, warn_of_cpu
from locust_rs.runners.scenarios.local import LocalScenarios
from locust_rs.runners.scenarios.timetable import Scenarios
from locust_rs.runners.shape_driver import drive_shape
from locust_rs.runners.turns import in_turn
from locust_rs.runners.users.roster import Roster
from locust_rs.stats import RequestStats
from locust_rs.stats.intended import IntendedTimes
from locust_rs.user.intended_start import FirstAnswers

if TYPE_CHECKING:
    from locust_rs.dispatch import UsersDispatcher
    from locust_rs.env import Environment
    from locust_rs.rpc import Message
    from locust_rs.user.users import User

logger = logging.getLogger("locust.runners")

greenlet_exception_handler = greenlet_exception_logger(logger)


def locust_exception_handler(environment: Environment) -> Callable[[Any], None]:
    """A callback for `greenlet.link_exception`: StopTest ends the test, everything else is logged."""

    def handle(greenlet: Any) -> None:
        if isinstance(greenlet.exception, StopTest):
            stop_test(environment, greenlet.exception)
        else:
            greenlet_exception_handler(greenlet)

    return handle


def stop_test(environment: Environment, reason: StopTest) -> None:
    """Ends the test because of `reason`; may be called from any greenlet."""
    if str(reason):
        logger.error(str(reason))
    logger.warning("Stopping Locust...")
    if environment.runner is not None:
        gevent.spawn(environment.runner.quit)


class Runner:
    """Starts and stops users. One per Environment; made by its `create_…` methods.

    Its methods are called from greenlets; users run in `user_greenlets`, its own loops in `greenlet`.
    """

    is_distributed = False
    is_master = False
    is_worker = False
    worker_count: int = 0
    """Workers that can run users; 1 for a local runner, which is its own worker."""
    worker_index: int = -1
    """This worker's number, counted from 0. It is 0 for a local runner, and -1 where no master has assigned one."""
    client_id: str = "local"

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.user_greenlets = Group()
        self.greenlet = Group()
        self.state = STATE_INIT
        self.spawning_greenlet: Greenlet[..., Any] | None = None
        self.shape_greenlet: Greenlet[..., Any] | None = None
        self.shape_last_tick: Any = None
        self.current_cpu_usage: float = 0.0
        self.cpu_warning_emitted = False
        self.worker_cpu_warning_emitted = False
        self.current_memory_usage: int = 0
        self.exceptions: dict[int, ExceptionDict] = {}
        self.target_user_classes_count: dict[str, int] = {}
        self.target_user_count: int = 0
        self.custom_messages: dict[str, tuple[Callable[..., Any], bool]] = {}
        self._users_dispatcher: UsersDispatcher | None = None
        self.connection_broken = False
        self.final_user_classes_count: dict[str, int] = {}
        self.health = GeneratorHealth(measures=not self.is_master)
        self.health.starts_here = environment.paced_starts
        self.stats.health = self.health
        self._on_failure = locust_exception_handler(environment)
        self._roster = Roster(self)
        self.arrivals = self._make_arrivals()
        """The users that arrive, in an open model."""
        self.scenarios = self._make_scenarios()
        """The classes that bring their own users."""
        self.graceful_stops_hold = True
        """Whether classes have stop timeouts of their own; not in a test that is aborted or drained."""
        self.health.measure_arrivals = lambda: self.arrivals.counts
        # Held while a test begins or ends.
        self._turn = RLock()
        self._times_ended = 0
        self._is_ramping = False
        # Greenlets in which handlers run that must finish.
        self._uninterrupted: set[Any] = set()
        self._first_answers: FirstAnswers | None = None
        self.ramp_ended = Event()
        """Set once the first ramp of a test has spawned its users."""
        self.limit_reached = Event()
        """Set once all iterations of a test with a limit have ended."""
        environment.events.request.add_listener(self.stats.recorder)
        environment.events.spawning_complete.add_listener(self._on_spawning_complete)
        self._judge: Greenlet[..., Any] | None = None
        self._ends_at_once = False
        self._keep_running(self.monitor_cpu_and_memory)
        self._keep_running(self._watch_health)

    # -- what others read --------------------------------------------------------------------------------------

    @property
    def user_classes(self) -> list[type[User]]:
        """The User classes of the test."""
        return self.environment.user_classes

    @property
    def user_classes_by_name(self) -> dict[str, type[User]]:
        """The User classes by name."""
        return self.environment.user_classes_by_name

    @property
    def stats(self) -> RequestStats:
        """The statistics of the Environment."""
        return self.environment.stats

    @property
    def errors(self) -> dict[str, Any]:
        """The failed requests: one row per kind of failure, by key."""
        return self.stats.errors

    @property
    def user_count(self) -> int:
        """The number of users that run now."""
        return len(self.user_greenlets)

    @property
    def user_classes_count(self) -> dict[str, int]:
        """Users that run now, by class name; classes without users count 0."""
        running = {cls.__name__: 0 for cls in self.user_classes}
        for user in self._users():
            name = type(user).__name__
            running[name] = running.get(name, 0) + 1
        return running

    @property
    def running_by_class(self) -> dict[str, int]:
        """Users that run now, by class name, on all nodes of the test that are known here."""
        return self.user_classes_count

    def _users(self) -> list[User]:
        """The users that run now, oldest first. A greenlet that has ended no longer has its arguments."""
        return [greenlet.args[0] for greenlet in self.user_greenlets if greenlet.args]

    def update_state(self, new_state: str) -> None:
        """Enters a state, one of the `STATE_…` constants."""
        self.state = new_state

    # -- the machine -------------------------------------------------------------------------------------------

    def cpu_log_warning(self) -> bool:
        """Warns at the end of a test if the CPU was too busy, and returns whether it was."""
        if self.cpu_warning_emitted:
            logger.warning(
                "CPU usage was too high at some point during the test! "
                "See https://docs.locust.io/en/stable/running-distributed.html for how to distribute the load "
                "over multiple CPU cores or machines"
            )
        return self.cpu_warning_emitted

    def monitor_cpu_and_memory(self) -> None:
        """Keeps CPU and memory usage up to date, fires `usage_monitor` and `cpu_warning`; never returns."""
        warning = CpuWarning()
        next_report = time.monotonic() + tunables.CPU_MONITOR_INTERVAL
        while True:
            gevent.sleep(min(1.0, tunables.CPU_MONITOR_INTERVAL))
            self.current_cpu_usage = self.health.cpu_usage
            self.current_memory_usage = self.health.memory_usage
            if warning.is_due(self.current_cpu_usage) and not self.cpu_warning_emitted:
                self.cpu_warning_emitted = True
                warn_of_cpu(self.current_cpu_usage)
            if time.monotonic() < next_report:
                continue
            next_report = time.monotonic() + tunables.CPU_MONITOR_INTERVAL
            self._report_usage()

    def _report_usage(self) -> None:
        self.environment.events.usage_monitor.fire(
            environment=self.environment, cpu_usage=self.current_cpu_usage, memory_usage=self.current_memory_usage
        )
        if self.current_cpu_usage > tunables.CPU_WARNING_THRESHOLD:
            self.environment.events.cpu_warning.fire(environment=self.environment, cpu_usage=self.current_cpu_usage)
            if not self.cpu_warning_emitted:
                self.cpu_warning_emitted = True
                warn_of_cpu(self.current_cpu_usage)

    def _watch_health(self) -> None:
        self.health.watch(self.stats)

    def _keep_running(self, loop: Callable[[], None]) -> Greenlet[..., Any]:
        """Runs a loop in the group `greenlet`; a loop that fails is logged and restarted after a second."""

        def supervised() -> None:
            while True:
                try:
                    return loop()
                except Exception:
                    logger.exception(f"{loop.__name__} failed and starts again in 1 second")
                    gevent.sleep(1)

        greenlet = self.greenlet.spawn(supervised)
        greenlet.link_exception(greenlet_exception_handler)
        return greenlet

    # -- users -------------------------------------------------------------------------------------------------

    def spawn_users(self, user_classes_spawn_count: dict[str, int], wait: bool = False) -> list[User]:
        """Starts users immediately, without a dispatcher.

        Args:
            user_classes_spawn_count: The number of users to start, by class name.
            wait: Return only when all users have stopped.

        Returns:
            The new users.

        Raises:
            KeyError: There is no such class.
            StopTest: A user cannot run at all, for example because it has no host.
        """
        if self.state in (STATE_INIT, STATE_STOPPED):
            self.update_state(STATE_SPAWNING)
        new_users = self._roster.add(user_classes_spawn_count)
        if wait:
            self.user_greenlets.join()
            logger.info("All users stopped\n")
        return new_users

    def _note_exception(self, error: BaseException) -> None:
        """Counts an exception of user code; a worker sends it to its master, which counts it."""
        self.log_exception(self._node_name, str(error), "".join(traceback.format_tb(error.__traceback__)))

    _node_name = "local"

    def stop_users(self, user_classes_stop_count: dict[str, int]) -> None:
        """Stops users, the oldest first, and returns when they have ended.

        With a stop timeout, users may finish their current task. Without one they are interrupted, except that a
        request in flight may still be answered and counted.

        Args:
            user_classes_stop_count: The number of users to stop, by class name. A number above that of the running
                users stops all of them.
        """
        self._roster.stop(user_classes_stop_count)

    # -- a test's life -----------------------------------------------------------------------------------------

    def start(
        self, user_count: int, spawn_rate: float, wait: bool = False, user_classes: list[type[User]] | None = None
    ) -> None:
        """Starts a test, or changes the running one; see the subclasses."""
        raise NotImplementedError

    def send_message(self, msg_type: str, data: Any = None, client_id: str | None = None) -> None:
        """Sends a custom message; see the subclasses."""
        raise NotImplementedError

    def _start_from_shape(self, user_count: int, spawn_rate: float, user_classes: list[type[User]] | None) -> None:
        """As `start`, but never waits for the ramp: the next tick may change it."""
        raise NotImplementedError

    def start_shape(self) -> None:
        """Starts the loop in which the Environment's shape controls the test, unless it already runs."""
        if self.shape_greenlet:
            logger.info("There is an ongoing shape test running. Editing is disabled")
            return
        logger.info("Shape test starting.")
        self.update_state(STATE_INIT)
        self.shape_greenlet = self.greenlet.spawn(self.shape_worker)
        self.shape_greenlet.link_exception(greenlet_exception_handler)
        if self.environment.shape_class is not None:
            self.environment.shape_class.reset_time()

    def shape_worker(self) -> None:
        """Asks the shape once per second what to do, until it ends the test."""
        drive_shape(self)

    def stop(self) -> None:
        """Stops a running test by stopping all users."""
        self._log_caller_of_stop()
        self.update_state(STATE_CLEANUP)
        self._end_shape()
        self._end_spawning()
        self.final_user_classes_count = self.user_classes_count
        self.arrivals.end()
        self.scenarios.end()
        self._roster.end()
        self.environment.turnstile.resume()
        self._users_dispatcher = None
        self.update_state(STATE_STOPPED)
        self.cpu_log_warning()

    @property
    def is_paused(self) -> bool:
        """Whether the test is paused."""
        return self.environment.turnstile.is_paused and self.state in (STATE_SPAWNING, STATE_RUNNING)

    def pause(self) -> bool:
        """Lets no further iteration begin until `resume`, here and on all workers.

        Iterations that have begun go on to their end, and users that are spawned meanwhile start after the pause. The
        state stays as it is, and the run time does not go on.

        Returns:
            Whether the test is paused now; False if none runs.
        """
        if self.state not in (STATE_SPAWNING, STATE_RUNNING):
            return False
        if not self.is_paused:
            logger.info("Test paused: no further iteration begins")
            self.environment.turnstile.pause()
        return True

    def resume(self) -> None:
        """Ends a pause; does nothing without one."""
        if self.is_paused:
            logger.info("Test resumed")
            self.environment.turnstile.resume()

    @in_turn
    def quit(self) -> None:
        """Stops a running test and ends the runner's greenlets."""
        self.stop()
        self.greenlet.kill(block=True)

    def stop_at_once(self) -> None:
        """Ends the test without giving the users time to finish their tasks; without a web UI, ends the runner too."""
        environment = self.environment
        stop_timeout, environment.stop_timeout = environment.stop_timeout, 0.0
        self._ends_at_once, self.graceful_stops_hold = True, False
        try:
            if environment.web_ui is None:
                self.quit()
            else:
                self.stop()
        finally:
            self._ends_at_once, self.graceful_stops_hold = False, True
            environment.stop_timeout = stop_timeout

    def _log_caller_of_stop(self) -> None:
        caller = inspect.currentframe()
        while caller is not None and caller.f_globals.get("__name__", "").startswith("locust_rs.runners."):
            caller = caller.f_back
        where = f"{caller.f_code.co_filename}:{caller.f_lineno}" if caller is not None else "unknown"
        logger.debug("Stopping all users (called from %s)", where)

    def _end_spawning(self) -> None:
        spawning = self.spawning_greenlet
        if spawning is not None and spawning not in (gevent.getcurrent(), *self._uninterrupted):
            spawning.kill(block=True)
        self._is_ramping = False

    def _supersede_spawning(self) -> None:
        """Ends `spawning_greenlet`, before another takes its place; one that is making users sees that by itself."""
        if self.spawning_greenlet is not self._roster.maker:
            self._end_spawning()

    def _complete_spawning(self, user_count: int) -> None:
        """Fires `spawning_complete` in the calling greenlet, which nobody ends before the handlers have finished."""
        with self._interrupted_by_nobody():
            self.environment.events.spawning_complete.fire(user_count=user_count)

    @contextmanager
    def _interrupted_by_nobody(self) -> Iterator[None]:
        """While it lasts, no start, stop or quit kills the calling greenlet, which may be the one that asks for it."""
        current: Any = gevent.getcurrent()
        is_ours = current in self.greenlet
        self.greenlet.discard(current)
        self._uninterrupted.add(current)
        try:
            yield
        finally:
            self._uninterrupted.discard(current)
            if is_ours:
                self.greenlet.add(current)

    def _end_shape(self) -> None:
        if self.shape_greenlet is not None and self.shape_greenlet is not gevent.getcurrent():
            self.shape_greenlet.kill(block=True)
        self.shape_greenlet = None
        self.shape_last_tick = None

    def _begin_unless_running(self, times_ended: int) -> bool:
        """Begins a test, unless one runs or begins already.

        Args:
            times_ended: The value of `_times_ended` when somebody asked for the test.

        Returns:
            Whether the test that was asked for runs now; False: it was stopped meanwhile.
        """
        with self._turn:
            if times_ended == self._times_ended and self.state not in (STATE_RUNNING, STATE_SPAWNING):
                try:
                    with self._interrupted_by_nobody():
                        self._begin_test()
                except StopTest as reason:
                    self._end_because(reason)
                    return False
                if times_ended == self._times_ended:
                    self.update_state(STATE_SPAWNING)
            return times_ended == self._times_ended

    def _end_because(self, reason: StopTest) -> None:
        stop_test(self.environment, reason)

    def _begin_test(self) -> None:
        """Clears what the previous test left and fires `test_start`."""
        self.stats.clear_all()
        self.exceptions = {}
        self.cpu_warning_emitted = False
        self.worker_cpu_warning_emitted = False
        self.health.reset()
        self.environment._filter_tasks_by_tags()
        if not self.is_worker:
            self.environment.thresholds.begin()
        self._keep_intended_times(self.environment.intended_start)
        begin_groups(self)
        self.ramp_ended.clear()
        self.limit_reached.clear()
        self.environment.events.test_start.fire(environment=self.environment)
        self._begin_iterations()
        self.scenarios.begin()
        self.arrivals.begin()
        if not self.is_worker and self.environment.thresholds and not self._judge:
            self._judge = self._keep_running(self._judge_run)

    def _make_arrivals(self) -> Arrivals:
        return LocalArrivals(self)

    def _make_scenarios(self) -> Scenarios:
        return LocalScenarios(self)

    def _judge_run(self) -> None:
        judge_run(self)

    def _keep_intended_times(self, are_wanted: bool) -> None:
        """Keeps the times from the intended start in this test, or not; needs a listener that Python calls."""
        if self._first_answers is not None:
            self.environment.events.request.remove_listener(self._first_answers)
            self._first_answers = None
        self.stats.intended = IntendedTimes(RequestStats(use_response_times_cache=False)) if are_wanted else None
        if self.stats.intended is not None and not self.is_master:
            self._first_answers = FirstAnswers(self.stats.intended)
            self.environment.events.request.add_listener(self._first_answers)

    def _begin_iterations(self) -> None:
        """Lets the users' iterations begin, up to the limit."""
        limit = self.environment.iterations
        self.environment.turnstile.watch(when_short=lambda: None, when_done=lambda: end_at_limit(self, limit or 0))
        self.environment.turnstile.begin(limit)

    def _apply_host(self) -> None:
        """Sets the Environment's host, if it has one, on the User classes."""
        if self.environment.host:
            for user_class in self.user_classes:
                user_class.host = self.environment.host

    def _on_spawning_complete(self, user_count: int, **kwargs: Any) -> None:
        # A handler before this one may have taken its time: there may be another ramp by now, or no test any more.
        if not self._is_ramping and self.state not in (STATE_CLEANUP, STATE_STOPPING, STATE_STOPPED):
            self.update_state(STATE_RUNNING)
        if self.state == STATE_RUNNING:
            self.ramp_ended.set()
        if self.environment.reset_stats:
            logger.info("Resetting stats\n")
            self.stats.reset_all()
            self.environment.thresholds.restart()

    # -- exceptions and messages -------------------------------------------------------------------------------

    def log_exception(self, node_id: str, msg: str, formatted_tb: str) -> None:
        """Counts an exception of a task in `exceptions`; equal tracebacks share a row."""
        count_exception(self.exceptions, node_id, msg, formatted_tb)

    def register_message(self, msg_type: str, listener: Callable[..., Any], concurrent: bool = False) -> None:
        """Registers a listener for custom messages from other nodes.

        Args:
            msg_type: The type to listen for.
            listener: Called as `listener(environment=, msg=)`; `msg` has `type`, `data` and `node_id`.
            concurrent: Call it in a greenlet of its own, for listeners that wait or take long.
        """
        if msg_type in self.custom_messages:
            raise Exception(
                f"There is a listener for {msg_type} messages already: {self.custom_messages[msg_type][0]}. "
                "Register each type once, for example in a handler of init"
            )
        self.custom_messages[msg_type] = (listener, concurrent)

    def _deliver(self, msg: Message) -> bool:
        """Calls the listener of a custom message and logs its exception. Returns False if there is no listener."""
        if msg.type not in self.custom_messages:
            return False
        logger.debug("Received %s message", msg.type)
        listener, concurrent = self.custom_messages[msg.type]
        if concurrent:
            gevent.spawn(listener, environment=self.environment, msg=msg).link_exception(greenlet_exception_handler)
            return True
        try:
            listener(environment=self.environment, msg=msg)
        except Exception:
            logger.exception(f"Uncaught exception in the listener of '{msg.type}' messages")
        return True
