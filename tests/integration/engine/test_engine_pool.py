"""Connections: how many, whose, from where; and what of them survives forks, threads and their clients."""

from __future__ import annotations

import gc
import os
import socket
import subprocess
import sys
import textwrap
import threading
import weakref
from collections.abc import Callable

import gevent
import pytest

from locust_rs import _core
from locust_rs.http.engine import hub
from locust_rs.http.engine.client import make_client
from locust_rs.http.engine.hub import current_engine
from polling import until

from .conftest import ScriptedServer, answering, read_request

Serve = Callable[..., ScriptedServer]
HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


def slow(connection: socket.socket) -> None:
    while read_request(connection):
        gevent.sleep(0.005)
        connection.sendall(HELLO)


@pytest.mark.parametrize(("concurrency", "expected"), [(1, 1), (3, 3), (0, 12)])
def test_concurrency_limits_the_connections_and_the_others_wait(concurrency: int, expected: int, serve: Serve) -> None:
    server = serve(slow)
    client = make_client(base_url=server.url, concurrency=concurrency)
    greenlets = [gevent.spawn(client.get, "/") for _ in range(12)]
    gevent.joinall(greenlets, raise_error=True)
    assert all(greenlet.value.content == b"hello" for greenlet in greenlets)
    assert server.connections == client.open_connections == expected
    if concurrency == 1:
        assert greenlets[-1].value.response_time_ms > 11 * 5
        assert greenlets[-1].value.timings_ms["queued"] > 10 * 5


def test_waiters_go_on_when_connections_break(serve: Serve) -> None:
    def handle(connection: socket.socket) -> None:
        read_request(connection)
        gevent.sleep(0.002)

    server = serve(handle)
    client = make_client(base_url=server.url, concurrency=2)
    greenlets = [gevent.spawn(client.get, "/") for _ in range(10)]
    gevent.joinall(greenlets)
    assert all(isinstance(greenlet.exception, ConnectionError) for greenlet in greenlets)
    assert (server.connections, client.open_connections) == (10, 0)


def test_origins_have_connections_of_their_own(serve: Serve) -> None:
    servers = [serve(answering(HELLO)) for _ in range(70)]
    client = make_client(concurrency=1)
    for _ in range(2):
        for server in servers:
            assert client.send("GET", server.url + "/").content == b"hello"
    assert [server.connections for server in servers] == [1] * 70
    assert client.open_connections == 70
    client.close_idle()
    assert client.open_connections == 0


def test_clients_share_connections_when_told_so(serve: Serve) -> None:
    server = serve(answering(HELLO))
    first = make_client(base_url=server.url)
    second = make_client(base_url=server.url, shared=first)
    assert (first.get("/").reused, second.get("/").reused) == (False, True)
    assert server.connections == 1
    del first
    assert second.get("/").reused


def test_connections_go_with_their_client(serve: Serve, engine: _core.HttpEngine) -> None:
    server = serve(answering(HELLO))
    before = engine.open_connections
    client = make_client(base_url=server.url)
    client.get("/")
    assert engine.open_connections == before + 1
    del client
    assert engine.open_connections == before


def test_a_client_in_a_cycle_is_collected(serve: Serve) -> None:
    handlers: list[object] = []
    recorder = _core.RequestRecorder(object())
    client = make_client(base_url=serve(answering(HELLO)).url)
    client.record_to({"_handlers": handlers}, recorder)
    handlers.append(client)
    gone = weakref.ref(client)
    del client, handlers
    gc.collect()
    assert gone() is None


def test_the_source_address_is_used(serve: Serve) -> None:
    client = make_client(base_url=serve(answering(HELLO)).url, source_address=("127.0.0.9", 0))
    local = client.get("/").local_address
    assert local is not None
    assert local[0] == "127.0.0.9"


def test_ipv6_works() -> None:
    try:
        probe = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6")

    def serve_one() -> None:
        connection, _ = probe.accept()
        with connection:
            read_request(connection)
            connection.sendall(HELLO)

    server = gevent.spawn(serve_one)
    client = make_client(base_url=f"http://[::1]:{probe.getsockname()[1]}")
    assert client.get("/").content == b"hello"
    server.join()
    probe.close()


def test_each_thread_has_an_engine_of_its_own(serve: Serve) -> None:
    server = serve(answering(HELLO))
    client = make_client(base_url=server.url)
    assert client.get("/").content == b"hello"

    def elsewhere() -> tuple[bool, bytes, bool]:
        response = client.get("/")
        return current_engine() is not mine, response.content, response.reused

    mine = current_engine()
    assert gevent.get_hub().threadpool.apply(elsewhere) == (True, b"hello", False)
    assert client.get("/").content == b"hello"
    assert threading.active_count() >= 1


def test_a_client_works_on_both_sides_of_a_fork() -> None:
    script = textwrap.dedent(
        """
        from gevent import monkey; monkey.patch_all()
        import gevent, os, socket, sys
        from gevent.server import StreamServer
        from locust_rs.http.engine.client import make_client
        from locust_rs.http.engine.hub import current_engine

        def handle(connection, _):
            while connection.recv(65536):
                connection.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 5\\r\\n\\r\\nhello")

        server = StreamServer(("127.0.0.1", 0), handle); server.start()
        client = make_client(base_url=f"http://127.0.0.1:{server.server_port}")
        assert client.get("/").content == b"hello"
        waiting = gevent.spawn(client.send, "GET", "/")
        child = gevent.fork()
        if child == 0:
            server.stop()
            server.close()
            os._exit(7 if current_engine().open_connections == 0 else 8)
        pid, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == 7, status
        assert waiting.get(timeout=10).content == b"hello"
        for _ in range(100):
            assert client.get("/").content == b"hello"
        child = gevent.fork()
        if child == 0:
            server = StreamServer(("127.0.0.1", 0), handle); server.start()
            client.set_base_url(f"http://127.0.0.1:{server.server_port}")
            for number in range(100):
                response = client.get("/")
                assert response.content == b"hello" and response.reused == (number > 0)
            os._exit(9)
        for _ in range(200):
            assert client.get("/").content == b"hello"
            gevent.sleep(0.001)
        pid, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == 9, status
        print("both sides work")
        """
    )
    finished = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert finished.stdout == "both sides work\n", finished.stderr


def test_an_idle_engine_does_not_keep_the_loop_alive() -> None:
    script = textwrap.dedent(
        """
        from gevent import monkey; monkey.patch_all()
        import gevent, socket, threading
        from locust_rs.http.engine.client import make_client
        listener = socket.create_server(("127.0.0.1", 0))
        def serve():
            connection, _ = listener.accept()
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 204 No Content\\r\\n\\r\\n")
            connection.recv(1)
        server = gevent.spawn(serve)
        client = make_client(base_url="http://127.0.0.1:%d" % listener.getsockname()[1])
        assert client.get("/").status_code == 204
        server.kill()
        gevent.wait()
        print("done")
        """
    )
    finished = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert finished.stdout == "done\n", finished.stderr


def test_an_engine_that_is_closed_ends_its_requests(serve: Serve) -> None:
    def elsewhere() -> tuple[type[BaseException] | None, int]:
        client = make_client(base_url=server.url)
        waiting = gevent.spawn(client.get, "/")
        until(lambda: client.open_connections == 1)
        engine = hub._local.engine
        assert engine is not None
        engine.close()
        waiting.join()
        return type(waiting.exception), os.getpid()

    server = serve(lambda connection: gevent.sleep(60))
    kind, _ = gevent.get_hub().threadpool.apply(elsewhere)
    assert kind is ConnectionAbortedError
