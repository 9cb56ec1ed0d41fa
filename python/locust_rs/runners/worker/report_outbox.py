"""Reports that a worker has sent and its master has not confirmed: none is lost, none counts twice.

A connection that breaks takes with it what was on its way. So reports to a master of ours are numbered and kept
until the master's heartbeat names the number; what it misses is sent again. Stock masters ignore the number, and
what was sent to them is not kept.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from locust_rs.rpc import Message

RESEND_AFTER_S = 3.0
MAX_KEPT_BYTES = 64 * 1024 * 1024
"""Reports beyond this are given up, the oldest first: a worker must not die of a master that is gone."""


class ReportOutbox:
    """Belongs to a worker. Used by its greenlets.

    Args:
        send: Sends a message to the master; False when it could not be sent.
    """

    def __init__(self, send: Callable[[Message], bool]) -> None:
        self._send = send
        self._number = 0
        self._kept: OrderedDict[int, tuple[Message, int]] = OrderedDict()
        self._kept_bytes = 0
        self._sent_at = 0.0
        self.confirms = False
        """Whether the master confirms reports; set when it says so."""
        self.given_up = 0
        """Reports that were dropped because there was no room."""

    @property
    def oldest(self) -> int:
        """The number of the oldest report that can still be sent: what is before it has been confirmed or given up."""
        return next(iter(self._kept), self._number + 1)

    def next_number(self) -> int:
        """The number of the next report, from 1; the same until one is posted."""
        return self._number + 1

    def post(self, number: int, message: Message) -> None:
        """Sends a report, and keeps it where it will be confirmed."""
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
        """The master has every report up to `number`; sends the others again if they are overdue."""
        before = len(self._kept)
        while self._kept and next(iter(self._kept)) <= number:
            self._drop_first()
        now = time.monotonic()
        if len(self._kept) < before:
            self._sent_at = now
        elif self._kept and now - self._sent_at > RESEND_AFTER_S:
            self.resend()

    def resend(self) -> None:
        """Sends everything that is not confirmed again, in order."""
        self._sent_at = time.monotonic()
        for message, _ in self._kept.values():
            self._send(message)

    def _drop_first(self) -> None:
        _, (_, size) = self._kept.popitem(last=False)
        self._kept_bytes -= size
