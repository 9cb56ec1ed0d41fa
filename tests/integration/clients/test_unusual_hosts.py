"""Hosts, ports and credentials that are not as usual: both clients do what their library does with them."""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from typing import Any

import gevent.socket
import pytest

from recorder.harness import RecordingServer

MakeSession = Callable[..., Any]

pytestmark = pytest.mark.filterwarnings("ignore:Unverified HTTPS request")

# PORT is that of the recording server.
HOSTS = [
    "http://bücher.test:PORT",
    "http://xn--bcher-kva.test:PORT",
    "http://BÜCHER.test:PORT",
    "http://ⅰ.invalid:1",
    "http://ß.invalid:1",
    "http://１２７.0.0.1:PORT",
    "http://user:secret@localhost:PORT",
    "http://user@localhost:PORT",
    "http://user:p@ss@localhost:PORT",
    "http://ümlaut@localhost:PORT",
    "http://127.0.0.1:0",
    "http://127.0.0.1:99999",
    "https://127.0.0.1:99999",
    "http://127.0.0.1:-1",
    "http://127.0.0.1:x",
    "http://127.0.0.1:+80",
    "http://127.0.0.1: 80",
    "http://127.0.0.1:00PORT",
    "http://a_b.invalid:1",
    "https://a_b.invalid:1",
    "http://LOCALHOST:PORT",
    "HTTP://localhost:PORT",
    "http://localhost.:PORT",
    "http://[::1%lo]:1",
    "http://[fe80::1%25lo]:1",
    "http://[::1",
    "http://[v1.x]:1",
    "http://*.x.invalid:1",
    "http://.a.invalid:1",
    "http://-a.invalid:1",
    "http://a b.invalid:1",
    "http://a\tb.invalid:1",
    "http://a%zz.invalid:1",
    "http://\\x.invalid:1",
    "http://127.1:PORT",
    "http://127.0.0.1:PORT?x=1",
    "http://127.0.0.1:PORT#f",
    "http://127.0.0.1:PORT/base/",
    "http://",
    "http:///x",
    "",
]


@pytest.fixture(autouse=True)
def resolver(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sends the test's international name to this machine, and lets no other name leave it."""
    resolve = socket.getaddrinfo

    def local(host: Any, *rest: Any, **kwargs: Any) -> Any:
        name = host.decode("ascii") if isinstance(host, bytes) else host
        if name and name.encode("idna").lower() == b"xn--bcher-kva.test":
            return resolve("127.0.0.1", *rest, **kwargs)
        if name and name.endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return resolve(host, *rest, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", local)
    monkeypatch.setattr(gevent.socket, "getaddrinfo", local)


def told(call: Callable[[], Any], recorder: RecordingServer) -> Any:
    """What the user gets and what the server got."""
    try:
        response = call()
        error = getattr(response, "error", None)
        result: Any = (response.status_code, re.sub(" at 0x[0-9a-f]+", "", repr(error)))
    except Exception as error:  # a mistake in the URL is the task's
        result = (type(error).__name__, str(error))
    return result, recorder.wire()


@pytest.mark.parametrize("place", ["host", "call"])
@pytest.mark.parametrize("host", HOSTS, ids=ascii)
@pytest.mark.parametrize("kind", ["http", "fast"])
def test_both_ways_do_the_same_with_a_host(
    kind: str, host: str, place: str, recorder: RecordingServer, make_session: MakeSession
) -> None:
    host = host.replace("PORT", str(recorder.ports[0]))
    results = []
    for http_engine in (True, False):
        events: list[tuple[Any, ...]] = []

        def calls(events: list[Any] = events, http_engine: bool = http_engine) -> Any:
            session = make_session(kind, host if place == "host" else recorder.url, http_engine)
            session.request_event.add_listener(
                lambda **event: events.append((event["name"], event["url"], type(event["exception"]).__name__))
            )
            try:
                session.get("/json" if place == "host" else f"{host}/json")
                return session.get("/json" if place == "host" else f"{host}/json", headers={"X-Own": "1"})
            finally:
                (session.client.clientpool if kind == "fast" else session).close()

        results.append((told(calls, recorder), events))
    assert results[0] == results[1]


@pytest.mark.parametrize("kind", ["http", "fast"])
def test_an_international_host_is_reached(kind: str, recorder: RecordingServer, make_session: MakeSession) -> None:
    session = make_session(kind, f"http://bücher.test:{recorder.ports[0]}")
    assert session.get("/json").status_code == 200
    (session.client.clientpool if kind == "fast" else session).close()
    host = {"http": "xn--bcher-kva.test", "fast": "bücher.test"}[kind]
    assert f"host: {host}:port0\r\n" in recorder.wire()[0].lower()
