"""Timed streams of both HTTP users, on the engine and beside it, from a server in a process of its own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import gevent
import pytest

from locust_rs.contrib.streams import StreamBroken, TimedStream
from locust_rs.exception import LocustError

from .sse_server import StreamServer, stream_server
from .test_sse import WAYS, MakeClient, Requests, make_client, ways

__all__ = ["make_client"]

TOLD, UNTOLD = WAYS[:3], WAYS[3:]


@pytest.fixture
def server() -> Iterator[StreamServer]:
    with stream_server() as server:
        yield server


def kinds(requests: Requests) -> list[tuple[str, str, bool]]:
    return [(request["request_type"], request["name"], request["exception"] is None) for request in requests]


@ways(TOLD)
def test_the_first_piece_and_each_later_one_are_requests(
    server: StreamServer, make_client: MakeClient, requests: Requests
) -> None:
    client, gate = make_client(server.url), uuid4().hex
    began, waited_s = time.perf_counter(), 0.05
    lengths: list[int] = []
    with TimedStream(client, f"/events?count=2&gate={gate}", name="ticks") as stream:
        for piece in stream:
            lengths.append(len(piece))
            if b"id: 1" in piece:
                gevent.sleep(waited_s)
                client.get(f"/open?gate={gate}", name="open")
    lasted_ms = (time.perf_counter() - began) * 1000
    seen = [request for request in requests if request["name"] == "ticks"]
    assert seen[0]["request_type"] == "GET"
    assert kinds(seen[1:]) == [("StreamFirst", "ticks", True), *[("StreamNext", "ticks", True)] * (len(lengths) - 1)]
    assert [request["response_length"] for request in seen[1:]] == lengths
    times = [request["response_time"] for request in seen[1:]]
    assert max(times) >= waited_s * 1000 / 2
    assert 0 < sum(times) <= lasted_ms


@ways(TOLD)
def test_a_body_that_breaks_off_is_a_failure(
    server: StreamServer, make_client: MakeClient, requests: Requests, until: Any
) -> None:
    stream = TimedStream(make_client(server.url), "/events?count=1&hang=1", name="t")
    read = bytearray()
    reading = gevent.spawn(lambda: [read.extend(piece) for piece in stream])
    until(lambda: b"id: 1" in read)
    server.process.kill()
    reading.get(timeout=60)
    assert kinds(requests)[-1] == ("StreamNext", "t", False)
    assert isinstance(requests[-1]["exception"], StreamBroken)
    assert all(request["exception"] is None for request in requests[:-1])


@ways(TOLD)
def test_pieces_of_an_error_are_read_and_not_recorded(
    server: StreamServer, make_client: MakeClient, requests: Requests
) -> None:
    with TimedStream(make_client(server.url), "/events?count=1&status=503", name="t") as stream:
        assert stream.response.status_code == 503
        assert b"".join(stream) == b""
    assert kinds(requests) == [("GET", "t", False)]


@ways(UNTOLD)
def test_where_pieces_cannot_be_told_it_says_so(server: StreamServer, make_client: MakeClient) -> None:
    with pytest.raises(LocustError, match="LOCUST_HTTP_ENGINE"):
        TimedStream(make_client(server.url), "/events?count=1", name="t")


@ways(WAYS)
def test_a_server_that_is_not_there_is_the_clients_failure(
    make_client: MakeClient, requests: Requests, free_port: int
) -> None:
    with TimedStream(make_client(f"http://127.0.0.1:{free_port}"), "/", name="t") as stream:
        assert b"".join(stream) == b""
    assert kinds(requests) == [("GET", "t", False)]
