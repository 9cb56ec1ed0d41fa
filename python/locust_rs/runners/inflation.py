"""Measures by how much the generator itself has lengthened the response times of a run.

Response times are measured by the engine, which reads the sockets, or by clients in Python, whose greenlets must first
be switched to. The lateness of each is measured where it arises (`_core`) and counts for the requests that it timed.
Other requests, for example of clients with an event loop of their own, count as late as the event loop is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from locust_rs import _core
from locust_rs.user.paced_starts import PacedStarts

INFLATED_SHARE = 0.05
"""Response times are marked if the generator itself lengthens them by more than this share."""

MIN_LATE_MS = 0.5
"""A request that was late by less has the same response time in whole milliseconds."""

MIN_SPOILED_SECONDS = 3
"""Fewer distorted seconds are due to start-up, garbage collection or another process, not to a bottleneck."""

MIN_HUB_LAG_MS = 1.0
"""Less lag of the event loop is not charged to requests whose own lateness is unknown: timers are that inexact."""

MOST_BLOCKING_LETTERS = 300
"""Limit of a worker's text about a blocking call."""

MOST_LATE_SHARE = 0.99
"""A response time was never the generator's doing altogether."""


@dataclass
class EngineLateness:
    """Counts what the engine read, and how late; see `_core.take_engine_lateness`."""

    responses: int = 0
    sampled: int = 0
    late_ms: float = 0.0
    connecting_late_ms: float = 0.0

    @classmethod
    def take(cls) -> EngineLateness:
        """The numbers since the last call."""
        return cls(*_core.take_engine_lateness())


@dataclass
class SocketLateness:
    """What Python recorded, and how late; see `_core.take_socket_lateness`."""

    recorded: int = 0
    sampled: int = 0
    waited: int = 0
    late_ms: float = 0.0

    @classmethod
    def take(cls) -> SocketLateness:
        """The numbers since the last call."""
        return cls(*_core.take_socket_lateness())


@dataclass
class Second:
    """What one second, or the whole run, adds up to.

    Attributes:
        requests: Requests with a response time.
        measured_ms: The sum of their response times, as reported.
        late_ms: The part of it that the generator caused.
        engine_late_ms: The part of that in requests that the engine timed.
    """

    requests: int = 0
    measured_ms: float = 0.0
    late_ms: float = 0.0
    engine_late_ms: float = 0.0

    @property
    def inflation(self) -> float:
        """Share by which the response times are too long; 0.05 is 5 %."""
        # A response may be read in one second and recorded in the next: within one, more can be late than was long.
        late_ms = min(self.late_ms, MOST_LATE_SHARE * self.measured_ms)
        return late_ms / (self.measured_ms - late_ms) if late_ms > 0 else 0.0

    @property
    def is_spoiled(self) -> bool:
        """Whether the response times are noticeably too long."""
        return self.inflation > INFLATED_SHARE and self.late_ms >= MIN_LATE_MS * self.requests

    def add(self, other: Second) -> None:
        """Adds what another second measured."""
        self.requests += other.requests
        self.measured_ms += other.measured_ms
        self.late_ms += other.late_ms
        self.engine_late_ms += other.engine_late_ms


class Scale:
    """Compares the lateness of each second with its response times."""

    def __init__(self) -> None:
        self._read_ahead = 0
        """Responses that the engine has read and whose greenlets have not yet had their turn to record them."""

    def weigh(
        self, requests: int, measured_ms: float, engine: EngineLateness, sockets: SocketLateness, hub_lag_ms: float
    ) -> Second:
        """Computes the effect of a second's lateness on its response times.

        Args:
            requests: Requests that were counted in that second.
            measured_ms: The sum of their response times.
            engine: How late the engine read.
            sockets: How late clients in Python went on.
            hub_lag_ms: How late the event loop was on average.
        """
        lag_ms = hub_lag_ms if hub_lag_ms >= MIN_HUB_LAG_MS else 0.0
        engine_late_ms = engine.connecting_late_ms + _extrapolated(
            engine.late_ms, engine.sampled, engine.responses, otherwise=lag_ms
        )
        socket_late_ms = _extrapolated(sockets.late_ms, sockets.sampled, sockets.recorded, otherwise=0.0)
        in_sockets = _extrapolated(sockets.waited, sockets.sampled, sockets.recorded, otherwise=0.0)
        unknown = self._unknown(requests - in_sockets, engine.responses)
        late_ms = engine_late_ms + socket_late_ms + unknown * lag_ms
        return Second(max(requests, 0), measured_ms, late_ms, engine_late_ms)

    def _unknown(self, requests: float, responses: int) -> float:
        """How many of `requests`, which no socket in Python was waited for, the engine has not read either."""
        ahead = self._read_ahead + responses - requests
        # Redirects are responses that are never recorded, so they must not accumulate.
        self._read_ahead = max(0, min(round(ahead), 2 * responses))
        return max(0.0, -ahead)


