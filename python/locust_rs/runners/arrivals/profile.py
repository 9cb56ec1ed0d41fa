"""A rate of arrivals, or a number of users, over time: as stretches in which it changes linearly."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeGuard

from locust_rs.user.arrivals import Rate, check_rate
from locust_rs.user.scenario import Window

STEP_S = 0.1
"""How often a function is asked for the rate; in between, the rate changes linearly."""

Check = Callable[[float], float]
"""Returns the level at one moment, or raises ValueError."""


@dataclass(frozen=True)
class Stretch:
    """A stretch of time in which the rate, or the number of users, changes linearly.

    Attributes:
        duration_s: How long it takes; may be infinite if the rate is constant.
        begins: Arrivals per second, or users, at its beginning.
        ends: The same at its end.
    """

    duration_s: float
    begins: float
    ends: float

    @property
    def arrivals(self) -> float:
        """How many arrive in it, with the part of the last one."""
        both = self.begins + self.ends
        return both / 2 * self.duration_s if both else 0.0

    def level_after(self, seconds: float) -> float:
        """The rate, or the number of users, after some seconds of it."""
        if self.begins == self.ends:
            return self.begins
        return self.begins + (self.ends - self.begins) * seconds / self.duration_s

    def arrived_after(self, seconds: float) -> float:
        """How many arrive in its first `seconds`."""
        if self.begins == self.ends:
            return self.begins * seconds
        return (self.begins + (self.ends - self.begins) / self.duration_s * seconds / 2) * seconds

    def seconds_until(self, arrivals: float) -> float:
        """How long it takes until so many have arrived; at most what arrives in it."""
        if self.begins == self.ends:
            return arrivals / self.begins if self.begins else 0.0
        slope = (self.ends - self.begins) / self.duration_s
        root = math.sqrt(max(0.0, self.begins * self.begins + 2 * slope * arrivals))
        return min(self.duration_s, 2 * arrivals / (self.begins + root))


def stretches_of(rate: Rate, from_s: float = 0.0, check_level: Check = check_rate) -> Iterator[Stretch]:
    """The stretches of a rate, one after the other; a function is asked when its stretch is reached.

    Args:
        rate: A number, stages, or a function of the time.
        from_s: The time at the beginning of the first stretch.
        check_level: Looks at the rate at one moment.

    Raises:
        ValueError: The rate is malformed.
    """
    if callable(rate):
        before, steps = check_level(rate(from_s)), 0
        while True:
            steps += 1
            now = check_level(rate(from_s + steps * STEP_S))
            yield Stretch(STEP_S, before, now)
            before = now
    elif _is_staged(rate):
        before = 0.0
        for duration_s, now in _stages(rate, check_level):
            if duration_s:
                yield Stretch(duration_s, before, now)
            before = now
    else:
        constant = check_level(rate)  # type: ignore[arg-type]  # it is checked here
        yield Stretch(math.inf, constant, constant)


def stretches_in(window: Window, rate: Rate, from_s: float = 0.0, check_level: Check = check_rate) -> Iterator[Stretch]:
    """The stretches of a rate in its window: nothing before it, and at its end no more.

    A window that is longer than the stages keeps the level of the last one.

    Args:
        window: When the rate holds; a function is asked for the rate by the seconds since its beginning.
        rate: As in `stretches_of`.
        from_s: The run time at the beginning of the first stretch.
        check_level: Looks at the rate at one moment.

    Raises:
        ValueError: The rate is malformed.
    """
    if from_s < window.start_s:
        yield Stretch(window.start_s - from_s, 0.0, 0.0)
        from_s = window.start_s
    stretches = stretches_of(rate, from_s - window.start_s, check_level)
    if window.run_for_s is None:
        yield from stretches
        return
    left_s = window.start_s + window.run_for_s - from_s
    for stretch in stretches:
        if stretch.duration_s >= left_s:
            if left_s > 0:
                yield Stretch(left_s, stretch.begins, stretch.level_after(left_s))
            return
        yield stretch
        left_s -= stretch.duration_s
    if left_s > 0:
        last = list(_stages(rate, check_level))[-1:]
        kept = last[0][1] if last else 0.0
        yield Stretch(left_s, kept, kept)


def check(rate: Rate, check_level: Check = check_rate) -> None:
    """Looks at a rate, or at a number of users, before a test.

    Raises:
        ValueError: It is malformed, or its function fails at the beginning of the run.
    """
    if callable(rate):
        next(stretches_of(rate, check_level=check_level))
    else:
        list(stretches_of(rate, check_level=check_level))


def text_of(rate: Rate) -> str:
    """A rate in words."""
    if callable(rate):
        return "as a function of the run time"
    if isinstance(rate, Sequence):
        return ", ".join(f"to {ends:g} in {duration_s:g} s" for duration_s, ends in rate)
    return f"{rate:,g} per second"


def _is_staged(rate: Rate) -> TypeGuard[Sequence[tuple[float, float]]]:
    return isinstance(rate, Sequence) and not isinstance(rate, str)


def _stages(rate: Rate, check_level: Check) -> Iterator[tuple[float, float]]:
    """Stages that have been looked at; none if the rate has none."""
    for stage in rate if _is_staged(rate) else ():
        try:
            duration_s, level = stage
            duration_s = float(duration_s)
        except (TypeError, ValueError):
            raise ValueError(f"a stage is {stage!r}; it must be (seconds, rate), or (seconds, users)") from None
        if not (math.isfinite(duration_s) and duration_s >= 0):
            raise ValueError(f"a stage takes {duration_s} seconds; it must be 0 or more")
        yield duration_s, check_level(level)
