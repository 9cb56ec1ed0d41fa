"""Queues reports for the listeners of `worker_report`, so that a slow one does not keep the master from reading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gevent
from gevent.queue import Queue

from locust_rs.stats.distributed import ReportMerger

if TYPE_CHECKING:
    from locust_rs._core import StatsMessage
    from locust_rs.runners.master import MasterRunner


class ReportInbox:
    """Delivers reports in the order of their arrival. Owned by a master; `deliver` runs in a greenlet of its own."""

    def __init__(self, master: MasterRunner) -> None:
        self._master = master
        self._waiting: Queue[tuple[str, dict[str, Any], StatsMessage, bool]] = Queue()
        self._deliverer: object = None

    def __len__(self) -> int:
        """Reports that wait to be delivered."""
        return len(self._waiting)

    def put(self, client_id: str, data: dict[str, Any], message: StatsMessage, *, is_last: bool) -> None:
        """Queues a report; never waits.

        Args:
            message: The report as it came, whose content is `data`.
        """
        self._waiting.put((client_id, data, message, is_last))

    def deliver(self) -> None:
        """Fires the event for one report after the other, until another greenlet takes over."""
        me = self._deliverer = gevent.getcurrent()
        while self._deliverer is me:
            client_id, data, message, is_last = self._waiting.get()
            event = self._master.environment.events.worker_report
            first = event._handlers[0] if event._handlers else None
            if isinstance(first, ReportMerger):  # nobody can have changed the data before it
                first.expect(data, message)
            event.fire(client_id=client_id, data=data)
            self._master.last_reports.note_report(client_id, is_last=is_last)

    def make_way(self) -> None:
        """Hands delivery to another greenlet if called by a listener, which is about to wait for further reports."""
        if gevent.getcurrent() is self._deliverer:
            self._master._keep_running(self.deliver)
            gevent.sleep(0)
