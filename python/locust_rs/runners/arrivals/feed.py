"""Hands arrivals out a moment before they are due, and follows changes of their rates."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from typing import TYPE_CHECKING

import gevent

from locust_rs.runners.arrivals.clock import RunClock
from locust_rs.runners.arrivals.profile import check, text_of
from locust_rs.runners.arrivals.schedule import Schedule
from locust_rs.runners.iteration_limit import end_by_itself
from locust_rs.runners.plans import PlanFollower, fault_stops_the_test
from locust_rs.user.scenario import check_scenario, window_of

if TYPE_CHECKING:
    from locust_rs.runners.base import Runner
    from locust_rs.user.users import User

logger = logging.getLogger("locust.runners")

INTERVAL_S = 0.1
"""How often arrivals are handed out."""

AHEAD_S = 1.0
"""How long before they are due; so long does a change of the rate take, and may a message to a worker."""

HandOut = Callable[[dict[str, list[float]], dict[str, int]], None]


class ArrivalFeed:
    """The schedules of a test, one per class whose users arrive. Owned by a local or master runner.

    Args:
        runner: Runs the test.
        clock: The run's.
        hand_out: Called with times of arrivals and the most users, both by class name.
        is_idle: Tells whether all that was handed out has begun and ended.
    """

    def __init__(self, runner: Runner, clock: RunClock, hand_out: HandOut, is_idle: Callable[[], bool]) -> None:
        self._runner = runner
        self._clock = clock
        self._hand_out = hand_out
        self._is_idle = is_idle
        self._schedules: dict[str, Schedule] = {}
        self._follower = PlanFollower(runner)

    @property
    def names(self) -> set[str]:
        """The classes whose users arrive in this test."""
        return set(self._schedules)

    def closed(self, user_classes: list[type[User]]) -> list[type[User]]:
        """Those of the classes whose users do not arrive, but are spawned."""
        return [user_class for user_class in user_classes if user_class.__name__ not in self._schedules]

    @property
    def is_over(self) -> bool:
        """Whether nobody will arrive any more, and all who did have ended."""
        return all(schedule.is_over for schedule in self._schedules.values()) and self._is_idle()

    @property
    def waiting(self) -> set[str]:
        """The classes whose users will arrive, but not yet."""
        now_s = self._clock.now_s
        return {name for name, schedule in self._schedules.items() if now_s < schedule.window.start_s}

    @property
    def ended(self) -> set[str]:
        """The classes whose users arrive no more."""
        now_s = self._clock.now_s
        return {name for name, schedule in self._schedules.items() if schedule.is_over and now_s > schedule.last_s}

    def begin(self) -> None:
        """Begins a test.

        Raises:
            StopTest: A rate or another setting is malformed; the message says which.
        """
        self._schedules = {}
        settings = self._runner.environment.arrivals
        classes = self._runner.user_classes_by_name
        seed = settings.seed if settings.seed is not None else random.randrange(2**32)
        schedules = {}
        with fault_stops_the_test("The test can't start"):
            for name, rate in settings.rates(self._runner.user_classes).items():
                check(rate)
                check_scenario(classes[name], arrives=True)
                distribution = classes[name].arrival_distribution
                schedules[name] = Schedule(rate, distribution, f"{seed}/{name}", window_of(classes[name]))
                drawn = f", Poisson with seed {seed}" if distribution == "poisson" else ""
                logger.info(f"Users of {name} arrive: {text_of(rate)}{drawn}, at most {self._limit(name):,} at once")
        self._schedules = schedules
        if schedules:
            self._follower.begin(self._run)

    def end(self) -> None:
        """Hands nothing out any more."""
        self._follower.end()

    def _run(self) -> None:
        while True:
            now_s = self._clock.now_s
            with fault_stops_the_test("The rate of arrivals can't be determined", repr):
                self._follow_changes()
                times = {name: schedule.until(now_s + AHEAD_S) for name, schedule in self._schedules.items()}
            self._hand_out(times, {name: self._limit(name) for name in self._schedules})
            if self._ends_test():
                end_by_itself(self._runner, "All arrivals have come and gone")
                return
            gevent.sleep(INTERVAL_S)

    def _follow_changes(self) -> None:
        """Changes the schedules whose rates have been edited."""
        rates = self._runner.environment.arrivals.rates(self._runner.user_classes)
        for name, schedule in self._schedules.items():
            if name in rates and rates[name] != schedule.rate:
                schedule.change(rates[name])
                logger.info(f"Users of {name} arrive from now on: {text_of(rates[name])}")

    def _limit(self, name: str) -> int:
        limit = self._runner.environment.arrivals.max_users
        return limit if limit is not None else self._runner.user_classes_by_name[name].max_users

    def _ends_test(self) -> bool:
        """Whether arrivals are all there was. Scenarios of other classes end the test themselves, with the last."""
        if self.closed(self._runner.user_classes) or self._runner.scenarios.names:
            return False
        return self.is_over
