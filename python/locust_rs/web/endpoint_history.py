"""Charts of single endpoints: a point every few seconds, in bounded memory.

A point covers the time since the previous one, so it costs two readings of the counters and needs no window of its
own in the statistics.
"""

from __future__ import annotations

import time
from array import array
from collections import OrderedDict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import gevent

from locust_rs._states import STATE_INIT, STATE_STOPPED
from locust_rs._tunables import stats as stats_tunables
from locust_rs._tunables import web as tunables
from locust_rs.stats import StatsEntry, calculate_response_time_percentile, diff_response_time_dicts
from locust_rs.web.rows import history_row, iso_time

if TYPE_CHECKING:
    from locust_rs.env import Environment

NOT_MEASURED = float("nan")

ENTRIES_BETWEEN_PAUSES = 50
"""Endpoints read in one go: about a millisecond."""


class _Readings:
    """The counters of one endpoint at its latest point."""

    def __init__(self, entry: StatsEntry) -> None:
        self.at_s = time.time()
        self.requests = entry.num_requests
        self.failures = entry.num_failures
        self.total_ms = entry.total_response_time
        self.times = dict(entry.response_times)
        self.mark = entry._precise_mark()
        self.revision = entry._revision


class _Series:
    """The points of one endpoint, column by column."""

    def __init__(self, percentiles: tuple[float, ...]) -> None:
        self.percentiles = percentiles
        self.columns = [array("d") for _ in range(5 + 2 * len(percentiles))]

    def append(self, *values: float) -> None:
        """Adds a point: time, users, req/s, failures/s, average, percentiles, precise percentiles."""
        for column, value in zip(self.columns, values, strict=True):
            column.append(value)
        if len(self.columns[0]) > tunables.ENDPOINT_HISTORY_POINTS:
            half = len(self.columns[0]) // 2
            for column in self.columns:
                column[:half] = column[:half:2]

    def points(self, since: str) -> list[dict[str, Any]]:
        """The points later than `since` (ISO 8601; empty: all)."""
        names = ["user_count", "current_rps", "current_fail_per_sec", "total_avg_response_time"]
        for kind in ("response_time_percentile", "precise_response_time_percentile"):
            names += [f"{kind}_{percentile}" for percentile in self.percentiles]
        shown = []
        for at_s, *values in zip(*self.columns, strict=True):
            at = iso_time(at_s)
            if at is not None and at > since:
                # NaN differs from itself.
                shown.append({"time": at, **{n: v if v == v else None for n, v in zip(names, values, strict=True)}})
        return shown


class EndpointHistory:
    """Records while a test runs. Owned by the web UI; written by its greenlet `record_for_ever` only."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._series: OrderedDict[Any, _Series] = OrderedDict()
        self._readings: dict[Any, _Readings] = {}
        environment.events.reset_stats.add_listener(self.clear)
        environment.events.test_start.add_listener(self.clear)

    def clear(self, **_kwargs: Any) -> None:
        """Forgets all points: a new test begins."""
        self._series.clear()
        self._readings.clear()

    def record_for_ever(self) -> None:
        """Adds a point per endpoint every `HISTORY_STATS_INTERVAL_SEC` while a test runs."""
        while True:
            gevent.sleep(stats_tunables.HISTORY_STATS_INTERVAL_SEC)
            runner = self._environment.runner
            if runner is not None and runner.state not in (STATE_INIT, STATE_STOPPED):
                self.record(runner.user_count)

    def record(self, user_count: int) -> None:
        """Adds a point for each endpoint that was ever used, up to the limit."""
        for number, (key, entry) in enumerate(list(self._environment.stats.entries.items()), start=1):
            if key in self._series or len(self._series) < tunables.ENDPOINT_HISTORY_ENDPOINTS:
                self._record_entry(key, entry, user_count)
            if number % ENTRIES_BETWEEN_PAUSES == 0:
                # The same thread takes response times; it must not be busy for long.
                gevent.sleep(0)

    def _record_entry(self, key: Any, entry: StatsEntry, user_count: int) -> None:
        before = self._readings.get(key)
        if before is not None and before.revision == entry._revision:
            self._add_point(key, time.time(), user_count, 0.0, 0.0, NOT_MEASURED, {}, None)
            before.at_s = time.time()
            return
        now = self._readings[key] = _Readings(entry)
        if before is None or now.requests < before.requests:
            return
        seconds = max(now.at_s - before.at_s, 0.001)
        requests = now.requests - before.requests
        self._add_point(
            key,
            now.at_s,
            user_count,
            requests / seconds,
            (now.failures - before.failures) / seconds,
            (now.total_ms - before.total_ms) / requests if requests else NOT_MEASURED,
            diff_response_time_dicts(now.times, before.times),
            entry._precise_since(before.mark, stats_tunables.PERCENTILES_TO_CHART),
        )

    def _add_point(
        self,
        key: Any,
        at_s: float,
        user_count: int,
        requests_per_s: float,
        failures_per_s: float,
        average_ms: float,
        times: dict[int, int],
        precise: list[float] | None,
    ) -> None:
        percentiles = tuple(stats_tunables.PERCENTILES_TO_CHART)
        series = self._series.get(key)
        if series is None or series.percentiles != percentiles:
            series = self._series[key] = _Series(percentiles)
        timed = sum(times.values())
        values = [
            calculate_response_time_percentile(times, timed, percentile) if timed else NOT_MEASURED
            for percentile in percentiles
        ]
        values += precise or [NOT_MEASURED] * len(percentiles)
        series.append(at_s, user_count, requests_per_s, failures_per_s, average_ms, *values)

    def points(self, name: str, method: str, since: str) -> list[dict[str, Any]]:
        """The points of one endpoint later than `since`; those of the whole run for `Aggregated` without method."""
        if name == "Aggregated" and not method:
            history = self._environment.stats.history
            return [history_row(point) for point in history if point["time"] > since]
        series = self._series.get((name, method)) or (None if method else self._series.get((name, None)))
        if series is None:
            return []
        points = series.points(since)
        self._mark_spoiled(points)
        return points

    def _mark_spoiled(self, points: list[dict[str, Any]]) -> None:
        """Says of points whose response times the generator itself made too long by what share."""
        health = self._environment.stats.health
        if health is None:
            return
        for point in points:
            at_s = datetime.fromisoformat(point["time"]).timestamp()
            inflation = health.spoiled.between(at_s - stats_tunables.HISTORY_STATS_INTERVAL_SEC, at_s)
            if inflation:
                point["inflation"] = round(inflation, 4)