def _extrapolated(value: float, sampled: int, count: int, *, otherwise: float) -> float:
    """The sum over `count` things of what is known of `sampled` ones; with nothing known, `otherwise` for each."""
    return value / sampled * count if sampled else otherwise * count


@dataclass
class Interval:
    """A stretch of spoiled seconds; times are epoch seconds.

    Attributes:
        inflation: That of its worst second.
    """

    begins_at: float
    ends_at: float
    inflation: float


class SpoiledIntervals:
    """The stretches of a run whose response times are too long. Adjoining seconds are one; old ones are dropped."""

    MOST = 1000

    def __init__(self) -> None:
        self.seconds_here = 0
        """Distorted seconds of this process itself."""
        self.latest: float = 0.0
        """End of the latest one, in epoch seconds; 0 without any."""
        self.intervals: list[Interval] = []

    def note(self, now: float, inflation: float) -> None:
        """The second that ends at `now` is spoiled."""
        self.latest = now
        last = self.intervals[-1] if self.intervals else None
        if last is not None and now - last.ends_at < 2.5:
            last.ends_at = now
            last.inflation = max(last.inflation, inflation)
        else:
            self.intervals.append(Interval(now - 1, now, inflation))
            del self.intervals[: -self.MOST]

    def between(self, begins_at: float, ends_at: float) -> float:
        """The worst inflation of those that reach into this stretch; 0 if there is none."""
        worst = 0.0
        for interval in reversed(self.intervals):
            if interval.ends_at <= begins_at:
                break
            if interval.begins_at < ends_at:
                worst = max(worst, interval.inflation)
        return worst


@dataclass
class WorkerLateness:
    """A worker's figures about its response times, from its heartbeats.

    Attributes:
        run: Its run so far.
        inflated: Its own verdict.
        spoiled_seconds: The number of its distorted seconds.
        second_inflation: The share of its last second.
        blocking: Describes what blocks its event loop; may be empty.
    """

    run: Second
    inflated: bool
    spoiled_seconds: int = 0
    second_inflation: float = 0.0
    blocking: str = ""
    starts: PacedStarts = field(default_factory=PacedStarts)

    @classmethod
    def from_message(cls, told: Any, inflated: bool) -> WorkerLateness:
        """What `GeneratorHealth.to_message` made, from a peer that may send anything.

        Raises:
            ValueError: A figure is missing, is not a number, or is out of range.
        """
        figures = ("requests", "measured_ms", "late_ms", "engine_late_ms", "spoiled_seconds", "second_inflation")
        try:
            numbers = [float(told[name]) for name in figures]
            starts = PacedStarts(*map(int, told.get("starts", (0, 0, 0))))
        except (TypeError, KeyError, ValueError, OverflowError) as error:
            raise ValueError(f"its lateness is {told!r:.200}") from error
        numbers_told = (*numbers, starts.begun, starts.late, starts.missed)
        if not all(math.isfinite(number) and number >= 0 for number in numbers_told):
            raise ValueError(f"its lateness has {numbers}")
        requests, measured_ms, late_ms, engine_late_ms, spoiled, latest = numbers
        run = Second(int(requests), measured_ms, late_ms, engine_late_ms)
        return cls(run, inflated, int(spoiled), latest, str(told.get("blocking", ""))[:MOST_BLOCKING_LETTERS], starts)
