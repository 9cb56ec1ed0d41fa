"""The format of event streams, by the rules of the HTML standard (9.2.6, Interpreting an event stream). No I/O."""

from __future__ import annotations

import re
from dataclasses import dataclass

_LINE_END = re.compile(rb"\r\n|\n|\r")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
MOST_LINE_BYTES = 16 * 2**20
"""A longer line is not an event stream."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event."""

    data: str
    event: str = "message"
    """Its type."""

    id: str = ""
    """The last id that the stream has named, in this event or before."""

    retry: int | None = None
    """Milliseconds to wait before a reconnection, if this event says so."""

    received_at: float = 0.0
    """When its last byte was read; seconds since the epoch."""

    elapsed_ms: float = 0.0
    """Time since the previous event, or since the request."""


class EventStreamParser:
    """Turns the bytes of a stream into events.

    Args:
        last_event_id: As which the stream begins, after a reconnection.
    """

    def __init__(self, last_event_id: str = "") -> None:
        self.last_event_id = last_event_id
        self.retry_ms: int | None = None
        """The last time for reconnections that the stream has named."""
        self._rest = bytearray()
        self._searched = 0
        self._is_first_line = True
        self._ended_with_return = False
        self._data: list[str] = []
        self._type = ""
        self._id = last_event_id
        self._retry: int | None = None

    def feed(self, piece: bytes) -> list[Event]:
        """Takes bytes of the stream; returns the events that they complete.

        Raises:
            ValueError: A line is longer than `MOST_LINE_BYTES`.
        """
        if not piece:
            return []
        if self._ended_with_return and piece.startswith(b"\n"):
            # The second half of a line end whose first half has ended the line already.
            piece = piece[1:]
        self._ended_with_return = piece.endswith(b"\r")
        rest = self._rest
        rest += piece
        begin, found = 0, []
        for end in _LINE_END.finditer(rest, self._searched):
            event = self._take(bytes(rest[begin : end.start()]))
            begin = end.end()
            if event is not None:
                found.append(event)
        del rest[:begin]
        self._searched = len(rest)
        if len(rest) > MOST_LINE_BYTES:
            raise ValueError(f"a line of the event stream is longer than {MOST_LINE_BYTES:,} bytes")
        return found

    def _take(self, line: bytes) -> Event | None:
        if self._is_first_line:
            self._is_first_line = False
            line = line.removeprefix(_BYTE_ORDER_MARK)
        if not line:
            return self._dispatch()
        name, _, value = line.decode("utf-8", "replace").partition(":")
        self._set(name, value.removeprefix(" "))
        return None

    def _set(self, name: str, value: str) -> None:
        # A comment has an empty name.
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._type = value
        elif name == "id":
            if "\0" not in value:
                self._id = value
        elif name == "retry" and value.isascii() and value.isdigit():
            self._retry = self.retry_ms = int(value)

    def _dispatch(self) -> Event | None:
        self.last_event_id = self._id
        data, kind, retry = self._data, self._type, self._retry
        self._data, self._type, self._retry = [], "", None
        if not data:
            return None
        return Event("\n".join(data), kind or "message", self._id, retry)
