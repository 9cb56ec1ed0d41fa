"""Lets a LoadTestShape steer a runner, one tick per second."""

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

    A tick that is no `(users, spawn_rate)` or `(users, spawn_rate, user_classes)` stops the test and says why; so
    does one that raises. The process then ends with exit code 2, so that no pipeline takes it for a passed test.
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
        # Nobody could start another test: the process ends.
        runner.quit()
    else:
        runner.stop()
    runner.shape_greenlet = None
    runner.shape_last_tick = None


def _follow(runner: Runner, tick: Any) -> bool:
    """Starts or changes the test as `tick` says; False when that makes no sense."""
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
    # A ramp may take longer than a tick; a later tick then changes its target.
    runner._start_from_shape(user_count, spawn_rate, user_classes)
    return True
