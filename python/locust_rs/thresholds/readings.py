"""What the statistics say about a selection at one moment, and what happened between two moments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from locust_rs.metrics import Metrics
from locust_rs.stats.entry import StatsEntry
from locust_rs.thresholds.model import Metric, Selection, Threshold, Unit
from locust_rs.thresholds.own_metrics import own_row, own_value

if TYPE_CHECKING:
    from locust_rs._core import PreciseMark
    from locust_rs.runners.resources import GeneratorHealth
    from locust_rs.stats import RequestStats


@dataclass
class Reading:
    """Counters of a selection at one moment.

    Attributes:
        at_s: The time in the run.
        requests: How many there were; for starts, how many were meant.
        untimed: Those of them without a response time.
        events: What is counted: requests, failures, exceptions or starts.
        total_ms: Sum of the response times.
        mark: The histogram as it was; None if the metric has no use for it.
    """

    at_s: float
    requests: int = 0
    untimed: int = 0
    events: float = 0
    total_ms: float = 0.0
    mark: PreciseMark | None = None


class Source:
    """Reads the figures that thresholds need from the statistics of a run.

    Args:
        stats: The statistics.
        health: The generator's view of itself; None without a runner.
        exceptions: Exceptions of tasks so far.
        has_run: Whether a test has begun.
        metrics: The metrics of the test's own.
    """

    def __init__(
        self,
        stats: RequestStats,
        health: GeneratorHealth | None = None,
        exceptions: int = 0,
        has_run: bool = True,
        metrics: Metrics | None = None,
    ) -> None:
        self._stats = stats
        self.has_run = has_run
        self.metrics = Metrics() if metrics is None else metrics
        self.health = health
        self._exceptions = exceptions
        self._rows: dict[Selection, tuple[StatsEntry, int]] = {}

    def statistics(self, selection: Selection) -> RequestStats | None:
        """The statistics of a selection's class or tag, else those of all requests; None if they are not counted so."""
        return self._groups(selection).get(selection.group) if selection.kind else self._stats

    def groups(self, selection: Selection) -> list[str]:
        """The names of all classes, or tags, that are counted."""
        return list(self._groups(selection))

    def _groups(self, selection: Selection) -> dict[str, RequestStats]:
        return self._stats.by_class if selection.kind == "class" else self._stats.by_tag

    def row(self, selection: Selection) -> StatsEntry:
        """The statistics of all endpoints of a selection as one row."""
        return self._found(selection)[0]

    def endpoints(self, selection: Selection) -> int:
        """How many endpoints it has."""
        return self._found(selection)[1]

    def names(self, selection: Selection) -> list[str]:
        """`METHOD name` of every endpoint, of the class or tag of a selection if it has one."""
        stats = self.statistics(selection)
        return [f"{row.method} {row.name}".strip() for row in stats.entries.values()] if stats is not None else []

    def _found(self, selection: Selection) -> tuple[StatsEntry, int]:
        stats = self.statistics(selection)
        if not selection.metric and selection.pattern is None and stats is not None:
            return stats.total, len(stats.entries)
        if selection not in self._rows:
            self._rows[selection] = self._made(selection, stats)
        return self._rows[selection]

    def _made(self, selection: Selection, stats: RequestStats | None) -> tuple[StatsEntry, int]:
        if selection.metric:
            return own_row(self.metrics, selection) or StatsEntry(self._stats, "", ""), 1
        entries = list(stats.entries.values()) if stats is not None else []
        rows = [row for row in entries if selection.has(row.method, row.name)]
        return self._together(rows), len(rows)

    def _together(self, rows: list[StatsEntry]) -> StatsEntry:
        if len(rows) == 1:
            return rows[0]
        together = StatsEntry(self._stats, "", "")
        for row in rows:
            together.extend(row)
        return together

    def reading(self, threshold: Threshold, at_s: float) -> Reading:
        """The counters that a threshold needs."""
        metric = threshold.metric
        if metric in (Metric.COUNT, Metric.VALUE):
            value = own_value(self.metrics, threshold)
            return Reading(at_s, int(value is not None), 0, value or 0.0)
        row = self.row(threshold.selection)
        requests, events = row.num_requests, float(row.num_requests)
        if metric is Metric.FAILURES:
            events = row.num_failures
        elif metric is Metric.EXCEPTIONS:
            requests, events = int(self.has_run), self._exceptions
        elif metric in (Metric.LATE_STARTS, Metric.DROPPED_STARTS) and self.health is not None:
            starts = self.health.starts
            requests, events = starts.meant, starts.late if metric is Metric.LATE_STARTS else starts.missed
        has_mark = metric.is_time and metric is not Metric.AVERAGE
        mark = row._precise_mark() if has_mark and (threshold.window_s or threshold.after_s) else None
        return Reading(at_s, requests, row.num_none_requests, events, row.total_response_time, mark)


def figure(threshold: Threshold, source: Source, now: Reading, past: Reading | None) -> float | None:
    """The value of a threshold's metric, in its unit.

    Args:
        threshold: Says which metric.
        source: The present statistics.
        now: Their counters.
        past: The counters at the beginning of the stretch of time; None: since the run began.

    Returns:
        None if nothing was measured in that time.
    """
    if threshold.metric in (Metric.OVERLOAD, Metric.VERDICT):
        return _of_generator(threshold.metric, source.health)
    requests = now.requests - (past.requests if past else 0)
    events = now.events - (past.events if past else 0)
    if threshold.metric.is_time:
        return _time_ms(threshold, source.row(threshold.selection), now, past)
    if not now.requests:
        return None
    if threshold.metric is Metric.VALUE:
        return now.events
    if threshold.unit is Unit.SHARE:
        return events / requests if requests else None
    if threshold.unit is Unit.PER_SECOND:
        elapsed_s = now.at_s - (past.at_s if past else 0)
        return events / elapsed_s if elapsed_s > 0 else None
    return events


def _time_ms(threshold: Threshold, row: StatsEntry, now: Reading, past: Reading | None) -> float | None:
    timed = now.requests - now.untimed - (past.requests - past.untimed if past else 0)
    metric = threshold.metric
    if timed <= 0:
        return None
    if metric is Metric.AVERAGE:
        return (now.total_ms - (past.total_ms if past else 0)) / timed
    fraction = {Metric.MIN: 0.0, Metric.MAX: 1.0}.get(metric, threshold.fraction)
    if past is None or past.mark is None:
        return row.precise_percentile(fraction)
    found = row._precise_since(past.mark, [fraction])
    return found[0] if found else None


def _of_generator(metric: Metric, health: GeneratorHealth | None) -> float | None:
    if health is None or not health.all_nodes.requests:
        return None
    return health.inflation if metric is Metric.OVERLOAD else float(not health.inflated)


def rate_of_seconds(row: StatsEntry, first: int, beyond: int, *, failures: bool) -> float:
    """Requests or failures per second, counted by the second in which they ended.

    A master gets its workers' counters every few seconds, so that the growth of its counters says little about a
    short stretch of time.

    Args:
        row: The statistics.
        first: The first second, since the epoch.
        beyond: The second after the last one.
        failures: Whether failures are counted.
    """
    counts = row.num_fail_per_sec if failures else row.num_reqs_per_sec
    return sum(count for second, count in counts.items() if first <= second < beyond) / (beyond - first)
