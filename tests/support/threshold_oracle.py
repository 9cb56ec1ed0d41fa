"""Judges thresholds slowly: from a list of all requests, looked through again for every second."""

from __future__ import annotations

import math
from dataclasses import dataclass

from locust_rs.thresholds.model import Metric, Selection, Threshold, Unit


@dataclass(frozen=True)
class Request:
    """One request that ended `at_s` after the run began."""

    at_s: float
    name: str
    time_ms: float | None
    failed: bool
    user_class: str = ""
    tags: frozenset[str] = frozenset()

    def is_of(self, selection: Selection) -> bool:
        """Whether a selection has it."""
        groups = {"": {""}, "class": {self.user_class}, "tag": self.tags}[selection.kind]
        return selection.group in groups and selection.has("GET", self.name)


@dataclass(frozen=True)
class Verdict:
    """What a threshold comes to; `values` are all that were judged, by second."""

    state: str
    values: dict[int, float]

    @property
    def final(self) -> float | None:
        """The latest value."""
        return next(reversed(self.values.values()), None)


def judge(threshold: Threshold, requests: list[Request], seconds: int) -> Verdict:
    """The verdict about a run that is looked at after each whole second, and ends at the last of them."""
    chosen = [one for one in requests if one.is_of(threshold.selection)]
    looks = [second for second in range(1, seconds + 1) if second >= threshold.after_s]
    values: dict[int, float] = {}
    for second in looks:
        begins = _begin(threshold, looks[0], second)
        if begins is None:
            continue
        value = _value(threshold, chosen, begins, second)
        if value is not None:
            values[second] = value
    if not values:
        return Verdict("not measured", values)
    if threshold.window_s or threshold.aborts:
        return Verdict("passed" if all(map(threshold.holds, values.values())) else "failed", values)
    return Verdict("passed" if threshold.holds(values[max(values)]) else "failed", values)


def _begin(threshold: Threshold, first_look: int, second: int) -> float | None:
    if threshold.window_s:
        # Rates are counted in whole seconds, of which the first one begins after the first look.
        earliest = first_look + 1 if threshold.unit is Unit.PER_SECOND else first_look
        return second - threshold.window_s if second - threshold.window_s >= earliest else None
    if not threshold.after_s:
        return 0.0
    return first_look if second > first_look else None


def _value(threshold: Threshold, chosen: list[Request], begins: float, ends: float) -> float | None:
    inside = [one for one in chosen if begins <= one.at_s < ends]
    failures = sum(one.failed for one in inside)
    so_far = [one for one in chosen if one.at_s < ends]
    if threshold.metric.is_time:
        return _time(threshold, sorted(one.time_ms for one in inside if one.time_ms is not None))
    if not so_far:
        return None
    events = failures if threshold.metric is Metric.FAILURES else len(inside)
    if threshold.unit is Unit.SHARE:
        return events / len(inside) if inside else None
    if threshold.unit is Unit.PER_SECOND:
        return events / (ends - begins)
    return events


def _time(threshold: Threshold, times_ms: list[float]) -> float | None:
    if not times_ms:
        return None
    if threshold.metric is Metric.AVERAGE:
        return math.fsum(times_ms) / len(times_ms)
    if threshold.metric is Metric.MIN:
        return times_ms[0]
    if threshold.metric is Metric.MAX:
        return times_ms[-1]
    return times_ms[max(0, math.ceil(threshold.fraction * len(times_ms)) - 1)]
