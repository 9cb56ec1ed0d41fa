"""How certain the response times of an endpoint are: a bootstrap over the intervals of its run.

Whole intervals are drawn, with replacement, because requests of the same second resemble each other. What a drawn run
would have measured is found from sums per interval: requests, logarithms of their times, and requests at or below each
percentile. A percentile moves as far along the histogram as the share below it has moved (Bahadur's representation), so
that a draw costs a pass over a few dozen numbers, however many requests there were.
"""

from __future__ import annotations

import bisect
import math
import random
from itertools import accumulate
from statistics import NormalDist

from locust_rs.history.intervals import Bins, grouped, lowest_ms, middle_ms, together

FRACTIONS = (0.5, 0.95, 0.99)

MEASURES = ("typical", *map(str, FRACTIONS))
"""The typical time is the geometric mean: of all averages that which a few slow requests move least."""

MOST_BLOCKS = 60
LEAST_BLOCKS = 8
"""Intervals that a run needs to say how much it varies."""

DRAWS = 200

Times = dict[str, float]
"""Measure → milliseconds."""


class Sample:
    """The response times of one endpoint in one run.

    Args:
        intervals: A histogram for each interval.
    """

    def __init__(self, intervals: list[Bins]) -> None:
        self.blocks = grouped(intervals, MOST_BLOCKS)
        self._all = together(self.blocks)
        self.count = sum(self._all.values())
        self._bins = list(self._all)
        self._upto = list(accumulate(self._all.values()))
        self.times: Times = self._measured() if self.count else {}

    @property
    def is_enough(self) -> bool:
        """Whether it can be said how much it varies."""
        return len(self.blocks) >= LEAST_BLOCKS

    def _measured(self) -> Times:
        logs = sum(count * math.log(middle_ms(bin_)) for bin_, count in self._all.items())
        return {
            "typical": math.exp(logs / self.count),
            **{str(fraction): self.time_at(fraction) for fraction in FRACTIONS},
        }

    def time_at(self, fraction: float) -> float:
        """The response time at a fraction of the requests, between the edges of its bin."""
        rank = min(max(fraction, 0.0), 1.0) * self.count
        at = min(bisect.bisect_left(self._upto, rank), len(self._bins) - 1)
        bin_ = self._bins[at]
        before = self._upto[at] - self._all[bin_]
        inside = max(rank - before, 0.0) / self._all[bin_]
        low = lowest_ms(bin_)
        return max(low + inside * (lowest_ms(bin_ + 1) - low), 0.0005)

    def draws(self, chance: random.Random) -> dict[str, list[float]]:
        """The measures of `DRAWS` runs that might have been, in milliseconds."""
        rows = self._sums()
        drawn: dict[str, list[float]] = {measure: [] for measure in MEASURES}
        for _ in range(DRAWS):
            count, logs, *below = map(sum, zip(*chance.choices(rows, k=len(rows)), strict=True))
            drawn["typical"].append(math.exp(logs / count))
            for fraction, under in zip(FRACTIONS, below, strict=True):
                drawn[str(fraction)].append(self.time_at(2 * fraction - under / count))
        return drawn

    def _sums(self) -> list[tuple[float, ...]]:
        """Of each block: requests, logarithms of their times, and how many are at or below each percentile."""
        logs = {bin_: math.log(middle_ms(bin_)) for bin_ in self._bins}
        cuts = [self._cut(fraction) for fraction in FRACTIONS]
        return [
            (
                sum(block.values()),
                sum(count * logs[bin_] for bin_, count in block.items()),
                *(
                    sum(count for bin_, count in block.items() if bin_ < at) + share * block.get(at, 0)
                    for at, share in cuts
                ),
            )
            for block in self.blocks
        ]

    def _cut(self, fraction: float) -> tuple[int, float]:
        """The bin in which a percentile lies, and the share of its requests below."""
        rank = fraction * self.count
        at = min(bisect.bisect_left(self._upto, rank), len(self._bins) - 1)
        bin_ = self._bins[at]
        return bin_, (rank - (self._upto[at] - self._all[bin_])) / self._all[bin_]


def critical(chance: float, freedom: float) -> float:
    """How many standard errors a value exceeds its mean with this chance, by Student's distribution.

    The expansion of Abramowitz and Stegun, 26.7.5, which is off by less than 1 % from 10 degrees of freedom on.
    """
    z = NormalDist().inv_cdf(1 - chance)
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + (z**3 + z) / (4 * freedom) + second / freedom**2 + third / freedom**3


def log_error(draws: list[float], blocks: int) -> float:
    """The standard error of the logarithm of a measure.

    Draws from few blocks vary too little, by the factor that is undone here.
    """
    logs = [math.log(one) for one in draws]
    mean = sum(logs) / len(logs)
    variance = sum((one - mean) ** 2 for one in logs) / (len(logs) - 1)
    return math.sqrt(variance * blocks / (blocks - 1))
