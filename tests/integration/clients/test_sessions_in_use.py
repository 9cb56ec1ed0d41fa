"""Sessions as load tests use them: handed to SDKs, shared by greenlets, killed in the middle of a request."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

import gevent
import pytest
import requests
from gevent.pool import Group, Pool
from requests.adapters import HTTPAdapter

from locust_rs.contrib.fasthttp import FastHttpUser, FastResponse, ResponseContextManager
from locust_rs.env import Environment
from locust_rs.user.task import task
from recorder.harness import RecordingServer

MakeSession = Callable[..., Any]


class SoapTransport:
    """An SDK's transport, as `zeep` has one: it takes a Session, puts its marks on it and posts envelopes."""

    def __init__(self, session: requests.Session) -> None:
        self.session = session
        self.session.headers["User-Agent"] = "soap/1.0"
        self.session.headers.update({"SOAPAction": '""'})

    def load(self, url: str) -> bytes:
        """Reads a description."""
        response = self.session.get(url, timeout=300)
        response.raise_for_status()
        return response.content

    def post(self, address: str, envelope: str) -> Any:
        """Sends an envelope."""
        headers = {"Content-Type": "text/xml; charset=utf-8"}
        response = self.session.post(address, data=envelope, headers=headers, timeout=None)
        assert response.encoding is None or isinstance(response.encoding, str)
        return response


@pytest.mark.parametrize("mounts", [False, True], ids=["plain", "with an adapter"])
def test_an_sdk_takes_the_session_for_one_of_requests(
    mounts: bool, recorder: RecordingServer, make_session: MakeSession
) -> None:
    wires = []
    for http_engine in (True, False):
        session = make_session("http", recorder.url, http_engine)
        recorder.drain()
        with session.rename_request("soap"):
            if mounts:
                session.mount(recorder.url, HTTPAdapter(max_retries=2))
            transport = SoapTransport(session)
            assert transport.load(recorder.url + "/json")
            assert transport.post(recorder.url + "/text", "<é/>").text == "grüße"
            with pytest.raises(requests.HTTPError, match="404 Client Error: Not Found for url: http"):
                transport.load(recorder.url + "/404")
        wires.append(recorder.wire())
        stats = session.user.environment.stats
        assert stats.get("soap", "GET").num_requests == 2
        assert stats.get("soap", "GET").num_failures == 1
        assert stats.get("soap", "POST").num_requests == 1
        session.close()
    assert wires[0] == wires[1]


@pytest.mark.parametrize("kind", ["http", "fast"])
def test_greenlets_share_a_session_without_mixing_responses(
    kind: str, recorder: RecordingServer, make_session: MakeSession
) -> None:
    session = make_session(kind, recorder.url, **({"concurrency": 5} if kind == "fast" else {}))
    texts = Pool(20).map(lambda number: session.get(f"/number/{number}").text, range(200))
    assert texts == [f"you asked for /number/{number}" for number in range(200)]
    assert session.user.environment.stats.total.num_requests == 200


@pytest.mark.parametrize("kind", ["http", "fast"])
def test_sessions_do_not_share_cookies_or_headers(
    kind: str, recorder: RecordingServer, make_session: MakeSession
) -> None:
    first, second = make_session(kind, recorder.url), make_session(kind, recorder.url)
    first.get("/cookie")
    recorder.drain()
    first.get("/json")
    second.get("/json")
    with_cookie, without = recorder.wire()
    assert "Cookie: session=abc; theme=dark" in with_cookie
    assert "Cookie" not in without


@pytest.mark.parametrize("kind", ["http", "fast"])
def test_a_killed_request_is_not_reported_and_the_next_one_works(
    kind: str, recorder: RecordingServer, make_session: MakeSession
) -> None:
    session = make_session(kind, recorder.url)
    session.get("/json")
    for path in ("/stall", "/stall-body", "/close"):
        greenlet = gevent.spawn(session.get, path)
        while not any(path in raw for raw in recorder.wire()):
            gevent.sleep(0.01)
        greenlet.kill()
        assert session.get("/json").json()["name"] == "locust"
    stats = session.user.environment.stats
    assert stats.get("/json", "GET").num_requests == 4
    assert stats.get("/stall", "GET").num_requests == 0
    assert stats.get("/stall-body", "GET").num_requests == 0


