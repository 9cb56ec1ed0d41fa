"""Which workers are alive: a countdown per worker, which every message of it starts again."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

import gevent

from locust_rs._states import STATE_MISSING, STATE_RUNNING, STATE_SPAWNING
from locust_rs._tunables import runners as tunables

if TYPE_CHECKING:
    from locust_rs.runners.master import MasterRunner
    from locust_rs.runners.worker_nodes import WorkerNode

logger = logging.getLogger("locust.runners")


def watch_workers(master: MasterRunner) -> None:
    """Counts down once per heartbeat; silent workers become missing, and are forgotten in the end. Never returns."""
    due = time.monotonic()
    while True:
        due = max(due + tunables.HEARTBEAT_INTERVAL, time.monotonic())
        gevent.sleep(max(0.0, due - time.monotonic()))
        if master.connection_broken:
            master.reset_connection()
            continue
        for node in master.clients.all:
            node.heartbeat -= 1
            if node.state == STATE_MISSING:
                if node.heartbeat <= tunables.HEARTBEAT_DEAD_INTERNAL:
                    master.forget_worker(node)
            elif node.heartbeat < 0:
                _lose(master, node)


def _lose(master: MasterRunner, node: WorkerNode) -> None:
    """A worker went missing: its users go to the others, and what it had not reported is announced as lost."""
    testing = master.state in (STATE_SPAWNING, STATE_RUNNING)
    logger.info(f"Worker {node.id} failed to send heartbeat, setting state to missing.")
    if testing:
        interval = tunables.WORKER_REPORT_INTERVAL
        logger.warning(f"What {node.id} counted in its last {interval:g} s is lost, unless it comes back")
    node.state = STATE_MISSING
    node.user_classes_count = {}
    master.withdraw(node)
    master.last_reports.note_missing(node.id)
    if testing and not master.worker_count:
        logger.info("The last worker went missing, stopping test.")
        gevent.spawn(master.stop)
