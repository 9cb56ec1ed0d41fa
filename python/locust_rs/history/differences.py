"""What two runs say about one endpoint: how its times and failures differ, and whether that is certain."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from locust_rs.history.bootstrap import MEASURES, Sample, critical, log_errors

LEAST_REQUESTS = 50
"""Requests that an endpoint needs in each run before anything is said about it."""

DISPLAYED_CONFIDENCE = 0.95


@dataclass(frozen=True)
class Change:
    """A response time in two runs.

    Attributes:
        before_ms: In the first run.
        after_ms: In the second.
        low: The least share by which it has changed, at 95 % confidence: 0.1 is 10 % more.
        high: The most.
        direction: 1 if it is certainly longer, -1 if certainly shorter, 0 if neither.
    """

    before_ms: float
    after_ms: float
    low: float = -math.inf
    high: float = math.inf
    direction: int = 0

    @property
    def share(self) -> float:
        """By what share it has changed; 0.1 is 10 % more."""
        return self.after_ms / self.before_ms - 1


@dataclass(frozen=True)
class Counts:
    """Requests of an endpoint, and those that failed."""

    requests: int
    failures: int

    @property
    def share(self) -> float:
        """The share that failed."""
        return self.failures / self.requests if self.requests else 0.0


@dataclass
class Difference:
    """One endpoint in two runs.

    Attributes:
        before: None if the first run did not request it.
        after: None if the second did not.
        times: Measure → its change; empty if one of the runs has too few requests or intervals.
        failures: 1 if certainly more fail, -1 if certainly fewer do, 0 if neither.
    """

    method: str
    name: str
    before: Counts | None
    after: Counts | None
    times: dict[str, Change] = field(default_factory=dict)
    failures: int = 0

    @property
    def endpoint(self) -> str:
        """`METHOD name`."""
        return f"{self.method} {self.name}".strip()

    @property
    def is_in_both(self) -> bool:
        """Whether both runs requested it."""
        return self.before is not None and self.after is not None


def time_changes(name: str, before: Sample, after: Sample, chance: float) -> dict[str, Change]:
    """The changes of all measures.

    Args:
        name: Fixes the draws, so that the same runs always compare alike.
        before: The times of the first run.
        after: Those of the second.
        chance: With which a change may be called certain that is none.
    """
    if min(before.count, after.count) < LEAST_REQUESTS or not (before.is_enough and after.is_enough):
        return {}
    first, second = log_errors((before, after), name)
    blocks = before.blocks, after.blocks
    return {
        measure: _change(
            before.times[measure],
            after.times[measure],
            (first[measure], second[measure]),
            blocks,
            chance,
        )
        for measure in MEASURES
    }


def _change(
    before_ms: float, after_ms: float, errors: tuple[float, float], blocks: tuple[int, int], chance: float
) -> Change:
    ratio, error = math.log(after_ms / before_ms), math.hypot(*errors)
    freedom = _freedom(errors, blocks)
    displayed = critical((1 - DISPLAYED_CONFIDENCE) / 2, freedom) * error
    low, high = (math.expm1(ratio + sign * displayed) for sign in (-1, 1))
    is_certain = abs(ratio) > critical(chance / 2, freedom) * error
    direction = 0 if not is_certain else (1 if ratio > 0 else -1)
    return Change(before_ms, after_ms, low, high, direction)


def _freedom(errors: tuple[float, float], blocks: tuple[int, int]) -> float:
    """The degrees of freedom of a difference, after Welch and Satterthwaite."""
    spread = sum(error**4 / (count - 1) for error, count in zip(errors, blocks, strict=True))
    return math.hypot(*errors) ** 4 / spread if spread else min(blocks) - 1


def failures_direction(before: Counts, after: Counts, chance: float) -> int:
    """Whether more requests fail, by the test of two proportions with Yates' correction."""
    if min(before.requests, after.requests) < LEAST_REQUESTS:
        return 0
    pooled = (before.failures + after.failures) / (before.requests + after.requests)
    spread = 1 / before.requests + 1 / after.requests
    error = math.sqrt(pooled * (1 - pooled) * spread)
    distance = abs(after.share - before.share) - spread / 2
    if error == 0 or distance <= critical(chance / 2, 10_000) * error:
        return 0
    return 1 if after.share > before.share else -1
