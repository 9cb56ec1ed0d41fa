"""When the iteration of a paced user should have begun, kept on its greenlet until its first request is answered."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any

import gevent

if TYPE_CHECKING:
    from locust_rs.stats.intended import IntendedTimes


@dataclass
class Due:
    """An iteration that is to begin.

    Attributes:
        at: Monotonic time of its intended start.
        missed: How many starts before it have been missed.
        pace_s: Time between two intended starts.
    """

    at: float
    missed: int
    pace_s: float

    def times_ms(self, answered_at: float) -> list[float]:
        """Milliseconds from its intended start to an answer, and from each missed start."""
        return [(answered_at - self.at + number * self.pace_s) * 1000 for number in range(self.missed + 1)]


def expect_iteration(holder: Any, begins_at: float, overrun_s: float, pace_s: float) -> None:
    """Notes the iteration that the current greenlet begins next.

    Starts are due every `pace_s` from the last one that was on time; a user that has waited is on time again.

    Args:
        holder: The user or task set that is paced; remembers how late its latest start was.
        begins_at: Monotonic time at which the iteration may begin.
        overrun_s: By how much the iteration before took longer than the pace; 0 or less if it did not.
        pace_s: Time between two intended starts.
    """
    late_s = getattr(holder, "_cp_late_s", 0.0) + overrun_s if overrun_s > 0 else 0.0
    missed = int(late_s / pace_s + 1e-9) if pace_s > 0 else 0
    late_s -= missed * pace_s
    holder._cp_late_s = late_s
    current: Any = gevent.getcurrent()
    current.locust_due = Due(begins_at - late_s, missed, pace_s)


def postpone(held_s: float) -> None:
    """Moves the intended start of the current greenlet, which was held by a pause."""
    due = getattr(gevent.getcurrent(), "locust_due", None)
    if due is not None:
        due.at += held_s


class FirstAnswers:
    """Listener of `request`: counts the first answer of each iteration that has an intended start.

    Args:
        intended: Where to count it.
    """

    def __init__(self, intended: IntendedTimes) -> None:
        self._intended = intended

    def __call__(self, request_type: str, name: str, **_kwargs: Any) -> None:
        """Counts a request of the current greenlet."""
        current: Any = gevent.getcurrent()
        due = getattr(current, "locust_due", None)
        if due is not None:
            current.locust_due = None
            self._intended.add(request_type, name, due.times_ms(monotonic()))
