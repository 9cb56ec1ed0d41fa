"""A TCP proxy between two nodes that can delay, break, stall and repeat what they send."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time

MAX_REPEATED = 4 * 1024 * 1024
"""Bytes of a connection that are stored, to be repeated on a second one."""

GREETING = 64
"""Bytes with which a ZeroMQ connection begins; the other side closes it if more arrive at once."""


class _Connection:
    """Two sockets and a thread for each direction."""

    def __init__(self, wire: Wire, caller: socket.socket) -> None:
        self.wire = wire
        self.silent = False
        self.cut_next_frame = False
        self.said = bytearray()
        self.caller = caller
        self.called = wire.call()
        for source, sink, upward in ((caller, self.called, True), (self.called, caller, False)):
            threading.Thread(target=self._carry, args=(source, sink, upward), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket, upward: bool) -> None:
        try:
            while chunk := source.recv(65536):
                time.sleep(self.wire.delay_s)
                if self.silent:
                    continue
                if upward and len(self.said) < MAX_REPEATED:
                    self.said += chunk
                if upward and self.cut_next_frame and len(chunk) > 20:
                    sink.sendall(chunk[: len(chunk) // 2])
                    break
                sink.sendall(chunk)
        except OSError:
            pass
        if not self.silent:
            self.break_off()

    def break_off(self) -> None:
        for end in (self.caller, self.called):
            _reset(end)
        self.wire.forget(self)


def _reset(end: socket.socket) -> None:
    """Closes a connection abruptly."""
    with contextlib.suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        end.shutdown(socket.SHUT_RDWR)
    end.close()


class Wire:
    """Listens on `port` of the loopback interface and forwards everything.

    Args:
        to: The port to which it forwards.
        source: The address from which it connects, for example 127.0.0.2.
    """

    def __init__(self, to: int, source: str = "127.0.0.1") -> None:
        self._to = to
        self._source = source
        self.delay_s = 0.0
        """How long each chunk is delayed."""
        self.taken = 0
        """Connections so far."""
        self._connections: list[_Connection] = []
        self._repeaters: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def call(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self._to), timeout=None, source_address=(self._source, 0))

    def forget(self, connection: _Connection) -> None:
        with contextlib.suppress(ValueError):
            self._connections.remove(connection)

    def _listen(self) -> None:
        while True:
            try:
                caller, _ = self._listener.accept()
            except OSError:
                return
            try:
                self._connections.append(_Connection(self, caller))
                self.taken += 1
            except OSError:
                _reset(caller)

    def cut(self) -> None:
        """Breaks all connections; new ones work."""
        for connection in list(self._connections):
            connection.break_off()

    def cut_in_mid_frame(self) -> None:
        """Breaks each connection in the middle of what the caller sends next."""
        for connection in self._connections:
            connection.cut_next_frame = True

    def fall_silent(self) -> None:
        """Stops forwarding on the existing connections, without closing them."""
        for connection in self._connections:
            connection.silent = True

    def say_everything_twice(self) -> None:
        """Opens a second connection for each one, and repeats on it what the caller has sent."""
        for connection in list(self._connections):
            repeater = self.call()
            self._repeaters.append(repeater)
            said = bytes(connection.said)
            with contextlib.suppress(OSError):
                repeater.sendall(said[:GREETING])
                time.sleep(0.1)
                repeater.sendall(said[GREETING:])

    def close(self) -> None:
        self._listener.close()
        self.cut()
        for repeater in self._repeaters:
            _reset(repeater)
