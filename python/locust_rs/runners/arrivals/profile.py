"""An arrival rate over time, as stretches in which it changes linearly."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from locust_rs.user.arrivals import Rate, check_rate

STEP_S = 0.1
"""How often a function is asked for the rate; in between, the rate changes linearly."""


@dataclass(frozen=True)
class Stretch:
    """A stretch of time in which the rate changes linearly.

    Attributes:
        duration_s: How long it takes; may be infinite if the rate is constant.
        begins: Arrivals per second at its beginning.
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

    def arrived_after(self, seconds: float) -> float:
        """How many arrive in its first `seconds`."""
        if self.begins == self.ends:
            return self.begins * seconds
        return (self.begins + (self.ends - self.begins) / self.duration_s * seconds / 2) * seconds

    def seconds_until(self, arrivals: float) -> float:
        """How long it takes until so many have arrived; at most what arrives in it."""
        if self.begins == self.ends:
            return arrivals / self.begins
        slope = (self.ends - self.begins) / self.duration_s
        root = math.sqrt(max(0.0, self.begins * self.begins + 2 * slope * arrivals))
        return min(self.duration_s, 2 * arrivals / (self.begins + root))


def stretches_of(rate: Rate, from_s: float = 0.0) -> Iterator[Stretch]:
    """The stretches of a rate, one after the other; a function is asked when its stretch is reached.

    Args:
        rate: A number, stages, or a function of the run time.
        from_s: The run time at the beginning of the first stretch.

    Raises:
        ValueError: The rate is malformed.
    """
    if callable(rate):
        before, steps = check_rate(rate(from_s)), 0
        while True:
            steps += 1
            now = check_rate(rate(from_s + steps * STEP_S))
            yield Stretch(STEP_S, before, now)
            before = now
    elif isinstance(rate, Sequence) and not isinstance(rate, str):
        before = 0.0
        for duration_s, now in map(_stage, rate):
            if duration_s:
                yield Stretch(duration_s, before, now)
            before = now
    else:
        constant = check_rate(rate)
        yield Stretch(math.inf, constant, constant)


def check(rate: Rate) -> None:
    """Looks at a rate before a test.

    Raises:
        ValueError: It is malformed, or its function fails at the beginning of the run.
    """
    if callable(rate):
        next(stretches_of(rate))
    else:
        list(stretches_of(rate))


def text_of(rate: Rate) -> str:
    """A rate in words."""
    if callable(rate):
        return "as a function of the run time"
    if isinstance(rate, Sequence):
        return ", ".join(f"to {ends:g} in {duration_s:g} s" for duration_s, ends in rate)
    return f"{rate:,g} per second"


def _stage(stage: tuple[float, float]) -> tuple[float, float]:
    try:
        duration_s, rate = stage
        duration_s = float(duration_s)
    except (TypeError, ValueError):
        raise ValueError(f"a stage of an arrival rate is {stage!r}; it must be (seconds, rate)") from None
    if not (math.isfinite(duration_s) and duration_s >= 0):
        raise ValueError(f"a stage of an arrival rate takes {duration_s} seconds; it must be 0 or more")
    return duration_s, check_rate(rate)
