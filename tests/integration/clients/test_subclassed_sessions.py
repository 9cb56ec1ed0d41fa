"""What subclasses of the sessions, and patches of them, replace is called for every request, not for some."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest

from locust_rs.clients import HttpSession
from locust_rs.contrib.fasthttp import FastHttpSession
from recorder.harness import RecordingServer

CLASSES: dict[str, Any] = {"http": HttpSession, "fast": FastHttpSession}
MakeSession = Callable[..., Any]

pytestmark = pytest.mark.parametrize("kind", list(CLASSES))


def of_class(cls: Any, recorder: RecordingServer, make_session: MakeSession) -> Any:
    model = make_session("fast" if issubclass(cls, FastHttpSession) else "http", recorder.url)
    session = cls(recorder.url, model.request_event, model.user)
    session.trust_env = False
    return session


def closed(session: Any) -> None:
    (session.client.clientpool if isinstance(session, FastHttpSession) else session).close()


def names(session: Any) -> list[str]:
    return [name for name, _ in session.user.environment.stats.entries]


def test_an_own_request_method(kind: str, recorder: RecordingServer, make_session: MakeSession) -> None:
    class Grouping(CLASSES[kind]):  # type: ignore[misc]
        def request(self, method: Any, url: Any, **kwargs: Any) -> Any:
            return super().request(method, url, name="grouped", **kwargs)

    session = of_class(Grouping, recorder, make_session)
    responses = [session.get("/json"), session.get("/json"), session.post("/json", data="x"), session.get("/json")]
    assert names(session) == ["grouped", "grouped"]  # GET and POST
    assert all(hasattr(response, "timings_ms") for response in responses)
    closed(session)


@pytest.mark.parametrize("step", ["_build_url", "_send_request_safe_mode"])
def test_an_own_step(kind: str, step: str, recorder: RecordingServer, make_session: MakeSession) -> None:
    original, calls = getattr(CLASSES[kind], step), []

    def counted(self: Any, *args: Any, **kwargs: Any) -> Any:
        calls.append(args)
        return original(self, *args, **kwargs)

    session = of_class(type("Counting", (CLASSES[kind],), {step: counted}), recorder, make_session)
    for _ in range(3):
        assert session.get("/json").status_code == 200
    assert len(calls) == 3
    closed(session)


@pytest.mark.parametrize("where", ["class", "session"])
def test_a_patch_while_the_session_is_in_use(
    kind: str, where: str, recorder: RecordingServer, make_session: MakeSession
) -> None:
    session = make_session(kind, recorder.url)
    session.get("/json")
    session.get("/json")
    with mock.patch.object(CLASSES[kind] if where == "class" else session, "request") as request:
        session.get("/text")
        session.get("/text")
    assert request.call_count == 2
    assert session.get("/json").status_code == 200
    closed(session)


def test_a_replaced_step_of_one_session(kind: str, recorder: RecordingServer, make_session: MakeSession) -> None:
    session = make_session(kind, recorder.url)
    session.get("/json")
    session._build_url = lambda path: f"{recorder.url}/text"
    assert session.get("/json").url == f"{recorder.url}/text"
    assert session.get("/json").url == f"{recorder.url}/text"
    closed(session)