@pytest.mark.parametrize("kind", ["http", "fast"])
def test_killing_a_greenlet_that_runs_get_itself_frees_nothing_that_is_in_use(
    kind: str, recorder: RecordingServer, make_session: MakeSession
) -> None:
    session = make_session(kind, recorder.url)
    session.get("/json")
    greenlet = gevent.spawn(session.get, "".join(["/st", "all"]))  # nobody else holds this string
    with gevent.Timeout(20):
        while not any("/stall" in raw for raw in recorder.wire()):
            gevent.sleep(0.01)
    greenlet.kill()
    gc.collect()
    assert session.get("/json").status_code == 200


@pytest.mark.parametrize("kind", ["http", "fast"])
def test_a_gevent_timeout_around_a_request_leaves_the_session_usable(
    kind: str, recorder: RecordingServer, make_session: MakeSession
) -> None:
    session = make_session(kind, recorder.url, **({"max_retries": 0} if kind == "fast" else {}))
    for _ in range(2):
        response = None
        with gevent.Timeout(0.05, False):
            response = session.get("/stall")
        # geventhttpclient makes a failed request of it, requests lets it through.
        assert (response is None) if kind == "http" else (response.status_code == 0)
        assert session.get("/json").status_code == 200


@pytest.mark.parametrize("kind", ["http", "fast"])
def test_failures_are_counted_once_with_their_cause(
    kind: str, recorder: RecordingServer, make_session: MakeSession
) -> None:
    session = make_session(kind, recorder.url)
    assert session.get("http://127.0.0.1:1/refused").status_code == 0
    assert session.get("/404").status_code == 404
    with session.get("/", catch_response=True) as response:
        response.failure("not what I wanted")
    stats = session.user.environment.stats
    assert stats.total.num_requests == 3
    assert stats.total.num_failures == 3
    errors = " ".join(str(error.error) for error in stats.errors.values())
    for cause in ("Connection refused", "404", "not what I wanted"):
        assert cause in errors


def test_every_response_of_fasthttp_counts_as_its_public_class(
    recorder: RecordingServer, make_session: MakeSession
) -> None:
    session = make_session("fast", recorder.url)
    for _ in range(2):
        response = session.get("/")
        assert isinstance(response, FastResponse)
        assert not isinstance(response, ResponseContextManager)
        with session.get("/", catch_response=True) as caught:
            assert isinstance(caught, ResponseContextManager)
            assert isinstance(caught, FastResponse)


def test_streams_of_fasthttp_are_read_as_they_come(recorder: RecordingServer, make_session: MakeSession) -> None:
    session = make_session("fast", recorder.url)
    with session.get("/stall-body", stream=True, catch_response=True) as response:
        assert response.read(5) == b"01234"
        assert response.headers["content-length"] == "10"
        response.release()
    assert list(session.iter_lines("/lines")) == ["alpha", "beta\r", "gamma é", "last"]
    assert session.user.environment.stats.get("/lines", "GET").num_requests == 1


def test_a_proxy_gets_absolute_urls(recorder: RecordingServer, make_session: MakeSession) -> None:
    wires = []
    for http_engine in (True, False):
        proxy = {"proxy_host": "127.0.0.1", "proxy_port": recorder.ports[1]}
        session = make_session("fast", "http://site.example:8080", http_engine, **proxy)
        recorder.drain()
        assert session.get("/json").status_code == 200
        assert session.get("/json").status_code == 200
        assert session.post("/text", json={"a": 1}).text == "grüße"
        wires.append(recorder.wire())
        session.client.close()
    assert wires[0] == wires[1]
    assert wires[0][0].startswith("GET http://site.example:8080/json HTTP/1.1")


def test_many_users_keep_the_compact_form_of_attributes(recorder: RecordingServer) -> None:
    """CPython gives it up for good when somebody asks for an object's dictionary, or adds attributes late."""

    class Shopper(FastHttpUser):
        host = recorder.url

        @task
        def buy(self) -> None:
            self.client.get("/json")
            self.stop()

    environment = Environment(user_classes=[Shopper])
    environment.events.request.add_listener(environment.stats.recorder)
    users = [Shopper(environment) for _ in range(64)]
    group = Group()
    for user in users:
        user.start(group)
    group.join()
    assert environment.stats.total.num_requests == 64
    own = {"_state", "_user", "_is_stale"}
    for user in users:
        for thing in (user, user.client, user._taskset_instance):
            held = [one for one in gc.get_referents(thing) if isinstance(one, dict) and not own.isdisjoint(one)]
            assert not held, f"{type(thing).__name__} keeps its attributes in a dictionary"
