"""Which requests are kept as the slowest of their endpoint."""

from __future__ import annotations

import gc
import random
import weakref
from typing import Any

import gevent
import msgpack
import pytest

from locust_rs.env import Environment
from locust_rs.evidence import Evidence, slowest
from locust_rs.evidence.slowest import MARGIN, MOST_ENDPOINTS, MOST_OF_AN_ENDPOINT


def fire(environment: Environment, time_ms: Any, name: str = "/cart", **changes: Any) -> None:
    event = {"request_type": "GET", "name": name, "response_time": time_ms, "response_length": 3, "exception": None}
    environment.events.request.fire(**{**event, "context": {}, **changes})


def times_of(evidence: Evidence, name: str = "/cart") -> list[float | None]:
    return [piece.response_time_ms for piece in evidence.slow.of_endpoint("GET", name)]


@pytest.mark.parametrize("order", ["rising", "falling", "by chance", "all alike", "all zero"])
def test_the_slowest_are_kept_to_within_the_margin(environment: Environment, order: str) -> None:
    times = [1 + number / 7 for number in range(2000)]
    if order == "falling":
        times.reverse()
    elif order == "by chance":
        random.Random(7).shuffle(times)
    elif order.startswith("all"):
        times = [5.0 if order == "all alike" else 0.0] * 2000
    for time_ms in times:
        fire(environment, time_ms)
    kept = times_of(environment.evidence)
    expected = sorted(times, reverse=True)[:MOST_OF_AN_ENDPOINT]
    for found, right in zip(kept, expected, strict=True):
        assert found is not None
        assert right / MARGIN**2 - 0.002 <= found <= right + 0.001


def test_hardly_any_request_is_read_while_a_target_gets_slower(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Any] = []
    original = slowest.read_event
    monkeypatch.setattr(slowest, "read_event", lambda *args: read.append(args) or original(*args))
    for number in range(20_000):
        fire(environment, 10 + number)
    assert len(read) < 1200


def test_failures_and_endpoints_are_told_apart(environment: Environment) -> None:
    fire(environment, 10, exception="boom", context={"step": "one"})
    fire(environment, 10, name="/other")
    fire(environment, None)
    pieces = environment.evidence.slowest
    assert [(piece.name, piece.error, piece.context) for piece in pieces] == [
        ("/cart", "boom", {"step": "one"}),
        ("/other", "", {}),
    ]


def test_endpoints_are_bounded(environment: Environment) -> None:
    for number in range(MOST_ENDPOINTS + 20):
        fire(environment, 10, name=f"/{number}")
    assert len(environment.evidence.slowest) == MOST_ENDPOINTS


@pytest.mark.parametrize("reset", ["reset_all", "clear_all"])
def test_after_a_reset_the_slowest_are_looked_for_anew(environment: Environment, reset: str) -> None:
    for time_ms in (100, 200, 300):
        fire(environment, time_ms)
    getattr(environment.stats, reset)()
    fire(environment, 5)
    assert times_of(environment.evidence) == [5]


def test_rows_that_were_replaced_lose_nothing(environment: Environment) -> None:
    for time_ms in (100, 200, 300):
        fire(environment, time_ms)
    environment.stats.entries.pop(("/cart", "GET"))
    fire(environment, 50)
    fire(environment, 400)
    assert times_of(environment.evidence) == [400, 300, 200]


def test_evidence_that_is_switched_off_is_not_kept(environment: Environment) -> None:
    environment.evidence.enabled = False
    fire(environment, 10)
    assert environment.evidence.slowest == []


class Response:
    """As the engine's: what was sent is known a moment later."""

    status_code, headers, reason, content = 200, {"Set-Cookie": "id=hidden-4711"}, "OK", b"hello"
    response_time_ms, start_time, streamed, request = 12.5, 1000.0, False, None


def test_a_response_is_read_in_the_next_turn_and_not_held() -> None:
    evidence, response = Evidence(), Response()
    assert evidence.keep_slow_response("GET", "/cart", response) < 0
    response.request = type("Request", (), {"url": "/late", "method": "GET", "headers": {}, "body": None})()
    gevent.sleep(0)
    seen = weakref.ref(response)
    del response
    gc.collect()
    assert seen() is None
    (piece,) = evidence.slowest
    assert piece.request is not None
    assert (piece.request.url, piece.time_s, piece.response_time_ms) == ("/late", 1000.0, 12.5)
    assert "hidden-4711" not in repr(piece)


def test_a_stream_is_not_held_at_all() -> None:
    evidence, response = Evidence(), Response()
    response.streamed = True
    evidence.keep_slow_response("GET", "/cart", response)
    seen = weakref.ref(response)
    del response
    gc.collect()
    assert seen() is None
    (piece,) = evidence.slowest
    assert piece.response is not None
    assert piece.response.body is not None
    assert piece.response.body.note == "stream"


def test_what_was_replaced_before_it_was_read_is_not_read() -> None:
    evidence = Evidence()
    for time_ms in (1.0, 2.0, 3.0, 4.0, 5.0):
        response = Response()
        response.response_time_ms = time_ms
        evidence.keep_slow_response("GET", "/cart", response)
    assert times_of(evidence) == [5, 4, 3]


def test_a_master_keeps_the_slowest_of_all_workers() -> None:
    master, workers = Evidence(), [Evidence() for _ in range(3)]
    for number in range(9):
        event = {"request_type": "GET", "name": "/cart", "response_time": 100.0 * (number + 1)}
        workers[number % 3].keep_slow("", event)
    for index, worker in enumerate(workers):
        master.merge(msgpack.unpackb(msgpack.packb(worker.take())), f"w{index}")
        assert worker.take() == {}
    assert [(piece.response_time_ms, piece.worker) for piece in master.slowest] == [
        (900, "w2"),
        (800, "w1"),
        (700, "w0"),
    ]
    again = Evidence()
    again.restore(msgpack.unpackb(msgpack.packb(master.kept())))
    assert again.slowest == master.slowest
