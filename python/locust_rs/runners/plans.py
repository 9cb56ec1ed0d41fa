"""What all plans of load over time have in common: what a fault in one leads to, and the greenlet that follows them."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import gevent
from gevent import Greenlet

from locust_rs import log
from locust_rs.exception import StopTest

if TYPE_CHECKING:
    from locust_rs.runners.base import Runner


@contextmanager
def fault_stops_the_test(problem: str, shown: Callable[[Exception], str] = str) -> Generator[None]:
    """Makes plans, or follows them, in its block.

    Args:
        problem: What is the matter if there is an exception.
        shown: Words the exception.

    Raises:
        StopTest: There was one.
    """
    try:
        yield
    except Exception as error:
        log.unhandled_greenlet_exception = True
        raise StopTest(f"{problem}: {shown(error)}") from error


class PlanFollower:
    """The greenlet of a test that follows its plans.

    Args:
        runner: Runs the test; it is told if the greenlet fails.
    """

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self._greenlet: Greenlet[..., Any] | None = None

    def begin(self, follow: Callable[[], Any]) -> None:
        """Calls `follow` in the greenlet."""
        self._greenlet = self._runner.greenlet.spawn(follow)
        self._greenlet.link_exception(self._runner._on_failure)

    def end(self) -> None:
        """Ends the greenlet, unless it is the one that calls."""
        greenlet, self._greenlet = self._greenlet, None
        if greenlet is not None and greenlet is not gevent.getcurrent():
            greenlet.kill(block=True)
