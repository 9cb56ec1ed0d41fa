"""The generator's own CPU, memory and lag, and whether they distort its measurements."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import gevent
import psutil

from locust_rs._tunables import runners as tunables
from locust_rs.runners import verdict
from locust_rs.runners.arrivals.counts import ArrivalCounts, together
from locust_rs.runners.blocking_calls import BlockingCalls
from locust_rs.runners.inflation import (
    MIN_SPOILED_SECONDS,
    EngineLateness,
    Scale,
    Second,
    SocketLateness,
    SpoiledIntervals,
    WorkerLateness,
)
from locust_rs.runners.socket_waits import follow_socket_waits
from locust_rs.runners.system_limits import SystemLimits
from locust_rs.user.paced_starts import PacedStarts
from locust_rs.util.messages import see

if TYPE_CHECKING:
    from locust_rs.stats import RequestStats

logger = logging.getLogger("locust.runners")

PROBE_INTERVAL_S = 0.02
"""How often the event loop's lateness is sampled."""

LATE_START_MS = 10.0
"""A sample later than this counts as a late start: a user that was due at that moment started that much late."""

TIMER_RESOLUTION_MS = 0.6
"""Mean lateness of a timer in an idle event loop, whose timers tick in whole milliseconds."""


class GeneratorHealth:
    """CPU, lag of the event loop, late starts and limits of the system, watched every second.

    Console, files and UI read it. Owned by the runner; written by `watch`, and on a master by what workers tell.

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
        self.limits = SystemLimits()
        """Descriptors and local ports in use."""
        self.queue_length = 0
        """Reports that a master had received but not yet processed at the end of the last second."""
        self.measure_queue: Callable[[], int] | None = None
        """Returns the number of waiting reports (master only)."""
        self.blocking = BlockingCalls()
        """The calls that blocked the event loop for longer than a tenth of a second."""
        self.measure_arrivals: Callable[[], dict[str, ArrivalCounts]] = dict
        """Returns what became of the arrivals, on all nodes, by class."""
        self.starts_here = PacedStarts()
        """The starts of this node's paced users; the environment's own once there is a runner."""
        self.run = Second()
        """This process's response times in this run, and the part of them that it caused itself."""
        self.second = Second()
        """The same for the last second."""
        self.spoiled = SpoiledIntervals()
        """When the response times were too long, here or on a worker."""
        self.workers: dict[str, WorkerLateness] = {}
        """The figures of each worker (master only)."""
        self._scale = Scale()
        self._lags_ms: list[float] = []
        self._seen = (0, 0.0)
        self.workers_inflated = False
        """Whether a worker reported inflated response times (master only)."""

    @property
    def inflation(self) -> float:
        """Share by which the response times of this run are too long, including those of workers; 0.05 is 5 %."""
        return self.all_nodes.inflation

    @property
    def all_nodes(self) -> Second:
        """The response times of this run, including those of workers."""
        run = Second()
        run.add(self.run)
        for worker in self.workers.values():
            run.add(worker.run)
        return run

    @property
    def arrivals(self) -> ArrivalCounts:
        """What became of the arrivals of all classes."""
        return together(self.measure_arrivals())

    @property
    def starts(self) -> PacedStarts:
        """The starts of paced users and arrivals, those of workers included."""
        all_starts, arrivals = self.paced_starts, self.arrivals
        all_starts.add(
            PacedStarts(arrivals.begun + arrivals.overdue, arrivals.late + arrivals.overdue, arrivals.dropped)
        )
        return all_starts

    @property
    def start_warnings(self) -> list[str]:
        """What to tell if starts were late or did not come."""
        paced = self.paced_starts.warning()
        return ([paced] if paced else []) + self.arrivals.warnings()

    @property
    def paced_starts(self) -> PacedStarts:
        """The starts of paced users, those of workers included."""
        starts = PacedStarts()
        starts.add(self.starts_here)
        for worker in self.workers.values():
            starts.add(worker.starts)
        return starts

    @property
    def remedies(self) -> list[str]:
        """What to do about inflated response times, in whole sentences."""
        return verdict.remedies(self)

    @property
    def inflated(self) -> bool:
        """Whether the lag lengthened the response times of this run by more than 5 %, here or on a worker."""
        return self.workers_inflated or self.inflated_here

    @property
    def inflated_here(self) -> bool:
        """Whether this process itself has lengthened response times by more than 5 %, and for more than a moment."""
        return self.run.is_spoiled and self.spoiled.seconds_here >= MIN_SPOILED_SECONDS

    @property
    def late_start_ratio(self) -> float:
        """Share of the samples of this run that were late by more than `LATE_START_MS`."""
        return self.late_starts / self.samples if self.samples else 0.0

    def reset(self) -> None:
        """Begins a new run."""
        self.late_starts = self.samples = 0
        self._seen = (0, 0.0)
        self.workers_inflated = False
        self.workers.clear()
        self.blocking.reset()
        self.starts_here.reset()
        self._reset_times()

    def _reset_times(self) -> None:
        self.run, self.second = Second(), Second()
        self._scale = Scale()
        self.spoiled = SpoiledIntervals()
        EngineLateness.take()
        SocketLateness.take()

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
        follow_socket_waits()
        with self.blocking.watched():
            self._watch(stats)

    def _watch(self, stats: RequestStats) -> None:
        due = time.perf_counter() + PROBE_INTERVAL_S
        second_ends = time.perf_counter() + 1
        while True:
            gevent.sleep(max(0.0, due - time.perf_counter()))
            self.blocking.loop_is_alive()
            now = time.perf_counter()
            # Every sample that a stall made late counts, so that a stall weighs by its length.
            while due <= now:
                self._lags_ms.append((now - due) * 1000)
                due += PROBE_INTERVAL_S
            if now >= second_ends:
                second_ends = now + 1
                total = stats.total
                timed = total.num_requests - total.num_none_requests
                engine, sockets = EngineLateness.take(), SocketLateness.take()
                self.close_second(self._lags_ms, timed, total.total_response_time, engine, sockets)
                self._lags_ms = []
                self._warn_of_blocking_calls()

    def _warn_of_blocking_calls(self) -> None:
        for call in self.blocking.take_new():
            logger.warning(
                f"{call.where} held the event loop for {call.longest_s * 1000:,.0f} ms: no other user ran meanwhile, "
                "and their response times are too long. Use a call that lets others run. "
                f"{see('blocking-call')}"
            )

    def to_message(self) -> dict[str, Any]:
        """The figures that a worker sends to its master with every heartbeat."""
        worst = self.blocking.worst
        return {
            "requests": self.run.requests,
            "measured_ms": self.run.measured_ms,
            "late_ms": self.run.late_ms,
            "engine_late_ms": self.run.engine_late_ms,
            "spoiled_seconds": self.spoiled.seconds_here,
            "second_inflation": self.second.inflation,
            "starts": [self.starts_here.begun, self.starts_here.late, self.starts_here.missed],
            "blocking": f"{worst.where} held the event loop for {worst.longest_s * 1000:,.0f} ms" if worst else "",
        }

    def close_second(
        self,
        lags_ms: list[float],
        num_requests: int,
        total_response_time_ms: float,
        engine: EngineLateness | None = None,
        sockets: SocketLateness | None = None,
    ) -> None:
        """Adds the samples of one second, and what the statistics counted in it."""
        self.cpu_usage = self.process.cpu_percent()
        self.memory_usage = self.process.memory_info().rss
        self.limits.look()
        self.queue_length = self.measure_queue() if self.measure_queue else 0
        self.hub_lag_ms = max(0.0, sum(lags_ms) / len(lags_ms) - TIMER_RESOLUTION_MS) if lags_ms else 0.0
        self.hub_lag_max_ms = max(lags_ms, default=0.0)
        self.samples += len(lags_ms)
        self.late_starts += sum(lag > LATE_START_MS for lag in lags_ms)
        if not self.measures:
            return
        if num_requests < self._seen[0]:  # the statistics were reset
            self._seen = (0, 0.0)
            self._reset_times()
        requests, response_ms = num_requests - self._seen[0], total_response_time_ms - self._seen[1]
        self._seen = (num_requests, total_response_time_ms)
        self.second = self._scale.weigh(
            requests, response_ms, engine or EngineLateness(), sockets or SocketLateness(), self.hub_lag_ms
        )
        self.run.add(self.second)
        if self.second.is_spoiled:
            self.spoiled.seconds_here += 1
            self.spoiled.note(time.time(), self.second.inflation)

    def note_worker(self, worker_id: str, told: WorkerLateness) -> None:
        """Stores a worker's figures about its own response times."""
        before = self.workers.get(worker_id)
        if before is not None and before.blocking:
            told.blocking = told.blocking or before.blocking
        self.workers[worker_id] = told
        self.workers_inflated = self.workers_inflated or told.inflated
        if told.spoiled_seconds > (before.spoiled_seconds if before else 0):
            self.spoiled.note(time.time(), told.second_inflation)


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
