"""Lets a LoadTestShape control a runner, one tick per second."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import gevent

from locust_rs import log

if TYPE_CHECKING:
    from locust_rs.runners.base import Runner

logger = logging.getLogger("locust.runners")

TICK_INTERVAL_S = 1.0


def drive_shape(runner: Runner) -> None:
    """Asks the shape of `runner.environment` once per second and does what it says, until it returns None.

    A tick that raises, or that returns anything but `(users, spawn_rate)`, `(users, spawn_rate, user_classes)` or
    None, stops the test with a logged error. The process then exits with code 2, so that no pipeline takes the test
    for a passed one.
    """
    logger.info("Shape worker starting")
    while True:
        shape = runner.environment.shape_class
        try:
            tick = shape.tick() if shape is not None else None
        except Exception:
            logger.exception("The load shape's tick() failed: stopping the test")
            log.unhandled_greenlet_exception = True
            tick = None
        if tick is None:
            break
        if tick != runner.shape_last_tick and not _follow(runner, tick):
            break
        runner.shape_last_tick = tick
        gevent.sleep(TICK_INTERVAL_S)
    logger.info("Shape test stopping")
    options = runner.environment.parsed_options
    if options is not None and getattr(options, "headless", False):
        # There is no way to start another test, so the process ends.
        runner.quit()
    else:
        runner.stop()
    runner.shape_greenlet = None
    runner.shape_last_tick = None


def _follow(runner: Runner, tick: Any) -> bool:
    """Starts or changes the test as `tick` asks. Returns False if the tick is invalid."""
    try:
        user_count, spawn_rate, user_classes = tick if len(tick) == 3 else (*tick, None)
        user_count, spawn_rate = int(user_count), float(spawn_rate)
        if user_count < 0 or not spawn_rate > 0:
            raise ValueError("the users must be 0 or more and the spawn rate positive")
    except (TypeError, ValueError) as error:
        logger.error(
            f"The load shape's tick() returned {tick!r} ({error}); it must return (users, spawn_rate), "
            "(users, spawn_rate, user_classes) or None. Stopping the test"
        )
        log.unhandled_greenlet_exception = True
        return False
    logger.info(f"Shape test updating to {user_count} users at {spawn_rate:.2f} spawn rate")
    # A ramp may take longer than a tick; the next tick then changes its target.
    runner._start_from_shape(user_count, spawn_rate, user_classes)
    return True
