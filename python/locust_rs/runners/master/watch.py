"""Watches which workers are alive: a countdown per worker, which its heartbeats and pulses restart.

A master that is behind with its messages does not count: the heartbeats are there, it has not read them.
"""

from __future__ import annotations

import logging
import math
import time
from typing import TYPE_CHECKING

import gevent

from locust_rs._states import STATE_MISSING, STATE_RUNNING, STATE_SPAWNING
from locust_rs._tunables import runners as tunables
from locust_rs.runners.master.backlog import Backlog
from locust_rs.util.messages import see

if TYPE_CHECKING:
    from locust_rs.runners.master import MasterRunner
    from locust_rs.runners.worker_nodes import WorkerNode

logger = logging.getLogger("locust.runners")


TOLD_EVERY_S = 30.0


def watch_workers(master: MasterRunner) -> None:
    """Counts down once per heartbeat; silent workers become missing, and later are forgotten. Never returns."""
    due = time.monotonic()
    late_for, told_at = 0, -math.inf
    backlog = Backlog(master)
    while True:
        due = max(due + tunables.HEARTBEAT_INTERVAL, time.monotonic())
        gevent.sleep(max(0.0, due - time.monotonic()))
        if master.connection_broken:
            master.reset_connection()
            continue
        if backlog.is_growing():
            late_for += 1
            if late_for > tunables.HEARTBEAT_LIVENESS and time.monotonic() - told_at > TOLD_EVERY_S:
                told_at = time.monotonic()
                logger.warning(
                    f"The master is behind with the messages of its {len(master.clients)} workers: it does not notice "
                    f"when one goes missing, and its figures are late. {see('master-behind')}"
                )
            continue
        late_for = 0
        for node in master.clients.all:
            node.heartbeat -= 1
            if node.state == STATE_MISSING:
                if node.heartbeat <= tunables.HEARTBEAT_DEAD_INTERNAL:
                    master.forget_worker(node)
            elif node.heartbeat < 0:
                _lose(master, node)


def _lose(master: MasterRunner, node: WorkerNode) -> None:
    """Marks a worker as missing: its users go to the others, and a warning says what is lost with it."""
    testing = master.state in (STATE_SPAWNING, STATE_RUNNING)
    logger.info(f"Worker {node.id} failed to send heartbeat, setting state to missing.")
    if testing:
        interval = tunables.WORKER_REPORT_INTERVAL
        logger.warning(
            f"Up to {interval:g} s of requests of {node.id} are lost unless it comes back. {see('missing-worker')}"
        )
    node.state = STATE_MISSING
    node.user_classes_count = {}
    master.withdraw(node)
    master.last_reports.note_missing(node.id)
    if testing and not master.worker_count:
        logger.info("The last worker went missing, stopping test.")
        gevent.spawn(master.stop)
