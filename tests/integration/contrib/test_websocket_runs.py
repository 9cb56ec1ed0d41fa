"""Runs of many WebSocketUsers: a server that dies, a clean stop, proxies, thousands of connections."""

from __future__ import annotations

import json
import resource
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gevent
import psutil
import pytest
import trustme
from gevent.pool import Pool
from gevent.server import StreamServer

from locust_rs.contrib.websocket import WebSocketUser
from locust_rs.env import Environment
from locust_rs.user.task import task
from real_servers import RACES_WITH_SERVERS
from websocket_server import websocket_server

pytestmark = RACES_WITH_SERVERS

Requests = list[dict[str, Any]]


class Talker(WebSocketUser):
    """Talks without a pause worth mentioning."""

    timeout = 60.0

    def wait_time(self) -> float:
        """Short, and long enough for other users."""
        return 0.01

    def on_start(self) -> None:
        """Connects."""
        self.client.connect("/rpc", name="rpc")

    @task
    def talk(self) -> None:
        """One call."""
        number = id(self)
        answer = self.client.round_trip(json.dumps({"id": number}), id=number)
        assert answer is None or json.loads(answer)["id"] == number


class Forgetful(Talker):
    """Replaces `on_stop` and does not close its connection."""

    def on_stop(self) -> None:
        """Nothing."""


def ended_codes(url: str) -> list[int]:
    """The codes by which the server's connections have ended."""
    environment = Environment()
    user: WebSocketUser = type("Asker", (WebSocketUser,), {"host": url})(environment)
    user.client.connect("/codes")
    codes: list[int] = json.loads(user.client.receive() or "")
    user.client.abandon()
    return codes


def started(url: str, user_class: type[WebSocketUser], users: int) -> tuple[Environment, Requests]:
    """Starts so many users at once."""
    requests: Requests = []
    environment = Environment(user_classes=[user_class], host=url, catch_exceptions=False)
    environment.events.request.add_listener(lambda **kwargs: requests.append(kwargs))
    environment.create_local_runner().start(users, spawn_rate=users)
    return environment, requests


def test_ten_users_survive_the_death_of_the_server_and_go_on_with_the_next(until: Any) -> None:
    with websocket_server() as server:
        environment, requests = started(server.url, Talker, 10)
        runner = environment.runner
        assert runner is not None
        until(lambda: len(requests) >= 200)
        assert all(request["exception"] is None for request in requests)
        server.kill()
        until(lambda: sum(request["exception"] is not None for request in requests) >= 50)
    assert {request["name"] for request in requests} == {"rpc"}
    with websocket_server(port=server.port) as successor:
        before = len(requests)
        connected = lambda: [r for r in requests[before:] if r["request_type"] == "WSConnect" and not r["exception"]]  # noqa: E731
        until(lambda: len(connected()) == 10)
        assert runner.user_count == 10
        runner.stop()
        assert runner.user_count == 0
        # Every user has taken its leave.
        until(lambda: [code for code in ended_codes(successor.url) if code != 1006] == [1000] * 10)
    # What broke, failed once for each user at most.
    lost = [r for r in requests if r["request_type"] == "WSRoundTrip" and r["exception"] is not None]
    assert len(lost) <= 10
    assert all("connection closed with 1006" in str(request["exception"]) for request in lost)


def test_a_user_that_forgets_its_connection_leaves_nothing_open(until: Any) -> None:
    with websocket_server() as server:
        environment, requests = started(server.url, Forgetful, 3)
        until(lambda: len(requests) >= 10)
        assert environment.runner is not None
        environment.runner.stop()
        until(lambda: ended_codes(server.url).count(1006) >= 3)


def test_users_of_a_server_that_hangs_stop_all_the_same(until: Any) -> None:
    class Hasty(Talker):
        close_timeout = 0.2

    with websocket_server() as server:
        environment, requests = started(server.url, Hasty, 10)
        until(lambda: len(requests) >= 50)
        server.process.send_signal(signal.SIGSTOP)
        assert environment.runner is not None
        environment.runner.stop()
        assert environment.runner.user_count == 0


