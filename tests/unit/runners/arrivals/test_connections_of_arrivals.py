"""The connections of users that arrive: a user that has ended has closed its own."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

import gevent
import pytest
from gevent.server import StreamServer

from locust_rs import FastHttpUser, HttpUser, User
from locust_rs.env import Environment

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Counting(StreamServer):
    """Answers every request, and counts the connections that it has had and that are open."""

    had = 0
    open = 0

    def handle(self, connection: Any, _address: Any) -> None:
        self.had += 1
        self.open += 1
        try:
            while connection.recv(4096):
                connection.sendall(ANSWER)
        finally:
            self.open -= 1


@pytest.fixture
def server() -> Iterator[Counting]:
    counting = Counting(("127.0.0.1", 0))
    counting.start()
    yield counting
    counting.stop()


@pytest.fixture
def uncollected() -> Iterator[None]:
    """Nothing is closed because it is garbage."""
    gc.disable()
    yield
    gc.enable()


def get(user: Any) -> None:
    user.client.get("/")


@pytest.fixture
def visited(server: Counting, until: Any) -> Iterator[Any]:
    """Lets ten users of a kind come and end, while the test goes on."""
    runners = []

    def visit(kind: type[User], **attributes: Any) -> None:
        host, rate = f"http://127.0.0.1:{server.server_port}", [(0, 100), (0.1, 100), (0, 0), (3600, 0)]
        user_class: Any = type("Visitor", (kind,), {"host": host, "tasks": [get], "arrival_rate": rate, **attributes})
        runner = Environment(user_classes=[user_class]).create_local_runner()
        runners.append(runner)
        runner.start(1, 1)
        until(lambda: runner.arrivals.counts and runner.arrivals.counts["Visitor"].begun == 10)
        until(lambda: runner.user_count == 0)

    yield visit
    for runner in runners:
        runner.quit()


@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize(
    ("kind", "engine"),
    [(FastHttpUser, True), (FastHttpUser, False), (HttpUser, True)],
    ids=["fast", "fast by geventhttpclient", "http"],
)
def test_a_user_that_has_ended_has_closed_its_connections(
    kind: type[User], engine: bool, server: Counting, visited: Any, until: Any
) -> None:
    visited(kind, http_engine=engine)
    until(lambda: server.open == 0)
    assert server.had == 10


def test_users_that_may_be_taken_over_keep_theirs(server: Counting, visited: Any) -> None:
    visited(FastHttpUser, arrival_reuses_users=True)
    assert server.open == server.had >= 1


@pytest.mark.parametrize("kind", [FastHttpUser, HttpUser])
def test_a_client_that_somebody_has_kept_connects_again(kind: type[User], server: Counting, visited: Any) -> None:
    kept: list[Any] = []
    visited(kind, tasks=[lambda user: [get(user), kept.append(user.client)]])
    with gevent.Timeout(30):
        assert [client.get("/").status_code for client in kept] == [200] * 10
    assert server.had == 20
