"""A worker that is told to end by its surroundings, as a pod is on scale-down, leaves a running test in order.

Its heartbeats say so from the start, so a lost message does not matter: the master gives its users to the others at
once. Its own users may finish what they have begun. The process ends once the master has confirmed its last report.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

import gevent

from locust_rs._states import STATE_STOPPING

if TYPE_CHECKING:
    from locust_rs.runners.worker import WorkerRunner

logger = logging.getLogger("locust.runners")

CONFIRMED_WITHIN_S = 3.0
"""How long the master may take to confirm the last reports."""
_ASK_EVERY_S = 0.2
_RESEND_EVERY_S = 0.8


def announce(worker: WorkerRunner) -> None:
    """Tells the master that this worker takes no more users."""
    worker.worker_state = STATE_STOPPING
    worker._send_heartbeat()


def await_confirmation(worker: WorkerRunner) -> None:
    """Waits until the master has confirmed all reports; a master that does not confirm reports is not waited for."""
    deadline = time.monotonic() + CONFIRMED_WITHIN_S
    resend_at = time.monotonic() + _RESEND_EVERY_S
    while worker._outbox.count and time.monotonic() < deadline:
        if time.monotonic() > resend_at:
            # The connection broke with the reports in flight.
            resend_at += _RESEND_EVERY_S
            worker._outbox.resend()
        # The master answers every heartbeat with the number of the latest report that it has.
        worker._send_heartbeat()
        gevent.sleep(_ASK_EVERY_S)
    if worker._outbox.count:
        logger.warning(
            f"The master has not confirmed {worker._outbox.count} reports within {CONFIRMED_WITHIN_S:g} s: "
            "what they count may be missing from the statistics"
        )
