"""One open WebSocket: a greenlet that reads it, and a way to write to it from any greenlet.

The reader answers pings and notices a lost connection while the user does something else. It ends with the
connection, and closes the socket.
"""

from __future__ import annotations

import socket
import time
from collections import deque
from typing import Any

import gevent
from gevent.event import AsyncResult, Event
from websockets.client import ClientProtocol
from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import State

from locust_rs.contrib.websocket.failures import ConnectionClosed, TimedOut
from locust_rs.contrib.websocket.inbox import Arrival, Inbox
from locust_rs.contrib.websocket.opening import READ_BYTES

_DATA = frozenset({Opcode.TEXT, Opcode.BINARY, Opcode.CONT})

_READS_PER_TURN = 8
"""`recv` lets nobody else run while there are bytes, and a server may send faster than they are read."""


class Connection:
    """A WebSocket after its handshake.

    Args:
        wire: The socket; from now on it belongs to the connection.
        protocol: The state of the WebSocket.
        inbox: Where messages go.
        ping_interval: As in `Settings`.
        close_timeout: As in `Settings`.
    """

    def __init__(
        self,
        wire: socket.socket,
        protocol: ClientProtocol,
        inbox: Inbox,
        ping_interval: float | None,
        close_timeout: float,
    ) -> None:
        self.protocol = protocol
        self.inbox = inbox
        self.is_told = False
        """Whether an operation has failed because this connection is gone."""
        self._wire = wire
        self._ping_interval = ping_interval
        self._close_timeout = close_timeout
        self._pings: dict[bytes, AsyncResult[float]] = {}
        self._outgoing: deque[bytes] = deque()
        self._is_writing = False
        self._parts: list[bytes] = []
        self._is_text = True
        self._is_awaiting_pong = False
        self._error: BaseException | None = None
        self._ended = Event()

    def start(self, frames: list[Any]) -> None:
        """Begins to read; `frames` came with the handshake."""
        arrived = time.perf_counter()
        for frame in frames:
            self._take(frame, arrived)
        gevent.spawn(self._read)

    @property
    def is_open(self) -> bool:
        """Whether messages can be sent."""
        return self.protocol.state is State.OPEN and not self._ended.is_set()

    @property
    def why_closed(self) -> ConnectionClosed:
        """How the connection ended."""
        received, sent = self.protocol.close_rcvd, self.protocol.close_sent
        if received is not None:
            return ConnectionClosed(received.code, received.reason)
        if sent is not None and self.protocol.parser_exc is not None:
            return ConnectionClosed(sent.code, sent.reason, self.protocol.parser_exc)
        return ConnectionClosed(CloseCode.ABNORMAL_CLOSURE, cause=self._error)

    @property
    def was_closed_here(self) -> bool:
        """Whether this side began the closing handshake, as the user asked."""
        protocol = self.protocol
        return protocol.close_sent is not None and not protocol.close_rcvd_then_sent and protocol.parser_exc is None

    def send(self, payload: bytes, is_text: bool, timeout_s: float | None) -> None:
        """Hands a message to the kernel.

        Raises:
            ConnectionClosed: The connection is not open.
            TimedOut: The server did not take it in time; the connection is given up.
        """
        self._require_open()
        if is_text:
            self.protocol.send_text(payload)
        else:
            self.protocol.send_binary(payload)
        self._write_in(timeout_s)

    def ping(self, payload: bytes, timeout_s: float | None) -> AsyncResult[float]:
        """Sends a ping, and returns what will be the time of its pong."""
        self._require_open()
        answered: AsyncResult[float] = AsyncResult()
        self._pings[payload] = answered
        self.protocol.send_ping(payload)
        self._write_in(timeout_s)
        return answered

    def forget_ping(self, payload: bytes) -> None:
        """Nobody waits for this pong any more."""
        self._pings.pop(payload, None)

    def close(self, code: int, reason: str) -> None:
        """Ends the conversation, and waits `close_timeout` seconds at most for the server to do so, too."""
        if self.is_open:
            self.protocol.send_close(code, reason)
            try:
                with _silent(self._close_timeout):
                    self._flush()
            except OSError as error:
                self._error = error
        # Also while the server's own closing handshake is under way.
        self._ended.wait(self._close_timeout)
        self.abandon()

    def abandon(self) -> None:
        """Closes the socket as it stands, which ends the reader. Does not wait, so the hub may call it."""
        if not self._ended.is_set():
            self._wire.close()

    def _require_open(self) -> None:
        if not self.is_open:
            raise self.why_closed

    def _write_in(self, timeout_s: float | None) -> None:
        late = gevent.Timeout(timeout_s)
        try:
            with late:
                self._flush()
        except gevent.Timeout as timeout:
            if timeout is not late:
                raise
            self.abandon()
            raise TimedOut(f"the server did not take the message within {timeout_s:g} s") from None
        except OSError as error:
            self._error = error
            self.abandon()
            raise self.why_closed from error

    def _flush(self) -> None:
        """Writes what the protocol has to say. A greenlet that is writing takes along what others add meanwhile."""
        self._outgoing.extend(piece for piece in self.protocol.data_to_send() if piece)
        if self._is_writing:
            return
        self._is_writing = True
        try:
            while self._outgoing:
                piece = self._outgoing.popleft() if len(self._outgoing) == 1 else b"".join(self._take_outgoing())
                self._wire.sendall(piece)
        finally:
            self._is_writing = False

    def _take_outgoing(self) -> list[bytes]:
        pieces = list(self._outgoing)
        self._outgoing.clear()
        return pieces

    def _read(self) -> None:
        try:
            self._flush()  # what the frames of the handshake are answered with
            reads = 0
            while piece := self._receive():
                arrived = time.perf_counter()
                reads += 1
                if not reads % _READS_PER_TURN:
                    gevent.sleep(0)
                self._is_awaiting_pong = False
                self.protocol.receive_data(piece)
                for frame in self.protocol.events_received():
                    self._take(frame, arrived)
                if self.protocol.parser_exc is not None:
                    self._disappoint()
                self._flush()
        except (OSError, TimedOut) as error:
            self._error = self._error or error
        finally:
            self._end()

    def _end(self) -> None:
        self.protocol.receive_eof()
        self._ended.set()
        self._wire.close()
        self._disappoint()

    def _disappoint(self) -> None:
        """Whoever waits for a message or a pong need not wait for the end of TCP."""
        why = self.why_closed
        self.inbox.end(why)
        for answered in self._pings.values():
            answered.set_exception(why)

    def _receive(self) -> bytes:
        """The next bytes; nothing at the end, also if the server does not close what it has to close."""
        if self.protocol.state is State.CLOSING and self.protocol.close_expected():
            with _silent(self._close_timeout):
                return self._wire.recv(READ_BYTES)
            return b""
        if self._ping_interval is None:
            return self._wire.recv(READ_BYTES)
        while True:
            with _silent(self._ping_interval):
                return self._wire.recv(READ_BYTES)
            if self._is_awaiting_pong:
                raise TimedOut(f"no answer to a ping within {self._ping_interval:g} s")
            self._is_awaiting_pong = True
            if self.is_open:
                self.protocol.send_ping(b"")
                self._flush()

    def _take(self, frame: Frame, arrived: float) -> None:
        if frame.opcode in _DATA:
            if frame.opcode is not Opcode.CONT:
                self._is_text = frame.opcode is Opcode.TEXT
            self._parts.append(frame.data)
            if frame.fin:
                self._complete(arrived)
        elif frame.opcode is Opcode.PONG:
            answered = self._pings.pop(bytes(frame.data), None)
            if answered is not None:
                answered.set(arrived)
        elif frame.opcode is Opcode.CLOSE:
            self._disappoint()

    def _complete(self, arrived: float) -> None:
        payload = b"".join(self._parts)
        self._parts.clear()
        try:
            message: str | bytes = payload.decode() if self._is_text else payload
        except UnicodeDecodeError as error:
            self.protocol.parser_exc = error
            self.protocol.fail(CloseCode.INVALID_DATA, "text that is not UTF-8")
            return
        self.inbox.deliver(Arrival(message, arrived, len(payload)))


def _silent(seconds: float) -> gevent.Timeout:
    """Leaves its with-block after that time, without an exception."""
    return gevent.Timeout(seconds, False)  # type: ignore[arg-type]  # the stubs know no False
