"""A server whose behaviour each test scripts, in the test's own process and loop."""

from __future__ import annotations

import contextlib
import socket
import struct
from collections.abc import Callable, Iterator

import gevent
import pytest
from gevent.server import StreamServer

from locust_rs import _core
from locust_rs.http.engine.hub import current_engine

Handler = Callable[[socket.socket], object]


class ScriptedServer(StreamServer):  # type: ignore[misc]
    """Calls `handler(connection)` for each connection and closes it afterwards; counts connections."""

    def __init__(self, handler: Handler, **tls: object) -> None:
        self.connections = 0
        self._handler = handler
        super().__init__(("127.0.0.1", 0), self._serve, **tls)
        self.start()
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.server_port}"

    def _serve(self, connection: socket.socket, _address: object) -> None:
        self.connections += 1
        with connection, contextlib.suppress(OSError):  # the client goes away, which some tests are about
            self._handler(connection)


@pytest.fixture
def serve() -> Iterator[Callable[..., ScriptedServer]]:
    """Starts scripted servers, and stops them after the test."""
    servers: list[ScriptedServer] = []

    def start(handler: Handler, **tls: object) -> ScriptedServer:
        servers.append(ScriptedServer(handler, **tls))
        return servers[-1]

    yield start
    for server in servers:
        server.stop(timeout=0)


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """After each test the engine has no waiting request left, and no connection once its clients are gone."""
    yield
    engine = current_engine()
    assert engine.waiting_requests == 0


@pytest.fixture
def engine() -> _core.HttpEngine:
    """The engine that the test's requests use."""
    return current_engine()


def read_request(connection: socket.socket) -> bytes:
    """Reads one request (with the body that its Content-Length announces); b"" at the end."""
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(65536)
        if not piece:
            return received
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            while len(body) < int(value):
                body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def answering(answer: bytes) -> Handler:
    """A handler that gives the same answer to each request until the client closes."""

    def handle(connection: socket.socket) -> None:
        while read_request(connection):
            connection.sendall(answer)

    return handle


def once(answer: bytes, *, piecewise: bool = False) -> Handler:
    """A handler that answers one request and closes; `piecewise`: every byte on its own."""

    def handle(connection: socket.socket) -> None:
        read_request(connection)
        if not piecewise:
            connection.sendall(answer)
            return
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in answer:
            connection.sendall(bytes([byte]))
            gevent.sleep(0)

    return handle


def reset(connection: socket.socket) -> None:
    """Closes a connection with RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
