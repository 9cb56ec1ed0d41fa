"""Follows one threshold through a run: when it was broken, by how much, and what it came to."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import Enum

from locust_rs.thresholds.groups import no_endpoint
from locust_rs.thresholds.model import Metric, Threshold, Unit
from locust_rs.thresholds.own_metrics import why_unmeasured
from locust_rs.thresholds.readings import Reading, Source, figure, rate_of_seconds


class State(Enum):
    """How a threshold stands: the first three while the run goes on, the others after it."""

    WAITING = "waiting"
    HOLDING = "holding"
    BROKEN = "broken"
    PASSED = "passed"
    FAILED = "failed"
    UNMEASURED = "not measured"


@dataclass(frozen=True)
class Moment:
    """A value and when in the run it was seen."""

    value: float
    at_s: float


class Check:
    """One threshold in one run. Evaluated about every second; the clock is the caller's.

    Args:
        threshold: What has to hold.
        problem: Why it cannot be judged, if that is known from the start.
    """

    def __init__(self, threshold: Threshold, problem: str = "") -> None:
        self.threshold = threshold
        self.state = State.WAITING
        self.value: float | None = None
        """The latest value."""
        self.worst: Moment | None = None
        self.first_breach: Moment | None = None
        self.problem = problem
        """Why nothing was measured."""
        self.has_limit = not problem
        """Whether there is a limit to compare with; an earlier run may not have told one."""
        self._begin: Reading | None = None
        self._past: deque[Reading] = deque()
        self._first_second: int | None = None

    @property
    def is_over(self) -> bool:
        """Whether the run has ended."""
        return self.state in (State.PASSED, State.FAILED, State.UNMEASURED)

    def restart(self, at_s: float) -> None:
        """Counts from here, because the statistics were reset; a window that was broken before stays broken."""
        self._begin = Reading(at_s) if at_s >= self.threshold.after_s else None
        self._past.clear()
        self._first_second = None

    def look(self, source: Source, at_s: float, second: int, lag_s: int = 0) -> None:
        """Evaluates the threshold while the run goes on.

        Args:
            source: The statistics.
            at_s: Time since the run began.
            second: The present second, since the epoch.
            lag_s: How many of the latest seconds are not counted completely yet.
        """
        threshold = self.threshold
        if at_s < threshold.after_s or not self.has_limit:
            return
        if threshold.window_s and threshold.unit is Unit.PER_SECOND:
            self._look_at_seconds(source, at_s, second, lag_s)
            return
        now = source.reading(threshold, at_s)
        if threshold.window_s:
            self._look_at_window(source, now, threshold.window_s)
        else:
            self._look_at_run(source, now, lag_s)

    def close(self, source: Source, at_s: float) -> None:
        """Evaluates the threshold for the last time.

        Args:
            source: The statistics of the whole run.
            at_s: When the users were told to stop.
        """
        threshold = self.threshold
        if at_s >= threshold.after_s and not (threshold.window_s and threshold.unit is Unit.PER_SECOND):
            # Reports of workers still come in after the end: they belong to the last moment of the run.
            self.look(source, at_s, 0)
        if self.value is None:
            self.state = State.UNMEASURED
            self.problem = self.problem or self._reason(source, at_s)
        elif threshold.holds_throughout or threshold.aborts:
            self.state = State.FAILED if self.first_breach else State.PASSED
        else:
            self.state = State.PASSED if threshold.holds(self.value) else State.FAILED

    def _look_at_run(self, source: Source, now: Reading, lag_s: int) -> None:
        if self.threshold.after_s and self._begin is None:
            self._begin = now
            return
        if lag_s and self.threshold.unit is Unit.PER_SECOND:
            now.at_s = max(now.at_s - lag_s, self._begin.at_s if self._begin else 0.0)
        self._note(figure(self.threshold, source, now, self._begin), now.at_s)

    def _look_at_window(self, source: Source, now: Reading, window_s: float) -> None:
        self._past.append(now)
        while len(self._past) > 1 and self._past[1].at_s <= now.at_s - window_s:
            self._past.popleft()
        if self._past[0].at_s <= now.at_s - window_s:
            self._note(figure(self.threshold, source, now, self._past[0]), now.at_s)

    def _look_at_seconds(self, source: Source, at_s: float, second: int, lag_s: int) -> None:
        threshold = self.threshold
        assert threshold.window_s is not None
        if self._first_second is None:
            # The present second began before the run, or before the time from which on it counts.
            self._first_second = second + 1
        row, beyond = source.row(threshold.selection), second - lag_s
        first = beyond - round(threshold.window_s)
        if first >= self._first_second and row.num_requests:
            failures = threshold.metric is Metric.FAILURES
            self._note(rate_of_seconds(row, first, beyond, failures=failures), at_s)

    def _note(self, value: float | None, at_s: float) -> None:
        if value is None:
            return
        self.value = value
        if self.worst is None or self.threshold.is_worse(value, self.worst.value):
            self.worst = Moment(value, at_s)
        holds = self.threshold.holds(value)
        if not holds and self.first_breach is None:
            self.first_breach = Moment(value, at_s)
        stays_broken = self.threshold.holds_throughout and self.first_breach is not None
        self.state = State.HOLDING if holds and not stays_broken else State.BROKEN

    def _reason(self, source: Source, at_s: float) -> str:
        threshold = self.threshold
        if not source.has_run:
            return "no test has run"
        least_s = threshold.after_s + (threshold.window_s or 0)
        if at_s < least_s:
            return f"the run ended after {at_s:.0f} s, before the {least_s:g} s that this needs"
        if threshold.metric in (Metric.LATE_STARTS, Metric.DROPPED_STARTS):
            return "no user has a pace: only constant_pacing and constant_throughput mean a number of starts"
        selected = threshold.selection
        if selected.metric:
            return why_unmeasured(source.metrics, threshold)
        if selected.pattern is not None and not source.endpoints(selected):
            return no_endpoint(selected, source.names(selected))
        if not source.row(selected).num_requests:
            return f"there were no requests{f' of {selected.text}' if selected.kind else ''}"
        if threshold.window_s:
            return f"no whole window of {threshold.window_s:g} s had such requests"
        return f"there were no requests{' with a response time' if threshold.metric.is_time else ''} in that time"
