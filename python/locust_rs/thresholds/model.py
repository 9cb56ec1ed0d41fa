"""What a threshold says: a metric of some requests, a limit, and when it holds."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum


class Metric(Enum):
    """What is measured."""

    PERCENTILE = "percentile"
    AVERAGE = "average"
    MAX = "max"
    MIN = "min"
    REQUESTS = "requests"
    FAILURES = "failures"
    EXCEPTIONS = "exceptions"
    LATE_STARTS = "late starts"
    DROPPED_STARTS = "dropped starts"
    OVERLOAD = "overload"
    VERDICT = "generator"
    COUNT = "count"
    VALUE = "value"

    @property
    def is_time(self) -> bool:
        """Whether it is a response time."""
        return self in _TIMES

    @property
    def has_selection(self) -> bool:
        """Whether it can be asked for some of the requests; the others are about the whole run."""
        return self.is_time or self in (Metric.REQUESTS, Metric.FAILURES, Metric.COUNT, Metric.VALUE)


_TIMES = (Metric.PERCENTILE, Metric.AVERAGE, Metric.MAX, Metric.MIN)


class Unit(Enum):
    """What a limit and its values are counted in."""

    MS = "ms"
    SHARE = "share"
    """A fraction; 0.01 is 1 %."""
    PER_SECOND = "per second"
    COUNT = "count"


_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
}

COMPARISONS = tuple(_COMPARE)


@dataclass(frozen=True)
class Selection:
    """Some of the requests, by endpoint, User class or tag, or a metric of the test's own.

    Attributes:
        text: As it was written; empty for all requests.
        pattern: Matches `METHOD name` or the name alone; None selects all requests.
        metric: Name of the metric; empty for requests.
        tags: Tags that its series have to have.
        kind: "class" or "tag" for the requests of a User class or of the tasks with a tag; otherwise empty.
        group: Name of the class or tag.
    """

    text: str = ""
    pattern: re.Pattern[str] | None = None
    metric: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    kind: str = ""
    group: str = ""

    def has(self, method: str, name: str) -> bool:
        """Whether the endpoint belongs to it."""
        if self.pattern is None:
            return True
        return bool(self.pattern.search(f"{method} {name}") or self.pattern.search(name))


@dataclass(frozen=True)
class Relative:
    """A limit that depends on an earlier run: `baseline * factor + offset`.

    Attributes:
        factor: Of the value in that run.
        offset: In the unit of the threshold.
    """

    factor: float = 1.0
    offset: float = 0.0


@dataclass(frozen=True)
class Threshold:
    """One threshold.

    Attributes:
        text: As it was written, without superfluous spaces.
        metric: What is measured.
        fraction: The percentile's, 0 to 1; 0 for other metrics.
        selection: The requests that it is about.
        comparison: One of `COMPARISONS`.
        limit: In `unit`. Of no meaning while `relative` says how to find it and no earlier run has told.
        unit: What limit and values are counted in.
        window_s: Length of the sliding windows in which it has to hold; None: over the run.
        after_s: What happens before this time of the run does not count.
        aborts: Whether the run ends as soon as it is broken.
        relative: How the limit follows from an earlier run; None if it does not.
    """

    text: str
    metric: Metric
    comparison: str
    limit: float
    unit: Unit
    fraction: float = 0.0
    selection: Selection = Selection()
    window_s: float | None = None
    after_s: float = 0.0
    aborts: bool = False
    relative: Relative | None = None

    def holds(self, value: float) -> bool:
        """Whether the value is within the limit."""
        return _COMPARE[self.comparison](value, self.limit)

    def with_baseline(self, value: float) -> Threshold:
        """The same with the limit that follows from the value of an earlier run."""
        if self.relative is None:
            return self
        return replace(self, limit=value * self.relative.factor + self.relative.offset)

    @property
    def is_sum(self) -> bool:
        """Whether its value only grows."""
        grows = not self.metric.is_time and self.metric is not Metric.VALUE
        return grows and self.unit is Unit.COUNT and self.window_s is None

    @property
    def holds_throughout(self) -> bool:
        """Whether it is broken for good once it was broken at any moment."""
        return self.window_s is not None or self.metric is Metric.VALUE

    def is_worse(self, value: float, than: float) -> bool:
        """Whether a value is farther on the wrong side than another."""
        if self.comparison in ("<", "<="):
            return value > than
        if self.comparison in (">", ">="):
            return value < than
        return abs(value - self.limit) > abs(than - self.limit)
