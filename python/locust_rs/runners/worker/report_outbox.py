"""Keeps the reports of a worker until its master confirms them: none is lost, none is counted twice.

A broken connection loses the messages in flight. So reports to a locust-rs master are numbered and kept until a
heartbeat of the master names their number; those it misses are sent again. Stock masters ignore the number, so
reports to them are not kept.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from locust_rs.rpc import Message

RESEND_AFTER_S = 3.0
MAX_KEPT_BYTES = 64 * 1024 * 1024
"""Reports beyond this are dropped, the oldest first, so that a lost master cannot exhaust a worker's memory."""


class ReportOutbox:
    """Numbers, keeps and resends reports. Owned by a worker; used by its greenlets.

    Args:
        send: Sends a message to the master; returns False if it could not be sent.
    """

    def __init__(self, send: Callable[[Message], bool]) -> None:
        self._send = send
        self._number = 0
        self._kept: OrderedDict[int, tuple[Message, int]] = OrderedDict()
        self._kept_bytes = 0
        self._sent_at = 0.0
        self.confirms = False
        """Whether the master confirms reports; set from its acknowledgement."""
        self.given_up = 0
        """Reports that were dropped for lack of room."""

    @property
    def oldest(self) -> int:
        """The number of the oldest report that can still be sent; those before it were confirmed or dropped."""
        return next(iter(self._kept), self._number + 1)

    @property
    def count(self) -> int:
        """Reports that the master has not confirmed."""
        return len(self._kept)

    def next_number(self) -> int:
        """The number of the next report, counted from 1; it changes when a report is posted."""
        return self._number + 1

    def post(self, number: int, message: Message) -> None:
        """Sends a report, and keeps it if the master confirms reports."""
        self._number = number
        self._send(message)
        if not self.confirms:
            return
        if not self._kept:
            self._sent_at = time.monotonic()
        size = len(message.serialize())
        self._kept[number] = (message, size)
        self._kept_bytes += size
        while self._kept_bytes > MAX_KEPT_BYTES:
            self._drop_first()
            self.given_up += 1

    def confirm(self, number: int) -> None:
        """Drops every report up to `number`, which the master has; resends the others if they are overdue."""
        before = len(self._kept)
        while self._kept and next(iter(self._kept)) <= number:
            self._drop_first()
        now = time.monotonic()
        if len(self._kept) < before:
            self._sent_at = now
        elif self._kept and now - self._sent_at > RESEND_AFTER_S:
            self.resend()

    def resend(self) -> None:
        """Resends every report that is not confirmed, in order."""
        self._sent_at = time.monotonic()
        for message, _ in self._kept.values():
            self._send(message)

    def _drop_first(self) -> None:
        _, (_, size) = self._kept.popitem(last=False)
        self._kept_bytes -= size
