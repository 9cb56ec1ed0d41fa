"""Servers that break off: one outcome for each request, nothing left behind, the next request works."""

from __future__ import annotations

import socket
from collections.abc import Callable

import gevent.event
import gevent.monkey
import pytest

from locust_rs import _core
from locust_rs.http.engine import errors
from locust_rs.http.engine.client import make_client
from polling import until

from .conftest import ScriptedServer, answering, once, read_request, reset

Serve = Callable[..., ScriptedServer]
PLAIN = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: y\r\n\r\nhello"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\nA: b\r\n\r\n"


@pytest.mark.parametrize("answer", [PLAIN, CHUNKED], ids=["length", "chunked"])
@pytest.mark.parametrize("abort", [socket.socket.close, reset], ids=["close", "reset"])
def test_a_response_may_break_off_at_every_byte(
    answer: bytes, abort: Callable[[socket.socket], None], serve: Serve, engine: _core.HttpEngine
) -> None:
    cut = 0

    def handle(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(answer[:cut])
        gevent.sleep(0.001)
        abort(connection)

    server = serve(handle)
    client = make_client(base_url=server.url)
    for cut in range(len(answer)):  # noqa: B007  # the server reads it
        with pytest.raises(ConnectionError) as caught:
            client.send("GET", "/")
        assert isinstance(caught.value, (errors.ServerClosed, ConnectionResetError))
    cut = len(answer)
    assert client.send("GET", "/").content == b"hello"
    assert server.connections == len(answer) + 1
    until(lambda: client.open_connections == 0)


HEADER = b"HTTP/1.1 203 Odd\r\nX: y\r\n"
BROKEN = {
    "length": (b"Content-Length: 50\r\n\r\nhello", socket.socket.close, errors.ServerClosed),
    "length, reset": (b"Content-Length: 50\r\n\r\nhello", reset, ConnectionResetError),
    "length, silence": (b"Content-Length: 50\r\n\r\nhello", lambda _: gevent.sleep(60), errors.NetworkTimeout),
    "chunk": (b"Transfer-Encoding: chunked\r\n\r\n9\r\nhello", socket.socket.close, errors.ServerClosed),
    "chunk, reset": (b"Transfer-Encoding: chunked\r\n\r\n9\r\nhello", reset, ConnectionResetError),
    "last chunk": (b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", socket.socket.close, errors.ServerClosed),
    "chunk size": (b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nx\r\n", socket.socket.close, errors.ProtocolError),
    "chunk end": (b"Transfer-Encoding: chunked\r\n\r\n5\r\nhelloX", socket.socket.close, errors.ProtocolError),
    "until close, reset": (b"\r\nhello", reset, ConnectionResetError),
}  # fmt: skip


@pytest.mark.parametrize("call", ["get", "send", "stream"])
@pytest.mark.parametrize("case", BROKEN)
def test_what_had_come_of_a_response_is_told_with_the_error(case: str, call: str, serve: Serve) -> None:
    answer, end, error = BROKEN[case]

    def handle(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(HEADER + answer)
        gevent.sleep(0.05)
        end(connection)

    client = make_client(base_url=serve(handle).url, network_timeout=0.3)
    calls = {
        "get": lambda: client.get("/"),
        "send": lambda: client.send("GET", "/"),
        "stream": lambda: client.send("GET", "/", stream=True).read(),
    }
    with pytest.raises(error) as caught:
        calls[call]()
    response = caught.value.response  # type: ignore[attr-defined]
    assert (response.status_code, response.reason, response.header("x")) == (203, "Odd", "y")
    assert response.raw_content == b"hello"
    assert caught.value.phase == "receive"  # type: ignore[attr-defined]


def test_an_error_before_the_end_of_the_header_has_no_response(serve: Serve) -> None:
    server = serve(once(b"HTTP/1.1 200 OK\r\nX: y\r\n"))
    with pytest.raises(errors.ServerClosed) as caught:
        make_client(base_url=server.url).get("/")
    assert not hasattr(caught.value, "response")


def test_nobody_listens(free_port: int) -> None:
    with pytest.raises(ConnectionRefusedError) as caught:
        make_client(base_url=f"http://127.0.0.1:{free_port}").get("/")
    assert caught.value.errno is not None
    assert caught.value.phase == "connect"  # type: ignore[attr-defined]


def test_a_name_that_cannot_be_resolved_raises_what_the_resolver_raised() -> None:
    with pytest.raises(socket.gaierror) as caught:
        make_client(base_url="http://does-not-exist.invalid").get("/")
    assert caught.value.phase == "resolve"  # type: ignore[attr-defined]


def test_the_next_address_is_tried_when_one_refuses(serve: Serve, free_port: int) -> None:
    server = serve(answering(PLAIN))
    client = _core.HttpClient(
        base_url="http://two.example",
        attach=lambda: __import__("locust_rs.http.engine.hub", fromlist=["x"]).current_engine(),
        resolve=lambda host, port: [("::1", free_port), ("127.0.0.1", free_port), ("127.0.0.1", server.server_port)],
    )
    response = client.get("/")
    assert response.content == b"hello"
    assert response.remote_address == ("127.0.0.1", server.server_port)


def test_a_silent_server_runs_into_the_network_timeout(serve: Serve) -> None:
    server = serve(lambda connection: gevent.sleep(60))
    client = make_client(base_url=server.url, network_timeout=0.05)
    with pytest.raises(errors.NetworkTimeout) as caught:
        client.get("/")
    assert caught.value.response_time_ms >= 50  # type: ignore[attr-defined]
    with pytest.raises(errors.NetworkTimeout):
        make_client(base_url=server.url).send("GET", "/", network_timeout=0.02)


def test_an_answer_that_came_during_a_pause_of_the_process_counts(serve: Serve) -> None:
    answered = gevent.event.Event()

    def handle(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(PLAIN)
        answered.set()

    def pause() -> None:
        answered.wait()
        gevent.monkey.get_original("time", "sleep")(0.3)

    gevent.spawn(pause)
    response = make_client(base_url=serve(handle).url, network_timeout=0.1).send("GET", "/")
    assert response.content == b"hello"


def test_every_byte_puts_the_network_timeout_off(serve: Serve) -> None:
    def handle(connection: socket.socket) -> None:
        read_request(connection)
        for byte in PLAIN:
            connection.sendall(bytes([byte]))
            gevent.sleep(0.01)

    response = make_client(base_url=serve(handle).url, network_timeout=0.3).get("/")
    assert response.content == b"hello"
    assert response.response_time_ms >= 10 * (len(PLAIN) - 1)


def test_a_connect_without_answer_runs_into_the_connect_timeout() -> None:
    # A listening socket whose queue is full answers no SYN on Linux.
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        fillers = [socket.socket() for _ in range(8)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        client = make_client(base_url=f"http://127.0.0.1:{port}", connect_timeout=0.05)
        with pytest.raises(errors.ConnectTimeout) as caught:
            client.get("/")
        assert caught.value.phase == "connect"  # type: ignore[attr-defined]
        assert client.open_connections == 0
        for filler in fillers:
            filler.close()


@pytest.mark.parametrize("abort", [socket.socket.close, reset], ids=["close", "reset"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
def test_a_stale_connection_is_replaced_once_where_that_is_safe(
    method: str, abort: Callable[[socket.socket], None], serve: Serve
) -> None:
    seen: list[bytes] = []

    def handle(connection: socket.socket) -> None:
        # Each connection answers one request and fails at the second, after having read it.
        seen.append(read_request(connection))
        connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
        if request := read_request(connection):
            seen.append(request)
            abort(connection)

    server = serve(handle)
    client = make_client(base_url=server.url)
    first, second = client.send(method, "/1"), client.send(method, "/2")
    assert (first.retried, second.retried, second.reused) == (False, True, False)
    assert [request.split()[1] for request in seen] == [b"/1", b"/2", b"/2"]
    assert server.connections == 2


def test_a_post_on_a_stale_connection_is_not_sent_twice(serve: Serve) -> None:
    seen: list[bytes] = []

    def handle(connection: socket.socket) -> None:
        seen.append(read_request(connection))
        connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
        if request := read_request(connection):
            seen.append(request)

    server = serve(handle)
    client = make_client(base_url=server.url)
    client.send("POST", "/1", body=b"a")
    with pytest.raises(errors.ServerClosed):
        client.send("POST", "/2", body=b"b")
    assert [request.split()[1] for request in seen] == [b"/1", b"/2"]


def test_an_idle_connection_that_the_server_closed_is_not_used(serve: Serve) -> None:
    def handle(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    server = serve(handle)
    client = make_client(base_url=server.url)
    client.send("POST", "/", body=b"")
    # Without a turn of the loop nobody has noticed; a request that cannot be repeated looks first.
    until(lambda: server.connections == 1)
    gevent.sleep(0.01)
    response = client.send("POST", "/", body=b"")
    assert (response.status_code, response.retried, response.reused) == (204, False, False)
    until(lambda: client.open_connections == 0)


def test_a_late_response_on_an_idle_connection_closes_it(serve: Serve) -> None:
    def handle(connection: socket.socket) -> None:
        while read_request(connection):
            connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
            gevent.sleep(0.01)
            connection.sendall(b"HTTP/1.1 408 Request Timeout\r\n\r\n")

    client = make_client(base_url=serve(handle).url)
    assert client.get("/").status_code == 204
    until(lambda: client.open_connections == 0)
    assert client.get("/").status_code == 204


@pytest.mark.parametrize("end", ["kill", "timeout"])
def test_a_request_that_is_given_up_closes_its_connection(end: str, serve: Serve, engine: _core.HttpEngine) -> None:
    closed: list[bool] = []

    def handle(connection: socket.socket) -> None:
        read_request(connection)
        closed.append(connection.recv(1) == b"")

    client = make_client(base_url=serve(handle).url)
    before = engine.open_connections

    def give_up() -> None:
        with gevent.Timeout(0.05, False):
            client.get("/")

    greenlet = gevent.spawn(client.get if end == "kill" else give_up, *(["/"] if end == "kill" else []))
    until(lambda: engine.waiting_requests == 1 and client.open_connections == 1)
    if end == "kill":
        greenlet.kill()
    greenlet.join()
    assert (client.open_connections, engine.open_connections, engine.waiting_requests) == (0, before, 0)
    until(lambda: closed == [True])


def test_a_greenlet_may_be_killed_in_every_state(serve: Serve, engine: _core.HttpEngine) -> None:
    server = serve(lambda connection: gevent.sleep(60))
    client = make_client(base_url=server.url, concurrency=1)
    # One on its connection, two in the queue; the one in the middle goes first.
    greenlets = [gevent.spawn(client.get, "/") for _ in range(3)]
    until(lambda: engine.waiting_requests == 3)
    greenlets[1].kill()
    greenlets[0].kill()
    until(lambda: server.connections == 2)
    assert (engine.waiting_requests, client.open_connections) == (1, 1)
    greenlets[2].kill()
    assert (engine.waiting_requests, client.open_connections) == (0, 0)


def test_the_hub_itself_cannot_wait(serve: Serve) -> None:
    client = make_client(base_url=serve(answering(PLAIN)).url)
    caught: list[Exception] = []

    def in_the_hub() -> None:
        try:
            client.get("/")
        except RuntimeError as error:
            caught.append(error)

    gevent.get_hub().loop.run_callback(in_the_hub)
    until(lambda: bool(caught))
    assert "spawn a greenlet" in str(caught[0])
    assert client.get("/").content == b"hello"
