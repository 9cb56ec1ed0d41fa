"""Who gets a message that has arrived: a round trip that it answers, whoever waits for one, or nobody yet."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Hashable
from typing import Any, NamedTuple, cast

from gevent.event import AsyncResult

from locust_rs.contrib.websocket.failures import TimedOut

logger = logging.getLogger("locust.contrib.websocket")

Message = str | bytes


class Arrival(NamedTuple):
    """A message, and when it came."""

    message: Message
    at: float
    """By `time.perf_counter`."""

    length_bytes: int


class Inbox:
    """The messages of one connection; its reader delivers, greenlets of the user wait.

    Args:
        id_of: Reads the id out of a message, or returns None; called only while a round trip waits for an id.
        most_unread: The oldest message is dropped when there are more.
    """

    def __init__(self, id_of: Callable[[Message], Hashable], most_unread: int) -> None:
        self._id_of = id_of
        self._most_unread = most_unread
        self._unread: deque[Arrival] = deque()
        self._receivers: list[AsyncResult[Arrival]] = []
        self._by_id: dict[Hashable, AsyncResult[Arrival]] = {}
        self._matching: dict[AsyncResult[Arrival], Callable[[Message], Any]] = {}
        self._end: Exception | None = None
        self._has_told_of_drops = False

    def expect_id(self, key: Hashable) -> AsyncResult[Arrival]:
        """A ticket for the answer with this id.

        Raises:
            ValueError: Another round trip waits for it.
        """
        if key in self._by_id:
            raise ValueError(f"a round trip is already waiting for the id {key!r}")
        ticket: AsyncResult[Arrival] = AsyncResult()
        self._by_id[key] = ticket
        return ticket

    def expect_match(self, match: Callable[[Message], Any]) -> AsyncResult[Arrival]:
        """A ticket for the next message for which `match` returns something true."""
        ticket: AsyncResult[Arrival] = AsyncResult()
        self._matching[ticket] = match
        return ticket

    def next(self, timeout_s: float | None) -> Arrival:
        """The oldest message that nobody has got, or the next to come."""
        if self._unread:
            return self._unread.popleft()
        ticket: AsyncResult[Arrival] = AsyncResult()
        self._receivers.append(ticket)
        return self.wait(ticket, timeout_s)

    def wait(self, ticket: AsyncResult[Arrival], timeout_s: float | None) -> Arrival:
        """The message of a ticket.

        Raises:
            TimedOut: It did not come in time.
            ConnectionClosed: It will not come any more.
        """
        try:
            if self._end is not None and not ticket.ready():
                raise self._end
            ticket.wait(timeout_s)
            if not ticket.ready():
                raise TimedOut(f"no message within {timeout_s:g} s")
            return cast(Arrival, ticket.get())
        finally:
            self.cancel(ticket)

    def cancel(self, ticket: AsyncResult[Arrival]) -> None:
        """Nobody waits with this ticket any more."""
        self._matching.pop(ticket, None)
        if ticket in self._receivers:
            self._receivers.remove(ticket)
        for key in [key for key, waiting in self._by_id.items() if waiting is ticket]:
            del self._by_id[key]

    def deliver(self, arrival: Arrival) -> None:
        """Gives a message to whom it belongs."""
        ticket = self._owner(arrival.message)
        if ticket is not None:
            ticket.set(arrival)
            return
        if len(self._unread) >= self._most_unread:
            self._unread.popleft()
            if not self._has_told_of_drops:
                self._has_told_of_drops = True
                logger.warning(
                    "More than %d messages are waiting for receive(); the oldest ones are dropped. "
                    "Receive them, or raise max_unread.",
                    self._most_unread,
                )
        self._unread.append(arrival)

    def end(self, why: Exception) -> None:
        """No message will come any more; those that nobody has got can still be received."""
        self._end = self._end or why
        for ticket in [*self._receivers, *self._by_id.values(), *self._matching]:
            ticket.set_exception(why)
        self._receivers.clear()
        self._by_id.clear()
        self._matching.clear()

    def _owner(self, message: Message) -> AsyncResult[Arrival] | None:
        if self._by_id:
            try:
                owner = self._by_id.pop(self._id_of(message), None)
            except Exception as error:
                self._refuse([*self._by_id.values()], error)
            else:
                if owner is not None:
                    return owner
        for ticket, match in list(self._matching.items()):
            try:
                is_answer = match(message)
            except Exception as error:
                self._refuse([ticket], error)
            else:
                if is_answer:
                    del self._matching[ticket]
                    return ticket
        return self._receivers.pop(0) if self._receivers else None

    def _refuse(self, tickets: list[AsyncResult[Arrival]], error: Exception) -> None:
        """A function of the user failed: that is what became of the round trips that gave it."""
        for ticket in tickets:
            ticket.set_exception(error)
            self.cancel(ticket)
