"""A scenario of a class's own: its users over time, when it begins, how long it lasts, how its users stop."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from locust_rs.util.timespan import parse_timespan

if TYPE_CHECKING:
    from locust_rs.user.base import User

Stages = Sequence[tuple[float, float]] | Callable[[float], float]
"""Users over time: stages of (seconds, users at their end), or a function of the seconds since the scenario began."""

Span = float | str
"""A time span: seconds, or a text such as "30s" and "1h30m"."""


@dataclass(frozen=True)
class Window:
    """When a scenario takes place, in seconds of the run.

    Attributes:
        start_s: When it begins.
        run_for_s: How long it lasts; None: until its stages are over, if it has some.
    """

    start_s: float = 0.0
    run_for_s: float | None = None


def window_of(user_class: type[User]) -> Window:
    """When the scenario of a class takes place.

    Raises:
        ValueError: An attribute is malformed; the message names the class, and what to set.
    """
    return Window(
        _seconds(user_class, "start_after") or 0.0,
        _seconds(user_class, "run_for"),
    )


def graceful_stop_of(user_class: type[User]) -> float | None:
    """Seconds that users of a class get to finish their tasks; None: those of `--stop-timeout`.

    Raises:
        ValueError: The attribute is malformed.
    """
    return _seconds(user_class, "graceful_stop")


def brings_users(user_class: type[User]) -> bool:
    """Whether a class says itself how many users it has at which time."""
    return user_class.user_stages is not None or (bool(user_class.fixed_count) and has_window(user_class))


def has_window(user_class: type[User]) -> bool:
    """Whether a class says itself when it begins, or how long it lasts."""
    return user_class.start_after is not None or user_class.run_for is not None


def users_over_time(user_class: type[User]) -> Stages | float:
    """The users of a class that brings them."""
    return user_class.user_stages if user_class.user_stages is not None else float(user_class.fixed_count)


def check_scenario(user_class: type[User], *, arrives: bool) -> None:
    """Looks at what a class says about its scenario, before a test.

    Args:
        user_class: The class.
        arrives: Whether its users arrive in this test.

    Raises:
        ValueError: It contradicts itself or is malformed.
    """
    name = user_class.__name__
    window_of(user_class)
    graceful_stop_of(user_class)
    if user_class.user_stages is not None and arrives:
        raise ValueError(f"users of {name} arrive, and it has user_stages as well; leave one of both out")
    if user_class.user_stages is not None and user_class.fixed_count:
        raise ValueError(f"{name} has user_stages and fixed_count; leave one of both out")
    if has_window(user_class) and not arrives and not brings_users(user_class):
        raise ValueError(
            f"{name} has start_after or run_for, but does not say what load it brings; "
            "give it user_stages, fixed_count or arrival_rate"
        )


def _seconds(user_class: type[User], attribute: str) -> float | None:
    given: Any = getattr(user_class, attribute)
    if given is None:
        return None
    try:
        seconds = float(parse_timespan(given) if isinstance(given, str) else given)
        if not (math.isfinite(seconds) and seconds >= 0):
            raise ValueError
    except (TypeError, ValueError):
        raise ValueError(
            f"{user_class.__name__}.{attribute} is {given!r}; set it to seconds that are 0 or more, "
            "or to a text such as '30s' or '1h30m'"
        ) from None
    return seconds
