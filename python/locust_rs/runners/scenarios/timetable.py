"""Follows the plans of all classes that bring their own users through a run."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import gevent

from locust_rs.runners.arrivals.clock import RunClock
from locust_rs.runners.iteration_limit import end_by_itself
from locust_rs.runners.plans import PlanFollower, fault_stops_the_test
from locust_rs.runners.scenarios.plan import UserPlan, plan_text
from locust_rs.user.scenario import brings_users, check_scenario, users_over_time, window_of

if TYPE_CHECKING:
    from locust_rs.runners.base import Runner
    from locust_rs.user.users import User

logger = logging.getLogger("locust.runners")

INTERVAL_S = 0.1
"""How often the users of each class are made those that are meant."""


class Scenarios(Protocol):
    """What a runner has to do about classes that bring their own users."""

    @property
    def names(self) -> set[str]:
        """The classes that bring their own users in this test."""

    @property
    def meant(self) -> dict[str, int]:
        """The users of these classes that are meant now."""

    @property
    def waiting(self) -> set[str]:
        """Those of the classes that have not begun yet."""

    @property
    def ended(self) -> set[str]:
        """Those of the classes of which no users are meant any more."""

    def begin(self) -> None:
        """Begins a test."""

    def end(self) -> None:
        """Starts and stops no users any more."""


class NoScenarios:
    """The scenarios of a worker, whose master says how many users of each class it runs."""

    names: set[str] = set()
    meant: dict[str, int] = {}
    waiting: set[str] = set()
    ended: set[str] = set()

    def begin(self) -> None:
        """Begins a test."""

    def end(self) -> None:
        """Ends it."""


class Timetable:
    """The plans of a test. Owned by a local or master runner.

    Args:
        runner: Runs the test.
        apply: Called several times per second with the users that are meant, by class name.
    """

    def __init__(self, runner: Runner, apply: Callable[[dict[str, int]], None]) -> None:
        self._runner = runner
        self._apply = apply
        self._clock = RunClock(runner.environment.turnstile)
        self._plans: dict[str, UserPlan] = {}
        self._follower = PlanFollower(runner)
        self.meant: dict[str, int] = {}
        """The users that are meant now, by class name."""

    @property
    def names(self) -> set[str]:
        """The classes that bring their own users in this test."""
        return set(self._plans)

    @property
    def ended(self) -> set[str]:
        """Those of the classes of which no users are meant any more."""
        return {name for name, plan in self._plans.items() if plan.is_over}

    @property
    def waiting(self) -> set[str]:
        """Those of the classes that have not begun yet."""
        now_s = self._clock.now_s
        return {name for name, plan in self._plans.items() if now_s < plan.window.start_s}

    def begin(self, at_s: float = 0.0) -> None:
        """Begins a test.

        Args:
            at_s: How long it has lasted already, under a master that is gone.

        Raises:
            StopTest: An attribute of a class is malformed; the message says which, and what to set.
        """
        self._plans, self.meant = {}, {}
        self._clock.begin(at_s)
        plans = {}
        with fault_stops_the_test("The test can't start"):
            arriving = self._runner.environment.arrivals.rates(self._runner.user_classes)
            for user_class in self._runner.user_classes:
                check_scenario(user_class, arrives=user_class.__name__ in arriving)
                if brings_users(user_class) and user_class.__name__ not in arriving:
                    plans[user_class.__name__] = _plan_of(user_class)
        self._plans, self.meant = plans, dict.fromkeys(plans, 0)
        if plans:
            self._follower.begin(self._run)

    def end(self) -> None:
        """Follows the plans no longer."""
        self._follower.end()

    def _run(self) -> None:
        while True:
            now_s = self._clock.now_s
            for name, plan in self._plans.items():
                with fault_stops_the_test(f"The users of {name} can't be determined", repr):
                    self.meant[name] = plan.meant_at(now_s)
            self._apply(dict(self.meant))
            if self._is_over():
                end_by_itself(self._runner, "All scenarios have ended")
                return
            gevent.sleep(INTERVAL_S)

    def _is_over(self) -> bool:
        runner = self._runner
        if self.ended != self.names or ramped(runner, runner.user_classes) or not runner.arrivals.is_over:
            return False
        running = runner.running_by_class
        return not any(running.get(name, 0) for name in self._plans)


def ramped(runner: Runner, user_classes: list[type[User]]) -> list[type[User]]:
    """Those of the classes whose users `-u` and `-r`, or a shape, start: that bring no load of their own."""
    return [
        user_class
        for user_class in runner.arrivals.closed(user_classes)
        if user_class.__name__ not in runner.scenarios.names
    ]


def bring_load(runner: Runner) -> set[str]:
    """The names of the other classes: their users arrive, or they have a scenario."""
    names = {user_class.__name__ for user_class in runner.user_classes}
    return names - {user_class.__name__ for user_class in ramped(runner, runner.user_classes)}


def _plan_of(user_class: type[User]) -> UserPlan:
    stages, window = users_over_time(user_class), window_of(user_class)
    try:
        plan = UserPlan(stages, window)
    except ValueError as error:
        raise ValueError(f"{user_class.__name__}.user_stages: {error}") from error
    logger.info(f"Users of {user_class.__name__}: {plan_text(stages, window)}")
    return plan
