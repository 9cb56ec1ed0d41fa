"""The response of the short way is a `requests.Response` to everybody who looks."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import requests
from requests.cookies import RequestsCookieJar
from requests.structures import CaseInsensitiveDict

from locust_rs.clients import ResponseContextManager
from locust_rs.exception import LocustError
from recorder.harness import RecordingServer

Look = Callable[[requests.Response], Any]

LOOKS: dict[str, tuple[str, Look]] = {
    "text": ("/text", lambda r: r.text),
    "guessed text": ("/notype", lambda r: (r.encoding, r.apparent_encoding, r.text)),
    "encoding set by hand": ("/plain", lambda r: (setattr(r, "encoding", "utf-8"), r.text)[1]),
    "json": ("/json", lambda r: r.json()),
    "headers": ("/duplicate-headers", lambda r: sorted(r.headers.items())),
    "header case": ("/json", lambda r: r.headers["content-TYPE"]),
    "cookies": ("/cookie", lambda r: sorted(r.cookies.items())),
    "cookie attributes": ("/cookie", lambda r: [(c.name, c.path, c.domain, c.secure, c.expires) for c in r.cookies]),
    "history": ("/redirect-twice", lambda r: [(h.status_code, h.url, h.text, len(h.history)) for h in r.history]),
    "history cookies": ("/redirect-cookie", lambda r: [h.cookies.get_dict() for h in r.history]),
    "request": ("/json?a=b", lambda r: (r.request.method, r.request.url, r.request.path_url, r.request.body)),
    "request headers": ("/json", lambda r: list(r.request.headers.items())),
    "request of a redirect": ("/redirect", lambda r: (r.request.url, r.history[0].request.url)),
    "raw": ("/json", lambda r: (r.raw.status, r.raw.reason, r.raw.version, sorted(r.raw.headers.items()))),
    "raw has been read": ("/json", lambda r: r.raw.read()),
    "iter_lines": ("/lines", lambda r: list(r.iter_lines())),
    "iter_content": ("/json", lambda r: list(r.iter_content(10))),
    "iteration": ("/json", lambda r: list(r)),
    "links": ("/103", lambda r: r.links),
    "flags": ("/redirect-301", lambda r: [(h.is_redirect, h.is_permanent_redirect, h.ok) for h in [*r.history, r]]),
    "raise_for_status": ("/json", lambda r: r.raise_for_status()),
    "repr": ("/404", lambda r: (repr(r), bool(r), r.reason)),
    "connection": ("/json", lambda r: type(r.connection).__name__),
    "with-statement needs catch_response": ("/json", lambda r: entered(r)),
    "close": ("/json", lambda r: r.close()),
    "changed by a hook": ("/json", lambda r: (setattr(r, "status_code", 418), r.status_code, bool(r))),
    "url changed": ("/json", lambda r: (setattr(r, "url", "x"), setattr(r, "reason", "y"), r.url, r.reason)),
    "unpickled": ("/redirect-cookie", lambda r: seen_again(pickle.loads(pickle.dumps(r)))),
    "copied": ("/json", lambda r: seen_again(copy.copy(r))),
    "state": ("/json", lambda r: sorted(r.__getstate__())),
    "no such attribute": ("/json", lambda r: hasattr(r, "nothing_like_it")),
    "attributes given by users": ("/json", lambda r: (setattr(r, "js", {"a": 1}), r.js)[1]),
}


def entered(response: Any) -> str:
    """Why it cannot be used in a with-statement."""
    with pytest.raises(LocustError) as refused:
        response.__enter__()
    return str(refused.value)


def seen_again(response: Any) -> Any:
    """What a copy still knows."""
    return (type(response).__name__, response.status_code, response.url, response.text, response.headers,
            response.cookies.get_dict(), [hop.url for hop in response.history], response.request.url,
            response.raw)  # fmt: skip


@pytest.mark.parametrize(("path", "look"), LOOKS.values(), ids=LOOKS.keys())
def test_it_looks_the_same_either_way(
    path: str, look: Look, recorder: RecordingServer, make_session: Callable[..., Any]
) -> None:
    seen = []
    for http_engine in (True, False):
        with make_session("http", recorder.url, http_engine) as session:
            session.get("/")
            response = session.get(path)
            assert hasattr(response, "timings_ms") is http_engine
            seen.append(look(response))
    if path != "/103":  # see "What differs" in docs/http-clients.md
        assert seen[0] == seen[1]


def test_it_is_of_the_classes_that_users_ask_for(recorder: RecordingServer, make_session: Callable[..., Any]) -> None:
    response = make_session("http", recorder.url).get("/cookie")
    assert isinstance(response, requests.Response)
    assert isinstance(response, ResponseContextManager)
    assert type(response).__name__ == "ResponseContextManager"
    assert isinstance(response.headers, CaseInsensitiveDict)
    assert isinstance(response.cookies, RequestsCookieJar)
    assert isinstance(response.elapsed, timedelta)
    assert isinstance(response.request, requests.PreparedRequest)
    assert timedelta(0) < response.elapsed < timedelta(seconds=60)


def test_the_request_that_was_not_followed_can_be_sent(
    recorder: RecordingServer, make_session: Callable[..., Any]
) -> None:
    with make_session("http", recorder.url) as session:
        response = session.get("/redirect", allow_redirects=False)
        assert response.next.url == recorder.url + "/json"
        assert session.send(response.next).json()["name"] == "locust"


def test_times_are_those_of_the_socket(recorder: RecordingServer, make_session: Callable[..., Any]) -> None:
    events: list[dict[str, Any]] = []
    session = make_session("http", recorder.url)
    session.request_event.add_listener(lambda **event: events.append(event))
    response = session.get("/redirect")
    (event,) = events
    hops = [*response.history, response]
    assert event["start_time"] == pytest.approx(hops[0].start_time, abs=0.001)
    # The whole chain, and nothing before or after it.
    assert event["response_time"] >= sum(hop.response_time_ms for hop in hops) - 0.001
