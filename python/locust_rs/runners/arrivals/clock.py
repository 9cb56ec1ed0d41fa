"""The clock of arrivals: seconds of the run, without pauses, the same on all nodes."""

from __future__ import annotations

from time import monotonic

from locust_rs.user.turnstile import Turnstile


class RunClock:
    """Counts the seconds of a run.

    Args:
        turnstile: Knows the pauses of this node.
    """

    def __init__(self, turnstile: Turnstile) -> None:
        self._turnstile = turnstile
        self._epoch: float | None = None

    def begin(self, at_s: float = 0.0) -> None:
        """The run begins now, or goes on at a moment of it."""
        self._epoch = monotonic() - at_s

    def forget(self) -> None:
        """Another run is to come, whose beginning another node will tell."""
        self._epoch = None

    def follow(self, now_s: float, received_at: float) -> None:
        """Another node told that it is `now_s`; the message that took the shortest time is right.

        Args:
            now_s: Its clock.
            received_at: Monotonic time at which the message came.
        """
        epoch = received_at - self._turnstile.held_s - now_s
        self._epoch = epoch if self._epoch is None else min(self._epoch, epoch)

    @property
    def now_s(self) -> float:
        """Seconds of the run so far; 0 before its beginning is known."""
        return 0.0 if self._epoch is None else monotonic() - self._epoch - self._turnstile.held_s

    def monotonic_at(self, at_s: float) -> float:
        """The monotonic time of a moment of the run."""
        return (self._epoch or 0.0) + self._turnstile.held_s + at_s
