"""What a response of `FastHttpSession` carries for the event of its with-block."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import gevent
import pytest

from recorder.harness import RecordingServer

MakeSession = Callable[..., Any]
Events = list[dict[str, Any]]


@pytest.fixture
def session(make_session: MakeSession, recorder: RecordingServer) -> Iterator[Any]:
    """A session on the engine."""
    made = make_session("fast", recorder.url)
    yield made
    made.client.close()


@pytest.fixture
def events(session: Any) -> Events:
    """What the session reports, from now on."""
    seen: Events = []
    session.request_event.add_listener(lambda **event: seen.append(event))
    return seen


@pytest.fixture
def no_collector() -> Iterator[None]:
    """Nothing is freed but what nobody refers to any more."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize("path", ["/json", "/404"])
@pytest.mark.usefixtures("no_collector")
def test_a_response_goes_with_its_last_reference(path: str, session: Any) -> None:
    with session.get(path, catch_response=True, stream=False) as response:
        response.success()
    gone = weakref.ref(response)
    if getattr(response, "error", None) is not None:
        response.error = None  # an error and its response name each other, as with geventhttpclient
    del response
    gevent.sleep(0)  # the evidence of a slow response is read in the next turn of the loop
    assert gone() is None


def leave_alone(response: Any) -> None:
    assert response.status_code


def look(response: Any) -> None:
    assert response.request_meta["response"] is response


def rename(response: Any) -> None:
    response.request_meta["name"] = "other"


def replace(response: Any) -> None:
    response.request_meta = {**response.request_meta, "name": "other"}


@pytest.mark.parametrize(
    ("step", "name"),
    [(leave_alone, "/json"), (look, "/json"), (rename, "other"), (replace, "other")],
    ids=["left alone", "looked at", "renamed", "replaced"],
)
def test_the_event_names_the_response(step: Callable[[Any], None], name: str, session: Any, events: Events) -> None:
    with session.get("/json", catch_response=True) as response:
        step(response)
    (event,) = events
    assert event["response"] is response
    assert event["name"] == name
    assert list(event) == list(response.request_meta)


def test_what_was_reported_can_be_read_afterwards(session: Any, events: Events) -> None:
    with session.get("/json", catch_response=True) as response:
        response.failure("wrong")
    assert response.request_meta == events[0]
    assert str(response.request_meta["exception"]) == "wrong"


def test_a_response_that_was_never_entered_tells_what_it_would_have_reported(session: Any, events: Events) -> None:
    response = session.get("/json", catch_response=True)
    assert response.request_meta["response"] is response
    assert events == []
