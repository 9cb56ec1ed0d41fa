"""Native recording: what the statistics get, and when the caller has to report himself."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Any

import pytest

from locust_rs import _core
from locust_rs.http.engine.client import make_client
from locust_rs.stats import RequestStats

from .conftest import ScriptedServer, answering

Serve = Callable[..., ScriptedServer]


def answer(status: bytes, fields: bytes = b"", body: bytes = b"hello") -> bytes:
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\n%s\r\n%s" % (status, len(body), fields, body)


def recording_client(server: ScriptedServer, **settings: Any) -> tuple[_core.HttpClient, RequestStats, list[Any]]:
    stats = RequestStats()
    recorder = _core.RequestRecorder(stats)
    handlers: list[Any] = [recorder]
    client = make_client(base_url=server.url, **settings)
    client.record_to({"_handlers": handlers}, recorder)
    return client, stats, handlers


def test_successes_are_recorded_under_their_name(serve: Serve) -> None:
    client, stats, _ = recording_client(serve(answering(answer(b"200 OK"))))
    responses = [client.get("/one"), client.send("POST", "/two?id=5", body=b"", name="/two", record=True)]
    assert all(response.recorded for response in responses)
    assert set(stats.entries) == {("/one", "GET"), ("/two", "POST")}
    assert (stats.total.num_requests, stats.total.total_content_length) == (2, 10)
    assert stats.total.total_response_time == pytest.approx(sum(response.response_time_ms for response in responses))


def test_nothing_is_recorded_unless_asked_for(serve: Serve) -> None:
    client, stats, _ = recording_client(serve(answering(answer(b"200 OK"))))
    assert not client.send("GET", "/").recorded
    assert stats.total.num_requests == 0


@pytest.mark.parametrize("status", [b"301 Moved", b"404 Not Found", b"500 Oops", b"302 Found"])
def test_anything_but_success_is_left_to_the_caller(status: bytes, serve: Serve) -> None:
    client, stats, _ = recording_client(serve(answering(answer(status))))
    assert not client.get("/").recorded
    assert not client.send("GET", "/", record=True).recorded
    assert stats.total.num_requests == 0


def test_another_listener_ends_native_recording(serve: Serve) -> None:
    client, stats, handlers = recording_client(serve(answering(answer(b"200 OK"))))
    assert client.get("/").recorded
    handlers.append(print)
    assert not client.get("/").recorded
    handlers.remove(print)
    assert client.get("/").recorded
    handlers.clear()
    assert not client.get("/").recorded
    client.record_to(None, None)
    assert not client.get("/").recorded
    assert stats.total.num_requests == 2


def test_the_length_is_that_of_the_decoded_body(serve: Serve) -> None:
    body = gzip.compress(b"x" * 1000)
    encoded = answer(b"200 OK", b"Content-Encoding: gzip\r\n", body)
    client, stats, _ = recording_client(serve(answering(encoded)))
    assert client.get("/").recorded
    assert stats.total.total_content_length == 1000


def test_a_body_that_cannot_be_decoded_is_left_to_the_caller(serve: Serve) -> None:
    client, stats, _ = recording_client(serve(answering(answer(b"200 OK", b"Content-Encoding: gzip\r\n"))))
    assert not client.get("/").recorded
    assert stats.total.num_requests == 0


class Mine(_core.HttpResponse):
    """A subclass with an `__init__` that must not be called, and an attribute."""

    note = "default"

    def __init__(self) -> None:
        raise AssertionError("the engine calls no __init__")


def test_responses_are_of_the_class_that_was_given(serve: Serve) -> None:
    client, *_ = recording_client(serve(answering(answer(b"200 OK"))), response_class=Mine)
    response = client.get("/")
    assert type(response) is Mine
    assert (response.note, response.content) == ("default", b"hello")
    response.note = "changed"
    assert (response.note, client.get("/").note) == ("changed", "default")
    with pytest.raises(TypeError, match="subclass of HttpResponse"):
        make_client(response_class=dict)


def test_a_response_made_by_hand_is_empty() -> None:
    response = _core.HttpResponse("anything", goes=True)
    assert (response.status_code, response.content, response.url, response.reason) == (0, b"", "", "")
    assert (response.header_list, response.read(), response.streaming) == ([], b"", False)
    assert (response.response_time_ms, response.remote_address) == (0.0, None)
