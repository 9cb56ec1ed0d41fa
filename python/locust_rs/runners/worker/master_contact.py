"""A worker's view of its master: when it was last heard of, and why it cannot be reached."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

import gevent

from locust_rs._tunables import runners as tunables

if TYPE_CHECKING:
    from locust_rs.runners.worker import WorkerRunner

logger = logging.getLogger("locust.runners")

RENEW_AFTER_S = 6.0
"""How long a master may be silent before its worker opens a new connection."""


def loss_timeout_s() -> float:
    """How long a master may be silent before its worker stops the users; locustfiles may lower either limit."""
    return min(tunables.MASTER_LOSS_TIMEOUT, tunables.MASTER_HEARTBEAT_TIMEOUT)


class MasterContact:
    """Tracks the silence of one master and the reasons of failed connections. Owned by a worker."""

    def __init__(self, worker: WorkerRunner) -> None:
        self._worker = worker
        self._heard_at = time.monotonic()
        self._renewed_at = 0.0
        self._told = ""

    def heard(self) -> None:
        """Notes that a message of the master came."""
        self._heard_at = time.monotonic()

    def silence_s(self) -> float:
        """Seconds of the master's silence; 0.0 if it was short. Replaces a connection that may be dead."""
        patience = min(RENEW_AFTER_S, 0.6 * loss_timeout_s())
        if time.monotonic() - self._heard_at < patience:
            return 0.0
        # If this process was suspended, messages that the master sent in the meantime are still to be read.
        gevent.sleep(0.3)
        now = time.monotonic()
        silence = now - self._heard_at
        # Another connection may have taken this one's identity; this one then stays open with no reader at its other
        # end. A locust-rs master gets again what is dropped with it; a stock master would not.
        if silence >= patience and now - self._renewed_at > patience and self._worker._outbox.confirms:
            self._renewed_at = now
            self._worker.client.renew()
        return silence

    def note_problem(self) -> str:
        """Logs why there is no connection, once per reason; lets a worker that was refused try again."""
        worker = self._worker
        problem = worker.client.why_unconnected()
        if problem and problem != self._told:
            logger.warning(f"Can't connect to the master at {worker.master_host}:{worker.master_port}: {problem}")
        self._told = problem
        return problem
