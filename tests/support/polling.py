"""Waiting for a condition: the one loop of the tests that sleeps."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

GENEROUS_S = 60
"""How long anything may take on a busy machine before it counts as broken."""


def until(
    condition: Callable[[], Any],
    wanted: str | Callable[[], str] = "",
    timeout_s: float = GENEROUS_S,
    hopeless: Callable[[], bool] = lambda: False,
) -> Any:
    """Polls until `condition()` is truthy, lets other greenlets run meanwhile, and returns what it gave.

    Args:
        wanted: What is waited for, for the message.
        timeout_s: The test fails after that.
        hopeless: The test fails as soon as this holds and the condition does not.
    """

    def fail(how: str) -> None:
        what = (wanted() if callable(wanted) else wanted) or condition
        pytest.fail(f"{how} {what}")

    deadline = time.monotonic() + timeout_s
    pause_s = 0.005
    while not (value := condition()):
        if hopeless() and not condition():
            fail("ended without")
        if time.monotonic() > deadline:
            fail(f"waited {timeout_s:g} s in vain for")
        time.sleep(pause_s)
        pause_s = min(pause_s * 1.5, 0.1)
    return value


def comes_to_rest(read: Callable[[], Any], still_s: float = 1.0, timeout_s: float = GENEROUS_S) -> Any:
    """Polls until `read()` has given the same for `still_s` seconds, and returns that."""
    last, since = read(), time.monotonic()

    def still() -> bool:
        nonlocal last, since
        now = read()
        if now != last:
            last, since = now, time.monotonic()
        return time.monotonic() - since >= still_s

    until(still, lambda: f"rest: last {last!r}", timeout_s)
    return last


def stays(condition: Callable[[], Any], for_s: float, wanted: str = "") -> None:
    """Fails as soon as `condition()` does not hold within `for_s` seconds: for what must not happen."""
    ends = time.monotonic() + for_s
    while time.monotonic() < ends:
        assert condition(), f"no longer: {wanted or condition}"
        time.sleep(0.02)
