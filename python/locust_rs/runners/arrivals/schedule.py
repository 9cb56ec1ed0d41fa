"""When the users of a class arrive: an exact sequence of times for a rate, a distribution and a seed."""

from __future__ import annotations

import math
import random

from locust_rs.runners.arrivals.profile import Stretch, stretches_in
from locust_rs.user.arrivals import Rate
from locust_rs.user.scenario import Window

DISTRIBUTIONS = ("constant", "poisson")

_ROUNDING = 1e-9
"""Part of an arrival by which the end of a stretch may be missed, because of the rounding of its numbers."""


class Schedule:
    """The times of one class's arrivals, in seconds of the run; each is taken once.

    With constant distribution the nth comes when the integral of the rate reaches n; so 200 per second make exactly
    2,000 in 10 s. With Poisson distribution the integral grows by random amounts, exponentially distributed, with 1 on
    average, between one arrival and the next.

    Args:
        rate: Arrivals per second.
        distribution: One of `DISTRIBUTIONS`.
        seed: Anything that `random.Random` takes.
        window: When users arrive at all; None: from the beginning of the run on.

    Raises:
        ValueError: The rate or the distribution is malformed.
    """

    def __init__(
        self, rate: Rate, distribution: str = "constant", seed: str = "", window: Window | None = None
    ) -> None:
        if distribution not in DISTRIBUTIONS:
            raise ValueError(f"arrival_distribution is {distribution!r}; it must be 'constant' or 'poisson'")
        self.rate = rate
        self._random = random.Random(seed) if distribution == "poisson" else None
        self.window = window or Window()
        self._stretches = stretches_in(self.window, rate)
        self._stretch = next(self._stretches, None)
        self._begins_at = 0.0
        # Arrivals before the stretch; the integral of the rate.
        self._before = 0.0
        self._next = self._step()
        self.looked_until_s = 0.0
        """The moment up to which all arrivals have been taken."""

    @property
    def is_over(self) -> bool:
        """Whether nobody will arrive any more."""
        return self._stretch is None

    @property
    def last_s(self) -> float:
        """The end of the stretches so far; of the whole schedule, once it is over."""
        return self._begins_at

    def until(self, at_s: float) -> list[float]:
        """The arrivals up to a moment that have not been taken yet.

        Raises:
            Exception: The function of the rate failed, or returned something else than a rate.
        """
        times: list[float] = []
        self.looked_until_s = max(self.looked_until_s, at_s)
        while (stretch := self._stretch) is not None:
            last = self._before + stretch.arrivals + _ROUNDING
            while self._next <= last:
                time_s = self._begins_at + stretch.seconds_until(max(0.0, self._next - self._before))
                if time_s > at_s:
                    return times
                times.append(time_s)
                self._next += self._step()
            if self._begins_at + stretch.duration_s > at_s:
                return times
            self._enter(next(self._stretches, None), stretch)
        return times

    def change(self, rate: Rate) -> None:
        """Lets users arrive at another rate after those that have been taken.

        Raises:
            ValueError: The rate is malformed; the schedule stays as it is.
        """
        at_s = self.looked_until_s
        stretches = stretches_in(self.window, rate, at_s)
        first = next(stretches, None)
        if self._stretch is not None:
            self._before += self._stretch.arrived_after(max(0.0, at_s - self._begins_at))
        self.rate, self._begins_at = rate, at_s
        self._stretches, self._stretch = stretches, first

    def _enter(self, following: Stretch | None, ended: Stretch) -> None:
        self._before += ended.arrivals
        self._begins_at += ended.duration_s
        self._stretch = following

    def _step(self) -> float:
        return 1.0 if self._random is None else -math.log(1.0 - self._random.random())
