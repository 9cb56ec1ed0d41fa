"""Evaluates the thresholds of a run once a second, and ends the run for one that says `abort`."""

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING

import gevent

from locust_rs._states import STATE_RUNNING, STATE_SPAWNING
from locust_rs._tunables import runners as tunables

if TYPE_CHECKING:
    from locust_rs.runners.base import Runner
    from locust_rs.thresholds import Check

logger = logging.getLogger("locust.runners")

INTERVAL_S = 1.0


def judge_run(runner: Runner) -> None:
    """Looks at the thresholds until killed, in a greenlet of the runner."""
    thresholds = runner.environment.thresholds
    # A master knows a second for certain once each worker has reported after it.
    lag_s = math.ceil(tunables.WORKER_REPORT_INTERVAL) + 1 if runner.is_master else 0
    while True:
        gevent.sleep(INTERVAL_S)
        if runner.state in (STATE_SPAWNING, STATE_RUNNING):
            broken = thresholds.look(lag_s)
            if broken is not None:
                _end_run(runner, broken)


def _end_run(runner: Runner, check: Check) -> None:
    """Ends the test at once: users do not finish their tasks, whatever the stop timeout."""
    logger.error(f"Ending the run, because of the threshold {check.threshold.text}")
    environment = runner.environment
    environment.thresholds.stopping()
    # Not in this greenlet, which stopping ends.
    gevent.spawn(runner.stop_at_once)
