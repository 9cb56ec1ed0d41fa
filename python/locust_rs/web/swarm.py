"""The test that the form starts: its ramp, its run time, and what a form may change about it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import gevent

from locust_rs import log
from locust_rs._states import STATE_RUNNING, STATE_SPAWNING
from locust_rs.runners.run_time import RunTime

if TYPE_CHECKING:
    from gevent.greenlet import Greenlet

    from locust_rs.env import Environment
    from locust_rs.web.swarm_form import SwarmRequest

logger = logging.getLogger("locust.web")
greenlet_exception_handler = log.greenlet_exception_logger(logger)


class Swarm:
    """Starts, changes and stops the test of one environment on behalf of the form.

    Owned by the `WebUI` (`web_ui.swarm`) and used by the greenlets that answer requests. The ramp and the timer of
    the run time are greenlets of their own.
    """

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.ramp: Greenlet[..., Any] | None = None
        """Starts the users of the latest form; None before the first one and after a stop."""
        self.run_time_timer: Greenlet[..., Any] | None = None
        """Stops the test when its run time is over; None without a run time."""

    @property
    def is_running(self) -> bool:
        """Whether a form changes a running test, which keeps what the form does not name, or starts a new one."""
        runner = self.environment.runner
        return runner is not None and runner.state in (STATE_SPAWNING, STATE_RUNNING)

    def apply(self, asked: SwarmRequest) -> dict[str, Any]:
        """Makes the changes that a form asks for, and starts or changes the test.

        Returns:
            The answer of `/swarm`.
        """
        self._store(asked)
        if asked.run_time_given or not self.is_running:
            self.cancel_run_time()
        environment = self.environment
        runner = environment.runner
        assert runner is not None
        run_time = RunTime(runner)
        if environment.shape_class is not None:
            runner.start_shape()
            message = f"Swarming started using shape class '{type(environment.shape_class).__name__}'"
            return {"success": True, "message": message, "host": environment.host}
        assert asked.user_count is not None
        assert asked.spawn_rate is not None
        self._start(asked.user_count, asked.spawn_rate)
        answer: dict[str, Any] = {"success": True, "message": "Swarming started", "host": environment.host}
        if asked.run_time_s:
            self._stop_after(run_time, asked.run_time_s)
            answer["run_time"] = asked.run_time_s
        if asked.picks_classes:
            # An edit that names none keeps those that were chosen, which need not be all.
            answer["user_classes"] = sorted(user_class.__name__ for user_class in environment.user_classes)
        return answer

    def resume(self, user_count: int, spawn_rate: float, run_time_s: float | None) -> None:
        """Goes on with a test that an earlier process of this master began."""
        runner = self.environment.runner
        assert runner is not None
        run_time = RunTime(runner)
        if self.environment.shape_class is not None:
            runner.start_shape()
            return
        self._start(user_count, spawn_rate)
        if run_time_s:
            self._stop_after(run_time, run_time_s)

    def choose_shape(self, name: str | None) -> None:
        """Makes the next start follow the shape of that name; None or `Default`: no shape."""
        shape = None
        if name and name != "Default":
            shape = (self.environment.available_shape_classes or {})[name]
            shape.runner = self.environment.runner
        self.environment.shape_class = shape

    def choose_user_classes(self, user_classes: dict[str, Any]) -> None:
        """Makes the next start spawn users of these classes, `{name: class}`."""
        self.environment.user_classes = list(user_classes.values())
        self.environment._validate_user_class_name_uniqueness()
        # Weights may have been set to zero since the class was listed.
        self.environment._remove_user_classes_with_weight_zero()

    def stop(self) -> None:
        """Ends the ramp, if it is still going on, and the test."""
        # The timer calls this in its own greenlet, which must not kill itself half-way.
        self.run_time_timer = None
        if self.ramp is not None:
            self.ramp.kill(block=True)
            self.ramp = None
        if self.environment.runner is not None:
            self.environment.runner.stop()

    def cancel_run_time(self) -> None:
        """Forgets the run time that the latest start asked for."""
        if self.run_time_timer is not None:
            self.run_time_timer.kill(block=False)
            self.run_time_timer = None

    def _start(self, user_count: int, spawn_rate: float) -> None:
        """Starts or changes the test without waiting for its ramp, which replaces the ramp of an earlier form."""
        assert self.environment.runner is not None
        if self.ramp is not None:
            self.ramp.kill(block=True)
        self.ramp = gevent.spawn(self.environment.runner.start, user_count, spawn_rate)
        self.ramp.link_exception(greenlet_exception_handler)

    def _stop_after(self, run_time: RunTime, seconds: float) -> None:
        self.run_time_timer = gevent.spawn(self._stop_when_over, run_time, seconds)
        self.run_time_timer.link_exception(greenlet_exception_handler)

    def _stop_when_over(self, run_time: RunTime, seconds: float) -> None:
        if run_time.wait(seconds):
            self.stop()

    def _store(self, asked: SwarmRequest) -> None:
        """Writes a form's values to the environment and its options; the page, shapes and workers read them there."""
        environment = self.environment
        if asked.shape_given:
            self.choose_shape(asked.shape_name)
        if asked.user_classes is not None:
            self.choose_user_classes(asked.user_classes)
        if asked.host is not None:
            environment.host = asked.host
        if asked.profile is not None:
            environment.profile = asked.profile or None
        if asked.iterations_given:
            environment.iterations = asked.iterations
        if asked.arrival_rate_given:
            environment.arrivals.total = asked.arrival_rate
        if asked.max_users_given:
            environment.arrivals.max_users = asked.max_users
        if asked.run_time_from_ramp_end is not None:
            environment.run_time_from_ramp_end = asked.run_time_from_ramp_end
        if asked.thresholds is not None and not self.is_running:
            environment.thresholds.replace(asked.thresholds)
        if environment.parsed_options:
            _store_options(environment.parsed_options, asked)


def _store_options(options: Any, asked: SwarmRequest) -> None:
    for name, value in (("num_users", asked.user_count), ("spawn_rate", asked.spawn_rate)):
        if value is not None:
            setattr(options, name, value)
    if asked.class_names:
        options.user_classes = asked.class_names
    if asked.run_time_given:
        options.run_time = asked.run_time_s
    if asked.iterations_given:
        options.iteration_limit = asked.iterations
    if asked.profile is not None:
        options.profile = asked.profile
    if asked.host is not None:
        options.host = asked.host
    for name, value in asked.custom.items():
        setattr(options, name, value)
