"""The generator's own CPU, memory and lag, and whether they distort its measurements."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

import gevent
import psutil

from locust_rs._tunables import runners as tunables

if TYPE_CHECKING:
    from locust_rs.stats import RequestStats

logger = logging.getLogger("locust.runners")

PROBE_INTERVAL_S = 0.02
"""How often the event loop's lateness is sampled."""

LATE_START_MS = 10.0
"""A sample later than this counts as a late start: a user that was due at that moment started that much late."""

INFLATED_RATIO = 0.05
"""Response times are marked if the generator's own lag lengthens them by more than this share."""

TIMER_RESOLUTION_MS = 0.6
"""Mean lateness of a timer in an idle event loop, whose timers tick in whole milliseconds."""

MIN_LAG_MS = 1.0
"""Less lag than this in a second does not show in reports, which have whole milliseconds."""

MIN_LAGGING_SECONDS = 3
"""Fewer seconds with lag are due to start-up, garbage collection or another process, not to a bottleneck."""


class GeneratorHealth:
    """CPU, lag of the event loop and late starts, measured every second; read by console, files and UI.

    A response that arrives while the loop is busy is noticed late, on average by as much as a timer that was due at
    the same time. So the lag times the number of requests is what the lag added to the sum of all response times.

    Owned by the runner; written by `watch` only.

    Args:
        measures: Whether this process measures response times. A master does not, so its lag lengthens none.
    """

    def __init__(self, measures: bool = True) -> None:
        self.measures = measures
        self.process = psutil.Process()
        self.process.cpu_percent()
        self.cpu_usage = 0.0
        """Percent of one core, in the last second."""
        self.memory_usage = 0
        """Resident bytes."""
        self.hub_lag_ms = 0.0
        """Mean lateness of the event loop in the last second."""
        self.hub_lag_max_ms = 0.0
        """Worst lateness in the last second."""
        self.late_starts = 0
        """Samples of this run that were late by more than `LATE_START_MS`."""
        self.samples = 0
        """Samples of this run."""
        self.inflation = 0.0
        """Share by which the lag lengthened the response times of this run; 0.05 is 5 %."""
        self._lags_ms: list[float] = []
        self._lagging_seconds = 0
        self._inflated_ms = 0.0
        self._measured_ms = 0.0
        self._seen = (0, 0.0)
        self.workers_inflated = False
        """Whether a worker reported inflated response times (master only)."""

    @property
    def inflated(self) -> bool:
        """Whether the lag lengthened the response times of this run by more than 5 %, here or on a worker."""
        return self.workers_inflated or self.inflated_here

    @property
    def inflated_here(self) -> bool:
        """Whether this process's lag lengthened response times by more than 5 %, and for more than a moment."""
        return self.inflation > INFLATED_RATIO and self._lagging_seconds >= MIN_LAGGING_SECONDS

    @property
    def late_start_ratio(self) -> float:
        """Share of the samples of this run that were late by more than `LATE_START_MS`."""
        return self.late_starts / self.samples if self.samples else 0.0

    def reset(self) -> None:
        """Clears the figures of the previous run."""
        self.late_starts = self.samples = self._lagging_seconds = 0
        self.inflation = self._inflated_ms = self._measured_ms = 0.0
        self._seen = (0, 0.0)
        self.workers_inflated = False

    def to_dict(self) -> dict[str, float | int | bool]:
        """The figures for reports."""
        return {
            "cpu_usage": self.cpu_usage,
            "memory_usage": self.memory_usage,
            "hub_lag_ms": round(self.hub_lag_ms, 3),
            "hub_lag_max_ms": round(self.hub_lag_max_ms, 3),
            "late_start_ratio": round(self.late_start_ratio, 4),
            "inflation": round(self.inflation, 4),
            "inflated": self.inflated,
        }

    def watch(self, stats: RequestStats) -> None:
        """Samples until killed; runs in a greenlet of its own."""
        due = time.perf_counter() + PROBE_INTERVAL_S
        second_ends = time.perf_counter() + 1
        while True:
            gevent.sleep(max(0.0, due - time.perf_counter()))
            now = time.perf_counter()
            # Every sample that a stall made late counts, so that a stall weighs by its length.
            while due <= now:
                self._lags_ms.append((now - due) * 1000)
                due += PROBE_INTERVAL_S
            if now >= second_ends:
                second_ends = now + 1
                self.close_second(self._lags_ms, stats.total.num_requests, stats.total.total_response_time)
                self._lags_ms = []

    def close_second(self, lags_ms: list[float], num_requests: int, total_response_time_ms: float) -> None:
        """Adds the samples of one second, and what the statistics counted in it."""
        self.cpu_usage = self.process.cpu_percent()
        self.memory_usage = self.process.memory_info().rss
        self.hub_lag_ms = max(0.0, sum(lags_ms) / len(lags_ms) - TIMER_RESOLUTION_MS) if lags_ms else 0.0
        self.hub_lag_max_ms = max(lags_ms, default=0.0)
        self.samples += len(lags_ms)
        self.late_starts += sum(lag > LATE_START_MS for lag in lags_ms)
        if not self.measures:
            return
        requests, response_ms = num_requests - self._seen[0], total_response_time_ms - self._seen[1]
        self._seen = (num_requests, total_response_time_ms)
        if requests <= 0 or response_ms <= 0:
            return
        self._measured_ms += response_ms
        if self.hub_lag_ms >= MIN_LAG_MS:
            self._lagging_seconds += 1
            self._inflated_ms += min(requests * self.hub_lag_ms, response_ms)
        true_ms = self._measured_ms - self._inflated_ms
        self.inflation = self._inflated_ms / true_ms if true_ms > 0 else float(self._inflated_ms > 0)


class CpuWarning:
    """Decides when the CPU is the bottleneck of a test."""

    def __init__(self) -> None:
        self._seconds_above = 0

    def is_due(self, cpu_usage: float) -> bool:
        """Whether `cpu_usage`, taken once per second, has been too high for three seconds."""
        self._seconds_above = self._seconds_above + 1 if cpu_usage > tunables.CPU_WARNING_THRESHOLD else 0
        return self._seconds_above >= 3


def warn_of_cpu(cpu_usage: float) -> None:
    """Warns that this process is short of CPU."""
    logging.getLogger().warning(
        f"CPU usage above {tunables.CPU_WARNING_THRESHOLD:g}%! This may constrain your throughput and may even give "
        f"inconsistent response time measurements (now {cpu_usage:.0f}%)! "
        "See https://docs.locust.io/en/stable/running-distributed.html for how to distribute the load "
        "over multiple CPU cores or machines"
    )
