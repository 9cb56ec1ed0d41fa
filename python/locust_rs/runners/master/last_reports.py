"""Tracks which workers still owe their last report, so that nothing they counted is lost when a test ends."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

from gevent.event import Event

from locust_rs.runners.worker_nodes import WorkerNode

PERIODIC_REPORT_WAIT_S = 4.0
"""Stock workers report every 3 s and not when they stop: what they counted last is in their next report."""


MISSING_GRACE_S = 6.0
"""A worker that goes missing while its report is awaited may just be cut off: ZeroMQ reconnects within this time."""


UNREAD_WAIT_S = 60.0
"""How much longer a master waits that is behind: reports may be among the messages that it has not read."""


QUIT_WAIT_S = 0.5
"""How long the master's end waits for those of its workers, so that its log tells of them."""


class LastReports:
    """The last reports that a master awaits. Filled by its `stop` and `quit`, emptied by its message handlers."""

    def __init__(self) -> None:
        self._owing: dict[str, str] = {}
        self._stopped_at: dict[str, float] = {}
        self._missing_since: dict[str, float] = {}
        self._quitting: set[str] | None = None
        self._changed = Event()
        self._deadline = 0.0

    def expect(self, nodes: list[WorkerNode], until: Literal["stopped", "quit"]) -> None:
        """Expects the last reports of `nodes`, which are being told to stop or to quit."""
        self._owing = {node.id: until for node in nodes}
        self._foreign = {node.id for node in nodes if node.is_foreign}
        self._locust_rs = {node.id for node in nodes if node.is_locust_rs}
        self._stopped_at = {}
        self._missing_since = {}
        self._quitting = {node.id for node in nodes} if until == "quit" else None
        self._changed.set()

    def note_report(self, worker_id: str, *, is_last: bool) -> None:
        """Notes a report; `is_last` if the worker says that nothing more will come."""
        if worker_id in self._owing and (is_last or worker_id in self._stopped_at):
            self._settle(worker_id)

    def note_stopped(self, worker_id: str) -> None:
        """Notes that a worker has stopped its users. A stock worker's next report is then its last one; a
        locust-rs worker marks its last report.
        """
        if worker_id in self._owing and self._owing[worker_id] == "stopped":
            if worker_id in self._foreign:
                # Boomer and Locust4j do not report while they are stopped.
                self._settle(worker_id)
                return
            if worker_id not in self._locust_rs:
                self._stopped_at.setdefault(worker_id, time.monotonic())
            self._changed.set()

    def note_quit(self, worker_id: str) -> None:
        """Notes that a worker's process ends; it has sent its last report."""
        if self._quitting is not None:
            self._quitting.discard(worker_id)
        self._settle(worker_id)

    def note_missing(self, worker_id: str) -> None:
        """Notes that a worker has been silent for too long; it may come back."""
        self._missing_since[worker_id] = time.monotonic()

    def note_back(self, worker_id: str) -> None:
        """Notes that a missing worker has come back."""
        self._missing_since.pop(worker_id, None)

    def wait(self, timeout_s: float, is_behind: Callable[[], bool] = lambda: False) -> list[str]:
        """Waits until no worker owes a report.

        Args:
            timeout_s: For how long.
            is_behind: Whether messages have waited to be read since it was called before; then this waits up to
                `UNREAD_WAIT_S` longer.

        Returns:
            The ids of the workers that still owe one when the time is up.
        """
        self._deadline = time.monotonic() + timeout_s
        silent: list[str] = []
        while self._owing:
            now, behind = time.monotonic(), is_behind()
            for worker_id, stopped_at in list(self._stopped_at.items()):
                if now - stopped_at > PERIODIC_REPORT_WAIT_S:
                    self._settle(worker_id)
            given_up = [id for id, since in self._missing_since.items() if now - since > MISSING_GRACE_S]
            silent += [id for id in given_up if id in self._owing]
            for worker_id in given_up:
                self._settle(worker_id)
            if now >= self._deadline + (UNREAD_WAIT_S if behind else 0.0):
                break
            self._changed.clear()
            self._changed.wait(min(0.2, max(0.01, self._deadline - now)))
        silent += self._owing
        self._owing = {}
        return silent

    @property
    def quitting_count(self) -> int | None:
        """Workers that were told to quit and have not said yet that they end; None if no worker was told to."""
        return None if self._quitting is None else len(self._quitting)

    def wait_for_quits(self, nodes: list[WorkerNode]) -> None:
        """Waits, but not for long, for the workers to say that they end; they do so right after their last report."""
        deadline = time.monotonic() + QUIT_WAIT_S
        awaited = {node.id for node in nodes}
        while self._quitting and not awaited.isdisjoint(self._quitting) and (left := deadline - time.monotonic()) > 0:
            self._changed.clear()
            self._changed.wait(left)

    def wait_no_longer_than(self, timeout_s: float) -> None:
        """Shortens a wait that goes on in another greenlet."""
        self._deadline = min(self._deadline, time.monotonic() + timeout_s)

    def _settle(self, worker_id: str) -> None:
        self._owing.pop(worker_id, None)
        self._stopped_at.pop(worker_id, None)
        self._missing_since.pop(worker_id, None)
        self._changed.set()
