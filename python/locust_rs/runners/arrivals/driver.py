"""Starts the users of this node when they are due to arrive, and counts what becomes of the arrivals."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from gevent import Greenlet
from gevent.event import Event

from locust_rs.exception import StopTest
from locust_rs.runners.arrivals.clock import RunClock
from locust_rs.runners.arrivals.counts import ArrivalCounts
from locust_rs.runners.users.spawn_slices import Slices
from locust_rs.user.arrivals import ArrivalTasks
from locust_rs.user.intended_start import Due

if TYPE_CHECKING:
    from locust_rs.runners.base import Runner
    from locust_rs.user.users import User

logger = logging.getLogger("locust.runners")

LONGEST_WAIT_S = 0.05
"""How long the driver waits at most: a pause or a change has no other way to wake it."""


@dataclass
class Stream:
    """The arrivals of one class on this node.

    Attributes:
        user_class: The class; None if the locustfile of this node lacks it.
        due: Times of arrivals that have not begun, in order.
        running: Its users that run.
        max_users: The most that may.
        counts: What became of those whose time has come.
        idle: Users that have ended and may be taken over.
    """

    user_class: type[User] | None
    max_users: int
    due: deque[float] = field(default_factory=deque)
    running: int = 0
    counts: ArrivalCounts = field(default_factory=ArrivalCounts)
    idle: list[User] = field(default_factory=list)

    def ended(self, user: User, greenlet: Any) -> None:
        """A user has ended; called by the hub."""
        self.running -= 1
        if user.arrival_reuses_users and greenlet.successful():
            self.idle.append(user)


class ArrivalDriver:
    """Begins arrivals at the times that it is given. Owned by the runner of a node that runs users.

    One greenlet begins all of them. Those for which there is no time begin as soon as there is, and count as late;
    those that come while `max_users` are running are dropped.

    Args:
        runner: Its users run in `user_greenlets`.
    """

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._turnstile = runner.environment.turnstile
        self.clock = RunClock(self._turnstile)
        self._streams: dict[str, Stream] = {}
        self._woken = Event()
        self._greenlet: Greenlet[..., Any] | None = None

    @property
    def counts(self) -> dict[str, ArrivalCounts]:
        """The arrivals of this test so far, by class name."""
        return {name: stream.counts for name, stream in self._streams.items()}

    @property
    def is_idle(self) -> bool:
        """Whether all arrivals have begun and ended."""
        return not any(stream.due or stream.running for stream in self._streams.values())

    def begin(self) -> None:
        """Begins a test."""
        self._streams = {}
        self.clock.begin()

    def offer(self, times: dict[str, list[float]], max_users: dict[str, int]) -> None:
        """Takes arrivals that are to begin.

        Args:
            times: Their times in seconds of the run, by class name.
            max_users: The most users of each class that may run here.
        """
        known = self._runner.user_classes_by_name
        for name, limit in max_users.items():
            stream = self._streams.get(name)
            if stream is None:
                stream = self._streams[name] = Stream(known.get(name), limit)
                if stream.user_class is None:
                    logger.error(f"Users of {name} are to arrive, but the locustfile of this node lacks the class")
            stream.max_users = limit
            stream.due.extend(times.get(name, ()))
        if self._greenlet is None:
            self._greenlet = self._runner.greenlet.spawn(self._run)
            self._greenlet.link_exception(self._runner._on_failure)
        self._woken.set()

    def end(self) -> float:
        """Begins no more. Arrivals whose time has come count as overdue, the others were not meant.

        Returns:
            The moment up to which arrivals have begun or are counted, in seconds of the run.
        """
        greenlet, self._greenlet = self._greenlet, None
        if greenlet is not None:
            greenlet.kill(block=True)
        now_s = self.clock.now_s
        for stream in self._streams.values():
            stream.counts.overdue += sum(at_s <= now_s for at_s in stream.due)
            stream.due.clear()
            stream.idle.clear()
        return now_s

    def _run(self) -> None:
        while True:
            self._woken.clear()
            if not self._turnstile.is_paused:
                self._begin_due()
            self._woken.wait(self._seconds_to_next())

    def _seconds_to_next(self) -> float:
        if self._turnstile.is_paused:
            return LONGEST_WAIT_S
        next_s = min((stream.due[0] for stream in self._streams.values() if stream.due), default=float("inf"))
        return min(LONGEST_WAIT_S, max(0.0, next_s - self.clock.now_s))

    def _begin_due(self) -> None:
        with Slices() as slices:
            for stream in list(self._streams.values()):
                self._begin_due_of(stream, slices.make_room)

    def _begin_due_of(self, stream: Stream, make_room: Callable[[], None]) -> None:
        while stream.due and stream.due[0] <= (now_s := self.clock.now_s) and not self._turnstile.is_paused:
            at_s = stream.due.popleft()
            if self._turnstile.is_short and self._turnstile.is_final:
                continue
            if stream.running >= stream.max_users or stream.user_class is None:
                stream.counts.dropped += 1
            else:
                self._begin_one(stream, stream.user_class, at_s, now_s)
            make_room()

    def _begin_one(self, stream: Stream, user_class: type[User], at_s: float, now_s: float) -> None:
        stream.counts.note_start(now_s - at_s)
        # Before it exists: while its `__init__` waits, say for a login, there is an arrival that has not ended.
        stream.running += 1
        user = None
        try:
            user = stream.idle.pop() if stream.idle else self._runner._roster.create(user_class)
        except StopTest as reason:
            self._runner._end_because(reason)
            stream.due.clear()
        finally:
            if user is None:
                stream.running -= 1
        if user is not None:
            self._start(stream, user, at_s)

    def _start(self, stream: Stream, user: User, at_s: float) -> None:
        user._task_set_class = ArrivalTasks
        greenlet: Any = user.start(self._runner.user_greenlets)
        greenlet.rawlink(partial(stream.ended, user))
        if self._runner.stats.intended is not None:
            greenlet.locust_due = Due(self.clock.monotonic_at(at_s), 0, 0.0)
