"""How long users may take to finish their tasks when they are stopped."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from locust_rs.user.scenario import graceful_stop_of

if TYPE_CHECKING:
    from locust_rs.runners.base import Runner
    from locust_rs.user.users import User


def stop_timeout_of(runner: Runner, user_class: type[User]) -> float:
    """The stop timeout of users of a class: its own, or that of the Environment.

    A test that is aborted or drained has one timeout for all.
    """
    own = _own(user_class) if runner.graceful_stops_hold else None
    return own if own is not None else runner.environment.stop_timeout


def longest_for(user_classes: Iterable[type[User]], stop_timeout_s: float) -> float:
    """The longest stop timeout of classes, where `stop_timeout_s` is that of classes without one of their own."""
    return max([stop_timeout_s, *(own for user_class in user_classes if (own := _own(user_class)) is not None)])


def longest_stop_timeout(runner: Runner) -> float:
    """The longest stop timeout of any class, for those who wait until all users have ended."""
    return longest_for(runner.user_classes if runner.graceful_stops_hold else (), runner.environment.stop_timeout)


def _own(user_class: type[User]) -> float | None:
    try:
        return graceful_stop_of(user_class)
    except ValueError:
        # No test begins with it; but whoever stops the rest must not fail here.
        return None
