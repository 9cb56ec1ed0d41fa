"""Keys that change a running test: w and W add 1 and 10 users, s and S remove them, Enter opens the web UI."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import gevent

from locust_rs import _states
from locust_rs.input_events import input_listener
from locust_rs.log import greenlet_exception_logger

if TYPE_CHECKING:
    from gevent import Greenlet

    from locust_rs.env import Environment

logger = logging.getLogger("locust.main")

CHANGE_RATE = 100
"""Users per second at which keys add and remove users."""


def listen_for_keys(environment: Environment, url: str | None) -> Greenlet[[], Any]:
    """Starts to read keys, if there is a terminal.

    Args:
        environment: The keys change the users of its runner.
        url: The address of the web UI; None if there is none.
    """
    keys: dict[str, Callable[[], Any]] = {
        "w": lambda: _change(environment, 1),
        "W": lambda: _change(environment, 10),
        "s": lambda: _change(environment, -1),
        "S": lambda: _change(environment, -10),
    }
    if url is not None:
        keys["\r"] = keys["\n"] = lambda: _open(url)
    listener = gevent.spawn(input_listener(keys))
    listener.link_exception(greenlet_exception_logger(logger, level=logging.WARNING))
    return listener


def _change(environment: Environment, users: int) -> None:
    runner = environment.runner
    if runner is None or runner.state == _states.STATE_SPAWNING:
        logger.warning("Users are being spawned or stopped, please wait before changing their number again")
        return
    # A master's `start` waits for the ramp.
    gevent.spawn(runner.start, max(runner.target_user_count + users, 0), CHANGE_RATE)


def _open(url: str) -> None:
    import webbrowser

    gevent.get_hub().threadpool.spawn(webbrowser.open, url)
