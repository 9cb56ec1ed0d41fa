"""Serializes the start and the end of a test: each happens once, and no handler is interrupted."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import gevent
from gevent import GreenletExit

from locust_rs.log import greenlet_exception_logger

if TYPE_CHECKING:
    from locust_rs.runners.base import Runner

logger = logging.getLogger("locust.runners")

Args = ParamSpec("Args")
AnyRunner = TypeVar("AnyRunner", bound="Runner")


def in_turn(method: Callable[Concatenate[AnyRunner, Args], None]) -> Callable[Concatenate[AnyRunner, Args], None]:
    """Decorates a method of a runner that ends a test.

    A call while a test starts or ends waits for that first; handlers of the events that the method fires may call it
    again. A user that calls it ends at once, and the test ends in another greenlet, because in the user's own greenlet
    stopping the users would interrupt the handlers of `test_stop`.
    """

    @functools.wraps(method)
    def guarded(runner: AnyRunner, /, *args: Args.args, **kwargs: Args.kwargs) -> None:
        current: Any = gevent.getcurrent()
        if current in runner.user_greenlets:
            gevent.spawn(guarded, runner, *args, **kwargs).link_exception(runner._on_failure)
            raise GreenletExit
        with runner._turn:
            method(runner, *args, **kwargs)

    return guarded


def to_the_end(work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Calls a function in a greenlet of its own and waits for it, so that killing the caller does not end it.

    Returns:
        Its result; None if it raised, which is logged.
    """
    greenlet = gevent.spawn(work, *args, **kwargs)
    greenlet.link_exception(greenlet_exception_logger(logger))
    greenlet.join()
    return greenlet.value
