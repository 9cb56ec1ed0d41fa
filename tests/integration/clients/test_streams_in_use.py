"""Streamed responses of `HttpSession` on the engine, as long runs use them: events, abandonment, killed greenlets."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from typing import Any

import gevent
import pytest
from gevent.event import Event
from gevent.server import StreamServer

MakeSession = Callable[..., Any]

HEADS = {
    "chunked": b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n",
    "until close": b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n",
}


class EventServer:
    """Sends an event, and the next one not before it is told to."""

    def __init__(self) -> None:
        self.go_on = Event()
        self.left = Event()
        self.connections = 0
        self._server = StreamServer(("127.0.0.1", 0), self._serve)
        self._server.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def _serve(self, socket: Any, _address: Any) -> None:
        self.connections += 1
        with socket:
            while request := socket.recv(65536):
                if b"/plain" in request:
                    socket.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nplain")
                    continue
                is_chunked = b"/chunked" in request
                socket.sendall(HEADS["chunked" if is_chunked else "until close"])
                self._send(socket, b"data: 1\n\n", is_chunked)
                with gevent.Timeout(10, False):
                    self.go_on.wait()
                try:
                    while not self.go_on.is_set():
                        gevent.sleep(0.01)
                    self._send(socket, b"data: 2\n\n", is_chunked)
                    if is_chunked:
                        self._send(socket, b"", is_chunked)
                except OSError:
                    self.left.set()
                    return
                if not is_chunked:
                    return
        self.left.set()

    @staticmethod
    def _send(socket: Any, data: bytes, is_chunked: bool) -> None:
        socket.sendall(b"%x\r\n%s\r\n" % (len(data), data) if is_chunked else data)

    def close(self) -> None:
        """Ends it, and those who wait for it."""
        self.go_on.set()
        self._server.stop(timeout=5)


@pytest.fixture
def server() -> Iterator[EventServer]:
    server = EventServer()
    yield server
    server.close()


@pytest.mark.parametrize("path", ["/chunked", "/until-close"])
@pytest.mark.parametrize("read", ["lines", "content", "raw"])
def test_an_event_is_seen_before_the_next_one_is_sent(
    path: str, read: str, server: EventServer, make_session: MakeSession
) -> None:
    with gevent.Timeout(10), make_session("http", server.url) as session:
        response = session.get(path, stream=True)
        assert hasattr(response, "timings_ms")
        if read == "lines":
            events = response.iter_lines(chunk_size=None if path == "/chunked" else 1)
        elif read == "content":
            events = response.iter_content(9)
        else:
            events = iter(lambda: response.raw.read(9), b"")
        assert next(events).startswith(b"data: 1")
        assert not server.go_on.is_set()
        server.go_on.set()
        assert b"data: 2" in b"".join(events)


@pytest.mark.parametrize("touched", [False, True], ids=["pieces", "raw"])
@pytest.mark.parametrize("path", ["/chunked", "/until-close"])
def test_a_greenlet_killed_while_it_reads_leaves_the_session_usable(
    path: str, touched: bool, server: EventServer, make_session: MakeSession
) -> None:
    seen: list[bytes] = []
    with gevent.Timeout(10), make_session("http", server.url) as session:

        def read() -> None:
            response = session.get(path, stream=True)
            if touched:
                assert response.raw.status == 200
            seen.extend(response.iter_content(9))

        reader = gevent.spawn(read)
        while not seen:
            gevent.sleep(0.001)
        reader.kill()
        assert isinstance(reader.value, gevent.GreenletExit)
        assert session.get("/plain").text == "plain"
        server.go_on.set()
        assert session.get("/plain").text == "plain"


@pytest.mark.parametrize("keep", ["response", "raw", "iterator"])
def test_an_abandoned_stream_gives_its_connection_up(keep: str, server: EventServer, make_session: MakeSession) -> None:
    with gevent.Timeout(10), make_session("http", server.url) as session:
        kept = session.get("/chunked", stream=True)
        if keep != "response":
            kept = kept.raw.stream(9) if keep == "raw" else kept.iter_content(9)
            gc.collect()
            assert next(kept) == b"data: 1\n\n"
        client = session._engine_path._route.client
        assert client.open_connections == 1
        del kept
        gc.collect()  # a response and what is told of it refer to each other
        while client.open_connections:
            gevent.sleep(0.001)


def test_a_stream_that_was_read_gives_its_connection_back(server: EventServer, make_session: MakeSession) -> None:
    server.go_on.set()
    with gevent.Timeout(10), make_session("http", server.url) as session:
        for _ in range(3):
            lines = list(session.get("/chunked", stream=True).iter_lines())
            assert lines == [b"data: 1", b"", b"data: 2", b""]
            assert list(session.get("/plain", stream=True).iter_content(2)) == [b"pl", b"ai", b"n"]
            assert session.get("/plain", stream=True).raw.read() == b"plain"
        assert server.connections == 1


def test_a_gevent_timeout_while_reading_closes_the_body(server: EventServer, make_session: MakeSession) -> None:
    with gevent.Timeout(10), make_session("http", server.url) as session:
        response = session.get("/chunked", stream=True)
        with pytest.raises(gevent.Timeout), gevent.Timeout(0.05):
            list(response.iter_content(9))
        assert response.raw.closed
        assert session.get("/plain").text == "plain"
