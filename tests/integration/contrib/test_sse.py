"""Server-sent events of both HTTP users, on the engine and beside it, from a server in a process of its own."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import gevent
import pytest

from locust_rs import FastHttpUser, HttpUser
from locust_rs.contrib.fasthttp import FastHttpSession
from locust_rs.contrib.sse import Event, EventSource, StreamBroken, events
from locust_rs.env import Environment

from .sse_server import StreamServer, stream_server

Requests = list[dict[str, Any]]


@pytest.fixture
def own_server() -> Iterator[StreamServer]:
    with stream_server() as server:
        yield server


@pytest.fixture(scope="module")
def server() -> Iterator[StreamServer]:
    with stream_server() as server:
        yield server


WAYS = [
    pytest.param(HttpUser, True, id="HttpUser"),
    pytest.param(FastHttpUser, True, id="FastHttpUser"),
    pytest.param(HttpUser, False, id="HttpUser beside the engine"),
    pytest.param(FastHttpUser, False, id="FastHttpUser beside the engine"),
]
ON_THE_ENGINE = WAYS[:2]

MakeClient = Callable[..., Any]


@pytest.fixture
def make_client(environment: Environment, request: pytest.FixtureRequest) -> Iterator[MakeClient]:
    user_class, on_engine = request.param
    clients: list[Any] = []

    def made(host: str, **attributes: Any) -> Any:
        user = type("Reader", (user_class,), {"host": host, "http_engine": on_engine, **attributes})(environment)
        if isinstance(user, HttpUser):
            user.client.trust_env = False
        clients.append(user.client)
        return user.client

    yield made
    for client in clients:
        if isinstance(client, FastHttpSession):
            client.client.clientpool.close()
        else:
            client.close()


def ways(params: list[Any]) -> Any:
    return pytest.mark.parametrize(
        "make_client", [pytest.param(param.values, id=param.id) for param in params], indirect=True
    )


@ways(WAYS)
@pytest.mark.parametrize("query", ["", "&close=1", "&torn=1"], ids=["chunked", "until the end", "torn"])
def test_each_event_comes_as_soon_as_it_was_sent(server: StreamServer, make_client: MakeClient, query: str) -> None:
    client = make_client(server.url)
    before, gate = time.time(), uuid4().hex
    response = client.get(f"/events?count=3&gate={gate}{query}", stream=True)
    assert hasattr(response, "timings_ms") == ("beside" not in os.environ["PYTEST_CURRENT_TEST"])
    got: list[Event] = []
    for event in events(response):
        got.append(event)
        # The server waits for this before it sends the next.
        assert client.get(f"/open?gate={gate}").status_code == 204
    assert [(event.id, event.event, event.data.split("\n")[0]) for event in got] == [
        ("1", "tick", "grüße"),
        ("2", "tick", "grüße"),
        ("3", "tick", "grüße"),
    ]
    moments = [before, *(event.received_at for event in got), time.time()]
    assert moments == sorted(moments)
    assert all(event.elapsed_ms > 0 for event in got)


@ways(WAYS)
def test_first_and_next_events_are_requests(server: StreamServer, make_client: MakeClient, requests: Requests) -> None:
    client = make_client(server.url)
    began = time.perf_counter()
    with EventSource(client, "/events?count=3", name="ticks") as source:
        got = list(source)
    lasted_ms = (time.perf_counter() - began) * 1000
    assert [(r["request_type"], r["name"], r["exception"]) for r in requests] == [
        ("GET", "ticks", None),
        ("SSEFirst", "ticks", None),
        ("SSENext", "ticks", None),
        ("SSENext", "ticks", None),
    ]
    assert got[0].data == "grüße\ntext/event-stream"
    assert [request["response_length"] for request in requests[1:]] == [25] * 3
    assert [request["response"] for request in requests[1:]] == got
    # The times of the events are the parts of the whole.
    times = [request["response_time"] for request in requests[1:]]
    assert min(times) >= 0
    assert 0 < sum(times) <= lasted_ms


@ways(ON_THE_ENGINE)
def test_events_of_a_post_have_names_of_their_own(
    server: StreamServer, make_client: MakeClient, requests: Requests
) -> None:
    source = EventSource(
        make_client(server.url), "/complete", method="POST", json=["a", "b"], name=lambda event: f"token {event.data}"
    )
    assert [event.data for event in source] == ["a", "b"]
    assert [(r["request_type"], r["name"]) for r in requests] == [
        ("POST", "/complete"),
        ("SSEFirst", "token a"),
        ("SSENext", "token b"),
    ]


@ways(ON_THE_ENGINE)
def test_reconnection_goes_on_behind_the_last_event(
    server: StreamServer, make_client: MakeClient, requests: Requests
) -> None:
    source = EventSource(make_client(server.url), "/events?count=2&until=6&break=1", name="ticks", reconnect=True)
    assert [event.id for event in source] == ["1", "2", "3", "4", "5", "6"]
    kinds = [(request["request_type"], request["exception"] is None) for request in requests]
    once = [("GET", True), ("SSEFirst", True), ("SSENext", True), ("SSENext", False)]
    assert kinds == [*once, *once, *once, ("GET", True)]
    assert source.retry_ms == 5


@ways(WAYS)
def test_a_killed_server_ends_the_stream_with_a_failure(
    own_server: StreamServer, make_client: MakeClient, requests: Requests, until: Any
) -> None:
    reading = gevent.spawn(lambda: list(EventSource(make_client(own_server.url), "/events?count=2&hang=1", name="t")))
    until(lambda: len(requests) == 3)
    own_server.process.kill()
    assert len(reading.get(timeout=60)) == 2
    failure = requests[-1]["exception"]
    assert (requests[-1]["request_type"], len(requests)) == ("SSENext", 4)
    assert isinstance(failure, StreamBroken)


@ways(ON_THE_ENGINE)
def test_silence_beyond_the_timeout_is_a_failure(
    server: StreamServer, make_client: MakeClient, requests: Requests
) -> None:
    client = make_client(server.url, network_timeout=0.3)
    timeout = {"timeout": 0.3} if hasattr(client, "trust_env") else {}
    assert len(list(EventSource(client, "/events?count=1&hang=1", name="t", **timeout))) == 1
    failure = requests[-1]["exception"]
    assert isinstance(failure, StreamBroken)
    assert "timed out" in str(failure) or str(failure).endswith("the server sent nothing for 0.3 s")


@ways(ON_THE_ENGINE)
def test_what_is_no_event_stream_is_a_failure(
    server: StreamServer, make_client: MakeClient, requests: Requests
) -> None:
    client = make_client(server.url)
    assert list(EventSource(client, "/events?count=1&type=text/html", name="t", reconnect=True)) == []
    assert str(requests[-1]["exception"]) == "not an event stream: 200, text/html"
    assert list(EventSource(client, "/events?count=1&status=500", name="t", reconnect=True)) == []
    assert [request["request_type"] for request in requests] == ["GET", "SSEFirst", "GET"]
    assert requests[-1]["exception"] is not None


@ways(ON_THE_ENGINE)
def test_compressed_streams_are_decoded(server: StreamServer, make_client: MakeClient) -> None:
    response = make_client(server.url).get("/events?count=3&coding=gzip", stream=True)
    assert [event.id for event in events(response)] == ["1", "2", "3"]


@ways(ON_THE_ENGINE)
def test_leaving_the_block_gives_up_the_stream(server: StreamServer, make_client: MakeClient) -> None:
    client = make_client(server.url)
    with EventSource(client, "/events?count=2&hang=1") as source:
        first = next(iter(source))
    assert first.id == "1"
    assert client.get("/events?count=1").status_code == 200


@ways(ON_THE_ENGINE)
def test_ten_users_read_at_once(server: StreamServer, make_client: MakeClient, requests: Requests) -> None:
    clients = [make_client(server.url) for _ in range(10)]
    readers = [gevent.spawn(lambda c=c: list(EventSource(c, "/events?count=5", name="t"))) for c in clients]
    gevent.joinall(readers, raise_error=True)
    assert [len(reader.value) for reader in readers] == [5] * 10
    assert [r["exception"] for r in requests] == [None] * 60
