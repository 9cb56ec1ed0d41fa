"""How many users of a class are meant at which time."""

from __future__ import annotations

import math

from locust_rs.runners.arrivals.profile import check, stretches_in
from locust_rs.user.scenario import Stages, Window

_ROUNDING = 1e-9
"""Part of a user by which a level may be too low, because of the rounding of its numbers."""


class UserPlan:
    """The users of one class over a run. Asked about moments in their order.

    The nth user comes when the level reaches n, and goes when the level falls below n.

    Args:
        stages: The users over time.
        window: When the class begins, and how long it lasts.

    Raises:
        ValueError: The stages are malformed.
    """

    def __init__(self, stages: Stages | float, window: Window) -> None:
        if isinstance(stages, (list, tuple)) and not stages:
            raise ValueError("user_stages is empty; it must have stages of (seconds, users)")
        check(stages, check_users)
        self.window = window
        self._stretches = stretches_in(window, stages, check_level=check_users)
        self._stretch = next(self._stretches, None)
        self._begins_at = 0.0

    @property
    def is_over(self) -> bool:
        """Whether no users are meant any more."""
        return self._stretch is None

    def meant_at(self, at_s: float) -> int:
        """The users that are meant at a moment.

        Args:
            at_s: Seconds of the run; not before those of an earlier call.

        Raises:
            Exception: The function of the users failed, or returned something else than a number of users.
        """
        while (stretch := self._stretch) is not None and at_s >= self._begins_at + stretch.duration_s:
            self._begins_at += stretch.duration_s
            self._stretch = next(self._stretches, None)
        if stretch is None:
            return 0
        return math.floor(stretch.level_after(max(0.0, at_s - self._begins_at)) + _ROUNDING)


def check_users(users: float) -> float:
    """Returns a number of users at one moment.

    Raises:
        ValueError: It is no number of users.
    """
    if not isinstance(users, (int, float)) or not math.isfinite(users) or users < 0:
        raise ValueError(f"a number of users is {users!r}; it must be 0 or more")
    return float(users)


def plan_text(stages: Stages | float, window: Window) -> str:
    """A plan in words."""
    if callable(stages):
        users = "as a function of the time"
    elif isinstance(stages, (int, float)):
        users = f"{stages:g}"
    else:
        users = ", ".join(f"to {ends:g} in {duration_s:g} s" for duration_s, ends in stages)
    starts = f", from {window.start_s:g} s on" if window.start_s else ""
    lasts = f", for {window.run_for_s:g} s" if window.run_for_s is not None else ""
    return f"{users}{starts}{lasts}"
