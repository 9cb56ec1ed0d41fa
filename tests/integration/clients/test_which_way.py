"""Which requests take the short way through the engine, and which are left to requests and geventhttpclient."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable
from http.client import HTTPConnection
from typing import Any
from unittest import mock

import pytest
import requests
from geventhttpclient.client import HTTPClientPool
from requests.adapters import HTTPAdapter
from requests.auth import HTTPBasicAuth, HTTPDigestAuth
from urllib3.util import Retry

from locust_rs.clients import HttpSession
from locust_rs.contrib.fasthttp import LocustUserAgent, insecure_ssl_context_factory
from locust_rs.http.common import leaving
from recorder.harness import RecordingServer

MakeSession = Callable[..., Any]


def by_engine(response: Any) -> bool:
    """Whether a response came through the engine."""
    assert response.status_code == 200
    return hasattr(response, "timings_ms")


SHORT = {
    "plain": lambda s: s.get("/"),
    "second": lambda s: [s.get("/"), s.get("/")][1],
    "post json": lambda s: s.post("/", json={}),
    "params": lambda s: s.get("/", params={"a": "b"}),
    "basic auth": lambda s: [setattr(s, "auth", HTTPBasicAuth("a", "b")), s.get("/")][1],
    "auth pair": lambda s: s.get("/", auth=("a", "b")),
    "own header": lambda s: s.get("/", headers={"X": "y"}),
    "cookies": lambda s: [s.get("/cookie"), s.get("/")][1],
    "own cookies": lambda s: s.get("/", cookies={"a": "b"}),
    "redirect": lambda s: s.get("/redirect"),
    "named": lambda s: [setattr(s, "request_name", "n"), s.get("/")][1],
    "timeout": lambda s: s.get("/", timeout=(3, 4.5)),
    "files": lambda s: s.post("/", files={"f": b"x"}),
    "headers as a dict": lambda s: [setattr(s, "headers", dict(s.headers)), s.get("/")][1],
    "after the long way": lambda s: [s.post("/", data=io.BytesIO(b"x")), s.get("/")][1],
    "adapter": lambda s: [s.mount("http://", HTTPAdapter()), s.get("/")][1],
    "adapter for a prefix": lambda s: [s.mount("http://127.0.0.1/x", HTTPAdapter()), s.get("/")][1],
    "pool sizes": lambda s: [s.mount("http://", HTTPAdapter(pool_maxsize=1, pool_block=True)), s.get("/")][1],
    "retries": lambda s: [s.mount("http://", HTTPAdapter(max_retries=Retry(3, status_forcelist=[503]))), s.get("/")][1],
    "hook": lambda s: s.get("/", hooks={"response": lambda *_a, **_k: None}),
    "session hook": lambda s: [s.hooks["response"].append(lambda *_a, **_k: None), s.get("/")][1],
    "auth object": lambda s: s.get("/", auth=HTTPDigestAuth("a", "b")),
    "session auth object": lambda s: [setattr(s, "auth", HTTPDigestAuth("a", "b")), s.get("/")][1],
    "own auth": lambda s: s.get("/", auth=lambda request: [request.headers.update(X="y"), request][1]),
    "trust_env": lambda s: [setattr(s, "trust_env", True), s.get("/")][1],
    "session params": lambda s: [s.params.update(a="b"), s.get("/")][1],
    "host header": lambda s: s.get("/", headers={"Host": "example.com"}),
    "no user agent": lambda s: s.get("/", headers={"User-Agent": None}),
    "no accept-encoding": lambda s: [s.headers.pop("Accept-Encoding"), s.get("/")][1],
    "authorization header": lambda s: s.get("/", headers={"Authorization": "Bearer x"}),
    "session's authorization header": lambda s: [s.headers.update(Authorization="Bearer x"), s.get("/")][1],
    "stream": lambda s: s.get("/", stream=True),
    "stream of the session": lambda s: [setattr(s, "stream", True), s.get("/")][1],
    "after a stream": lambda s: [s.get("/", stream=True).close(), s.get("/")][1],
    "other verify": lambda s: s.get("/", verify=False),
    "method in small letters": lambda s: s.request("get", "/"),
}

LONG = {
    "retries by number": lambda s: [setattr(s.adapters["http://"], "max_retries", 3), s.get("/")][1],
    "own adapter": lambda s: [s.mount("http://", OwnAdapter()), s.get("/")][1],
    "streamed body": lambda s: s.post("/", data=io.BytesIO(b"x")),
    "method of the instance": lambda s: [setattr(s, "send", s.send), s.get("/")][1],
}


class OwnAdapter(HTTPAdapter):
    """As users subclass it, to sign requests or to bind an address."""


@pytest.mark.parametrize("call", SHORT.values(), ids=SHORT.keys())
def test_requests_own_rules_stay_on_the_engine(call: Any, recorder: RecordingServer, make_session: MakeSession) -> None:
    assert by_engine(call(make_session("http", recorder.url)))


@pytest.mark.parametrize("call", LONG.values(), ids=LONG.keys())
def test_anything_else_is_left_to_requests_and_said_once(
    call: Any,
    recorder: RecordingServer,
    make_session: MakeSession,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(leaving, "_told", set())
    caplog.set_level(logging.INFO, "locust.http")
    session = make_session("http", recorder.url)
    response = call(session)
    assert not by_engine(response)
    call(session).close()
    (told,) = [record.getMessage() for record in caplog.records if record.name == "locust.http"]
    assert told.startswith("HttpUser: ")
    assert "sent by requests" in told
    response.close()
    session.close()


@pytest.mark.parametrize(
    "patch",
    [
        mock.patch.object(requests.Session, "send", requests.Session.send.__get__(None, object), create=False),
        mock.patch.object(HTTPConnection, "debuglevel", 1),
        mock.patch.object(logging.getLogger("urllib3.connectionpool"), "level", logging.DEBUG),
    ],
    ids=["traced session", "http.client debug", "urllib3 debug log"],
)
def test_debugging_and_tracing_see_every_request(
    patch: Any, recorder: RecordingServer, make_session: MakeSession, capsys: pytest.CaptureFixture[str]
) -> None:
    session = make_session("http", recorder.url)
    assert by_engine(session.get("/"))
    logging.getLogger("urllib3.connectionpool").manager._clear_cache()  # type: ignore[attr-defined]
    if patch.attribute == "send":
        original = requests.Session.send
        patch = mock.patch.object(requests.Session, "send", lambda *args, **kwargs: original(*args, **kwargs))
    with patch:
        logging.getLogger("urllib3.connectionpool").manager._clear_cache()  # type: ignore[attr-defined]
        assert not by_engine(session.get("/"))
    logging.getLogger("urllib3.connectionpool").manager._clear_cache()  # type: ignore[attr-defined]
    assert by_engine(session.get("/"))
    session.close()


def test_a_class_that_replaces_a_step_gets_every_request(recorder: RecordingServer, make_session: MakeSession) -> None:
    class Counting(HttpSession):
        sent = 0

        def send(self, request: Any, **kwargs: Any) -> Any:
            self.sent += 1
            return super().send(request, **kwargs)

    model = make_session("http", recorder.url)
    session = Counting(recorder.url, model.request_event, model.user)
    session.trust_env = False
    assert not by_engine(session.get("/"))
    assert session.sent == 1
    session.close()


def test_a_replaced_request_method_is_called_by_get(recorder: RecordingServer, make_session: MakeSession) -> None:
    session = make_session("http", recorder.url)
    session.get("/")
    with mock.patch.object(HttpSession, "request", autospec=True) as request:
        session.get("/json")
    assert request.call_args.args[1:] == ("GET", "/json")


@pytest.mark.parametrize("kind", ["http", "fast"])
def test_the_engine_can_be_turned_off(
    kind: str, recorder: RecordingServer, make_session: MakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert by_engine(make_session(kind, recorder.url).get("/"))
    by_class = make_session(kind, recorder.url, False)
    assert not by_engine(by_class.get("/"))
    monkeypatch.setenv("LOCUST_HTTP_ENGINE", "off")
    by_environment = make_session(kind, recorder.url)
    assert not by_engine(by_environment.get("/"))
    for session in (by_class, by_environment):
        (session if kind == "http" else session.client).close()


@pytest.mark.parametrize(
    "settings",
    [
        {"client_pool": HTTPClientPool(concurrency=2)},
        {"ssl_context_factory": insecure_ssl_context_factory},
        {"disable_ipv6": True},
    ],
    ids=lambda settings: next(iter(settings)),
)
def test_geventhttpclient_serves_what_only_it_knows_and_the_log_says_so_once(
    settings: dict[str, Any],
    recorder: RecordingServer,
    make_session: MakeSession,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(leaving, "_told", set())
    caplog.set_level(logging.INFO, "locust.http")
    session = make_session("fast", recorder.url, **settings)
    assert not by_engine(session.get("/"))
    assert not by_engine(session.get("/"))
    (told,) = [record.getMessage() for record in caplog.records if record.name == "locust.http"]
    assert told.startswith("FastHttpUser: ")
    assert "geventhttpclient" in told
    session.client.close()


def test_debug_stream_shows_the_conversation_and_leaves_the_engine_for_one_request(
    recorder: RecordingServer, make_session: MakeSession
) -> None:
    session = make_session("fast", recorder.url)
    stream = io.StringIO()
    assert not by_engine(session.get("/", debug_stream=stream))
    assert "REQUEST: " in stream.getvalue()
    assert "hello world" in stream.getvalue()
    assert by_engine(session.get("/"))
    session.client.close()


def test_a_replaced_agent_is_used(recorder: RecordingServer, make_session: MakeSession) -> None:
    session = make_session("fast", recorder.url)
    assert by_engine(session.get("/"))
    session.client = LocustUserAgent(headers={"X-Own": "agent"})
    recorder.drain()
    assert not by_engine(session.get("/"))
    assert "X-Own: agent" in recorder.wire()[0]
    session.client.close()


def test_a_replaced_pool_is_used(recorder: RecordingServer, make_session: MakeSession) -> None:
    session = make_session("fast", recorder.url)
    session.client.clientpool = HTTPClientPool()
    assert not by_engine(session.get("/"))
    session.client.close()


@pytest.mark.parametrize("kind", ["http", "fast"])
def test_successes_are_recorded_natively_while_only_the_statistics_listen(
    kind: str, recorder: RecordingServer, make_session: MakeSession
) -> None:
    session = make_session(kind, recorder.url)
    for call in (lambda: session.get("/"), lambda: session.get("/"), lambda: session.post("/json", json={})):
        assert call().recorded
    assert session.user.environment.stats.total.num_requests == 3
    heard: list[str] = []
    listener = session.request_event.add_listener(lambda name, **_: heard.append(name))
    assert not session.get("/").recorded
    assert not session.post("/json", json={}).recorded
    session.request_event.remove_listener(listener)
    assert session.get("/").recorded
    assert heard == ["/", "/json"]
    assert session.user.environment.stats.total.num_requests == 6


@pytest.mark.parametrize("kind", ["http", "fast"])
def test_whatever_is_done_to_the_event_counts_at_once(
    kind: str, recorder: RecordingServer, make_session: MakeSession
) -> None:
    session = make_session(kind, recorder.url)
    environment = session.user.environment
    event, heard = environment.events.request, []

    def listen(name: str, **kwargs: Any) -> None:
        heard.append(name)

    def counted() -> int:
        session.get("/json")
        return int(environment.stats.num_requests)

    assert [counted(), counted()] == [1, 2]
    own, event._handlers = event._handlers, [listen]
    assert (counted(), heard) == (2, ["/json"])
    event._handlers = own
    assert counted() == 3
    fire, event.fire = event.fire, lambda **kwargs: heard.append("fired")
    assert (counted(), heard) == (3, ["/json", "fired"])
    event.fire = fire
    assert counted() == 4
