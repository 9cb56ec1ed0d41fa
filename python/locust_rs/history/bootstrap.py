"""How certain the response times of an endpoint are: a bootstrap over the intervals of its run.

The arithmetic is the core's, `rust/locust-stats/src/resample`, which says how it is done.
"""

from __future__ import annotations

import hashlib
from statistics import NormalDist

from locust_rs._core import TimesSample, resampled_errors
from locust_rs.history.errors import HistoryError

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
        intervals: A histogram for each interval, as a row of the statistics has them.

    Raises:
        HistoryError: They are damaged.
    """

    def __init__(self, intervals: str) -> None:
        try:
            self._times = TimesSample(intervals, MOST_BLOCKS, FRACTIONS)
        except ValueError as error:
            raise HistoryError(f"{error}. Delete the run") from None
        self.count = self._times.count
        self.blocks = self._times.blocks
        self.times: Times = dict(zip(MEASURES, self._times.times_ms, strict=False))

    @property
    def is_enough(self) -> bool:
        """Whether it can be said how much it varies."""
        return self.blocks >= LEAST_BLOCKS


def log_errors(samples: tuple[Sample, Sample], name: str) -> list[dict[str, float]]:
    """The standard errors of the logarithms of all measures, of each sample.

    Args:
        samples: Two that are enough.
        name: Fixes the draws, so that the same runs always compare alike.
    """
    times = [sample._times for sample in samples]
    errors = resampled_errors(times, DRAWS, _seed(name))
    return [dict(zip(MEASURES, one, strict=True)) for one in errors]


def _seed(name: str) -> bytes:
    """The number with which `random.Random` begins for a name."""
    return name.encode() + hashlib.sha512(name.encode()).digest()


def critical(chance: float, freedom: float) -> float:
    """How many standard errors a value exceeds its mean with this chance, by Student's distribution.

    The expansion of Abramowitz and Stegun, 26.7.5, which is off by less than 1 % from 10 degrees of freedom on.
    """
    z = NormalDist().inv_cdf(1 - chance)
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + (z**3 + z) / (4 * freedom) + second / freedom**2 + third / freedom**3
