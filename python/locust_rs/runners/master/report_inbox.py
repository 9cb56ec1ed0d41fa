"""Reports on their way to listeners of `worker_report`, which may take their time without making the master deaf."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gevent
from gevent.queue import Queue

if TYPE_CHECKING:
    from locust_rs.runners.master import MasterRunner


class ReportInbox:
    """Belongs to a master; `deliver` runs in a greenlet of its own. Reports are delivered in the order they came in."""

    def __init__(self, master: MasterRunner) -> None:
        self._master = master
        self._waiting: Queue[tuple[str, dict[str, Any], bool]] = Queue()
        self._deliverer: object = None

    def put(self, client_id: str, data: dict[str, Any], *, is_last: bool) -> None:
        """Takes a report in; never waits."""
        self._waiting.put((client_id, data, is_last))

    def deliver(self) -> None:
        """Fires the event for one report after the other, until another greenlet does so."""
        me = self._deliverer = gevent.getcurrent()
        while self._deliverer is me:
            client_id, data, is_last = self._waiting.get()
            self._master.environment.events.worker_report.fire(client_id=client_id, data=data)
            self._master.last_reports.note_report(client_id, is_last=is_last)

    def make_way(self) -> None:
        """Lets another greenlet deliver if a listener is about to wait for reports, as one that stops the test is."""
        if gevent.getcurrent() is self._deliverer:
            self._master._keep_running(self.deliver)
            gevent.sleep(0)
