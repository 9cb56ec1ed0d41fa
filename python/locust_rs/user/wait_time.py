"""Ready-made `wait_time` functions: how long a User pauses between two tasks.

Each function returns a method for a User or TaskSet class: `wait_time = between(1, 5)`. All times are seconds.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from time import monotonic
from typing import Any

from locust_rs.user.intended_start import expect_iteration
from locust_rs.user.paced_starts import PacedStarts


def between(min_wait: float, max_wait: float) -> Callable[[Any], float]:
    """A uniformly distributed time from `min_wait` to `max_wait` seconds.

    Example:
        class MyUser(User):
            wait_time = between(3.0, 10.5)
    """
    span = max_wait - min_wait
    return lambda instance: min_wait + random.random() * span


def constant(wait_time: float) -> Callable[[Any], float]:
    """Always `wait_time` seconds."""
    return lambda instance: wait_time


def constant_pacing(wait_time: float) -> Callable[[Any], float]:
    """The time needed for tasks to start every `wait_time` seconds, however long they take.

    If a task takes longer, the next one follows without a pause. A late wake-up shortens the next wait, so that the
    pace does not drift.
    """

    def remaining_wait(self: Any) -> float:
        now = monotonic()
        if not hasattr(self, "_cp_last_run"):
            self._cp_last_run, self._cp_last_wait_time = now, 0
        run_time = now - self._cp_last_run - self._cp_last_wait_time
        wait: float = max(0, wait_time - run_time)
        _count_start(self, run_time - wait_time, wait_time, now + wait)
        self._cp_last_wait_time = wait
        self._cp_last_run = now
        return wait

    return remaining_wait


def _count_start(instance: Any, overrun_s: float, pace_s: float, begins_at: float) -> None:
    """Counts the start that follows, in the environment of a User or of a TaskSet's user."""
    user = getattr(instance, "user", instance)
    environment = getattr(user, "environment", None)
    starts = getattr(environment, "paced_starts", None)
    if isinstance(starts, PacedStarts):
        behind_s = getattr(instance, "_cp_behind_s", None)
        if behind_s is None:  # the first time: no earlier iteration was paced
            behind_s, overrun_s = 0.0, 0.0
        instance._cp_behind_s = starts.note(behind_s, max(0.0, overrun_s), pace_s)
        if getattr(environment, "intended_start", False) is True:
            expect_iteration(instance, begins_at, overrun_s, pace_s)


def constant_throughput(task_runs_per_second: float) -> Callable[[Any], float]:
    """The time needed for `task_runs_per_second` task runs; the inverse of `constant_pacing`.

    The rate is that of task runs: with a task that makes two requests, the request rate is twice as high.

    Raises:
        ValueError: The rate is not positive.
    """
    if task_runs_per_second <= 0:
        raise ValueError(f"constant_throughput() requires a positive rate, got: {task_runs_per_second}")
    return constant_pacing(1 / task_runs_per_second)


def poisson(rate: float) -> Callable[[Any], float]:
    """Exponentially distributed times with a mean of `1 / rate` seconds, as between independent arrivals.

    Args:
        rate: Average number of task runs per second that the waits alone would give.

    Raises:
        ValueError: The rate is not positive.
    """
    if rate <= 0:
        raise ValueError(f"poisson() requires a positive rate, got: {rate}")
    return lambda instance: random.expovariate(rate)
