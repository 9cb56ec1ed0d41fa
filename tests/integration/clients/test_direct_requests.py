"""Requests that go from the task to the engine without a stop: what is counted, and who else hears of them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

import pytest

from recorder.harness import RecordingServer

MakeSession = Callable[..., Any]

CALLS: dict[str, Callable[[Any], Any]] = {
    "json": lambda c: c.post("/json", json={"a": 1}),
    "json by position": lambda c: c.post("/json", None, {"a": 1}),
    "put": lambda c: c.put("/json", json={"a": 1}, headers={"X-Own": "1"}),
    "patch": lambda c: c.patch("/json", json=[1], name="patched"),
    "no body": lambda c: c.post("/json"),
    "body with its type": lambda c: c.post("/json", b"<a/>", headers={"Content-Type": "text/xml"}),
    "stream": lambda c: c.get("/json", stream=True).content,
    "params": lambda c: c.get("/json", params={"q": "tea pot", "page": 2}),
    "in a block": lambda c: c.get("/json", catch_response=True).__enter__().__exit__(None, None, None),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_fast_call_is_sent_without_request_once_its_headers_are_known(
    call: Callable[[Any], Any], recorder: RecordingServer, make_session: MakeSession
) -> None:
    session = make_session("fast", recorder.url)
    session.user.environment.evidence.enabled = False  # it would ask a slow response for its `request`
    session.get("/json")
    call(session)
    called: set[str] = set()
    sys.setprofile(lambda frame, event, _argument: called.add(frame.f_code.co_name))
    try:
        call(session)
    finally:
        sys.setprofile(None)
    assert called.isdisjoint({"request", "_finish_direct"})
    assert session.user.environment.stats.total.num_requests == 3


@pytest.mark.parametrize("kind", ["http", "fast"])
def test_methods_are_counted_as_they_were_written(
    kind: str, recorder: RecordingServer, make_session: MakeSession
) -> None:
    session = make_session(kind, recorder.url)
    for _ in range(3):
        session.request("get", "/json")
        with session.request("Post", "/json", catch_response=True, json={}) as response:
            response.success()
    rows = session.user.environment.stats.entries
    assert {key: row.num_requests for key, row in rows.items()} == {("/json", "get"): 3, ("/json", "Post"): 3}


@pytest.mark.parametrize("kind", ["http", "fast"])
def test_a_listener_that_comes_within_the_block_hears_of_it(
    kind: str, recorder: RecordingServer, make_session: MakeSession
) -> None:
    session = make_session(kind, recorder.url)
    heard: list[dict[str, Any]] = []
    for _ in range(3):
        with session.get("/json", catch_response=True, name="page") as response:
            session.request_event.add_listener(lambda **event: heard.append(event))
        assert [event["response"] for event in heard] == [response] * len(heard)
        assert {(event["name"], event["request_type"], event["exception"]) for event in heard} == {
            ("page", "GET", None)
        }
        heard.clear()
        session.request_event._handlers.pop()
    assert session.user.environment.stats.get("page", "GET").num_requests == 3


@pytest.mark.parametrize("kind", ["http", "fast"])
@pytest.mark.parametrize(
    ("mark", "failures"),
    [(lambda r: None, 0), (lambda r: r.success(), 0), (lambda r: r.failure("wrong"), 1)],
    ids=["left alone", "success", "failure"],
)
def test_a_block_that_only_the_statistics_hear_of_is_counted_once(
    kind: str, mark: Callable[[Any], None], failures: int, recorder: RecordingServer, make_session: MakeSession
) -> None:
    session = make_session(kind, recorder.url)
    for _ in range(3):
        with session.post("/json", json={"a": 1}, catch_response=True) as response:
            mark(response)
        assert response.request_meta["name"] == "/json"
    row = session.user.environment.stats.get("/json", "POST")
    assert (row.num_requests, row.num_failures) == (3, 3 * failures)


def test_a_status_that_the_block_changes_is_reported(recorder: RecordingServer, make_session: MakeSession) -> None:
    session = make_session("http", recorder.url)
    for _ in range(2):
        with session.get("/json", catch_response=True) as response:
            response.status_code = 500
    row = session.user.environment.stats.get("/json", "GET")
    assert (row.num_requests, row.num_failures) == (2, 2)


@pytest.mark.parametrize("kind", ["http", "fast"])
def test_a_replaced_json_makes_the_body(
    kind: str, recorder: RecordingServer, make_session: MakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = make_session(kind, recorder.url)
    for _ in range(2):
        session.post("/json", json={"a": 1})
    recorder.drain()
    monkeypatch.setattr(json, "dumps", lambda value, **_settings: "[2]")
    session.post("/json", json={"a": 1})
    assert [raw.rpartition("\r\n\r\n")[2] for raw in recorder.wire()] == ["[2]"]
