"""Starts and ends the test of a headless or `--autostart` run, by its run time, shape and autoquit."""

from __future__ import annotations

import logging
import math
import time
from argparse import Namespace
from collections.abc import Callable
from typing import TYPE_CHECKING

import gevent

from locust_rs.cli import resumption
from locust_rs.log import greenlet_exception_logger
from locust_rs.runners.run_time import RunTime

if TYPE_CHECKING:
    from locust_rs.env import Environment
    from locust_rs.runners import Runner

logger = logging.getLogger("locust.main")
root_logger = logging.getLogger()
"""Locust's, of the line about workers that are awaited."""

_SAY_WAITING_EVERY_S = 5


class GaveUpWaiting(Exception):
    """The expected workers did not connect in time."""


def start_when_ready(environment: Environment, options: Namespace, end: Callable[[], None]) -> None:
    """Runs the whole test; call it in a greenlet.

    Args:
        environment: An environment with a runner.
        options: The command line.
        end: Called when the process is to end.

    Raises:
        GaveUpWaiting: The workers did not connect within `--expect-workers-max-wait`.
    """
    runner = environment.runner
    if runner is None:
        raise RuntimeError("A run needs a runner")
    elapsed_s = 0.0
    if resumption.is_due(runner):
        elapsed_s = resumption.prepare(environment, options)
    elif options.master:
        _await_workers(runner, options)
    if environment.shape_class is not None and not environment.shape_class.use_common_options:
        _run_shape(runner, options, elapsed_s)
    else:
        _run_for_time(environment, runner, options, elapsed_s)
    if options.headless:
        runner.quit()
        end()
    elif options.autoquit >= 0:
        gevent.sleep(options.autoquit)
        logger.info("--autoquit time reached, shutting down")
        end()


def _await_workers(runner: Runner, options: Namespace) -> None:
    started = time.monotonic()
    said = -math.inf
    while True:
        ready = len(runner.clients.ready)  # type: ignore[attr-defined]  # a master's
        now = time.monotonic()
        if ready >= options.expect_workers:
            return
        if 0 < options.expect_workers_max_wait <= now - started:
            logger.error("Gave up waiting for workers to connect")
            raise GaveUpWaiting
        if now - said >= _SAY_WAITING_EVERY_S:
            said = now
            root_logger.info(f"Waiting for workers to be ready, {ready} of {options.expect_workers} connected")
        gevent.sleep(0.1)


def _run_shape(runner: Runner, options: Namespace, elapsed_s: float) -> None:
    runner.start_shape()
    resumption.advance_shape(runner, elapsed_s)
    if runner.shape_greenlet is not None:
        runner.shape_greenlet.join()
    logger.info(f"Shape test completed, {_ending(options)}")


def _run_for_time(environment: Environment, runner: Runner, options: Namespace, elapsed_s: float) -> None:
    run_time = RunTime(runner)
    if options.run_time:
        since = " from the end of the ramp" if environment.run_time_from_ramp_end else ""
        logger.info(f"Run time limit set to {options.run_time} seconds{since}")
    elif environment.iterations is None:
        logger.info("No run time limit set, use CTRL+C to interrupt")
    if environment.shape_class is not None:
        runner.start_shape()
        resumption.advance_shape(runner, elapsed_s)
        ramp = runner.shape_greenlet
    else:
        users = options.num_users if options.num_users is not None else 1
        rate = options.spawn_rate if options.spawn_rate is not None else 1
        # Handlers read them there, and so do the marks of `--html`.
        options.num_users, options.spawn_rate = users, rate
        # A master's `start` waits for its ramp, which is a part of the run time.
        ramp = gevent.spawn(runner.start, users, rate)
        ramp.link_exception(greenlet_exception_logger(logger))
    if options.run_time or ramp is not runner.shape_greenlet:
        if run_time.wait(resumption.rest_of(options.run_time, elapsed_s)):
            logger.info(f"--run-time limit reached, {_ending(options)}")
            if not options.headless:
                runner.stop()
    elif ramp is not None:
        ramp.join()
        logger.info(f"Shape test completed, {_ending(options)}")


def _ending(options: Namespace) -> str:
    return "shutting down" if options.headless else "stopping test"