@pytest.fixture
def proxy() -> Iterator[Callable[[], tuple[str, list[bytes]]]]:
    """A proxy that makes tunnels; its URL and the requests it got."""
    seen: list[bytes] = []

    def relay(source: socket.socket, target: socket.socket) -> None:
        try:
            while piece := source.recv(65536):
                target.sendall(piece)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # one of both has gone

    def handle(connection: Any, _address: Any) -> None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += connection.recv(4096)
        seen.append(head)
        host, _, port = head.split()[1].decode().rpartition(":")
        if host == "refused.example":
            connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
            connection.close()
            return
        with socket.create_connection(("127.0.0.1", int(port))) as target:
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = gevent.spawn(relay, target, connection)
            relay(connection, target)
            back.join()

    server = StreamServer(("127.0.0.1", 0), handle)
    server.start()
    yield lambda: (f"http://127.0.0.1:{server.server_port}", seen)
    server.stop(timeout=1)


def test_a_proxy_makes_the_tunnel_by_requests_rules(
    proxy: Any, environment: Environment, requests: Requests, make_user: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    proxy_url, seen = proxy()
    with_secret = proxy_url.replace("//", "//me:s%20t@")
    authority = trustme.CA()
    certificate = tmp_path / "server.pem"
    authority.issue_cert("server.example").private_key_and_cert_chain_pem.write_to_path(certificate)
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(bundle)

    def talk(host: str, **attributes: Any) -> Any:
        client = make_user(host, **attributes).client
        client.connect("/echo")
        answer = client.round_trip("hello", timeout=30) if client.is_connected else None
        client.close()
        return answer

    with websocket_server() as plain, websocket_server(certificate=certificate) as secure:
        assert talk(f"ws://server.example:{plain.port}", proxies={"http": with_secret}) == "hello"
        assert seen.pop().split(b"\r\n")[:3] == [
            b"CONNECT server.example:%d HTTP/1.1" % plain.port,
            b"Host: server.example:%d" % plain.port,
            b"Proxy-Authorization: Basic bWU6cyB0",
        ]
        monkeypatch.setenv("HTTPS_PROXY", proxy_url)
        assert talk(f"wss://server.example:{secure.port}", verify=str(bundle)) == "hello"
        assert seen.pop().startswith(b"CONNECT server.example:%d " % secure.port)
        monkeypatch.setenv("HTTP_PROXY", proxy_url)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        assert talk(plain.url) == "hello"
        assert seen == []
        assert talk("ws://refused.example:80") is None
        assert str(requests[-1]["exception"]) == "the proxy made no tunnel: 407 Proxy Authentication Required"
        assert talk(plain.url, proxies={"ws": "socks5://127.0.0.1:1"}) is None
        assert "http proxies only" in str(requests[-1]["exception"])


@pytest.mark.parametrize("connections", [300, pytest.param(5_000, marks=pytest.mark.soak)])
def test_a_process_holds_many_connections(connections: int, make_user: Any, requests: Requests) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(connections + 1_000, hard)), hard))
    before = psutil.Process().memory_info().rss
    with websocket_server() as server:
        users = [make_user(server.url, timeout=120.0) for _ in range(connections)]
        pool = Pool(100)
        assert all(pool.map(lambda user: user.client.connect("/echo"), users))
        for turn in ("a", "b"):
            answers = Pool(connections).map(lambda user, text=turn: user.client.round_trip(text * 200), users)
            assert answers == [turn * 200] * connections
        assert all(user.client.is_connected for user in users)
        used_kib = (psutil.Process().memory_info().rss - before) / 1024
        print(f"{connections} connections: {used_kib / connections:.0f} KiB each")
        pool.map(lambda user: user.client.close(), users)
    assert len(requests) == 3 * connections
    assert all(request["exception"] is None for request in requests)
