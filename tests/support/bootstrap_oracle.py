"""The bootstrap of `locust_rs.history`, slowly: what the core's arithmetic is held against.

A bin is one of the precise histogram: below 0.256 ms a microsecond wide, above that an octave has 128 of them.
"""

from __future__ import annotations

import bisect
import math
import random
from collections.abc import Iterator
from itertools import accumulate

Bins = dict[int, int]
"""Bin → requests."""

_DIGITS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_VALUES = bytes.maketrans(_DIGITS, bytes(range(64)))
_MORE = 32
_SHARE = 7


def lowest_ms(bin_: int) -> float:
    """The lower end of a bin."""
    shift = max((bin_ >> _SHARE) - 1, 0)
    return float((bin_ - (shift << _SHARE)) << shift) / 1000


def middle_ms(bin_: int) -> float:
    """The middle of a bin, at least half a microsecond."""
    return max((lowest_ms(bin_) + lowest_ms(bin_ + 1) - 0.001) / 2, 0.0005)


def read_intervals(text: str) -> list[Bins]:
    """The histogram of each interval in which there were requests, the oldest first.

    Raises:
        ValueError: The text was cut or is none of ours.
    """
    numbers = _numbers(text)
    found: list[tuple[int, Bins]] = []
    try:
        for age_s in numbers:
            bins, bin_ = Bins(), 0
            for _ in range(next(numbers)):
                bin_ += next(numbers)
                bins[bin_] = next(numbers)
            if bins:
                found.append((age_s, bins))
    except StopIteration:
        raise ValueError("the intervals of a row are cut off") from None
    found.sort(key=lambda one: -one[0])
    return [bins for _, bins in found]


def grouped(intervals: list[Bins], most: int) -> list[Bins]:
    """Neighbours put together, so that there are at most so many."""
    count = len(intervals)
    if count <= most:
        return intervals
    groups: list[Bins] = [{} for _ in range(most)]
    for position, bins in enumerate(intervals):
        group = groups[position * most // count]
        for bin_, requests in bins.items():
            group[bin_] = group.get(bin_, 0) + requests
    return groups


def together(intervals: list[Bins]) -> Bins:
    """The histogram of all intervals, ascending."""
    bins: Bins = {}
    for one in intervals:
        for bin_, requests in one.items():
            bins[bin_] = bins.get(bin_, 0) + requests
    return dict(sorted(bins.items()))


def _numbers(text: str) -> Iterator[int]:
    """Numbers in groups of five bits, the lowest first; the sixth bit says that more follow."""
    number = shift = 0
    for digit in text.encode().translate(_VALUES):
        number |= (digit & (_MORE - 1)) << shift
        if digit & _MORE:
            shift += 5
        else:
            yield number
            number = shift = 0


FRACTIONS = (0.5, 0.95, 0.99)

MEASURES = ("typical", *map(str, FRACTIONS))
"""The typical time is the geometric mean: of all averages that which a few slow requests move least."""

MOST_BLOCKS = 60
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


def log_error(draws: list[float], blocks: int) -> float:
    """The standard error of the logarithm of a measure.

    Draws from few blocks vary too little, by the factor that is undone here.
    """
    logs = [math.log(one) for one in draws]
    mean = sum(logs) / len(logs)
    variance = sum((one - mean) ** 2 for one in logs) / (len(logs) - 1)
    return math.sqrt(variance * blocks / (blocks - 1))
