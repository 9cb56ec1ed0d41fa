"""Each hop of a redirect carries the cookies that are in the jar at that moment, with either client and either way."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from recorder.harness import RecordingServer

OpenSession = Callable[..., Any]


@pytest.fixture
def open_session(make_session: Callable[..., Any], recorder: RecordingServer) -> Iterator[OpenSession]:
    """Makes sessions on the recording server and closes them."""
    with ExitStack() as opened:

        def open_one(kind: str, http_engine: bool) -> Any:
            session = make_session(kind, recorder.url, http_engine)
            opened.callback((session if kind == "http" else session.client).close)
            return session

        yield open_one


FAR = "expires=Fri, 31 Dec 2049 00:00:00 GMT; Max-Age=1209600; "
"""As web frameworks set a session cookie; without it, the cookie lives as long as the session."""


def answering(status: str, set_cookie: str, location: str = "") -> str:
    """A path that the recording server answers with a cookie and, if wanted, a redirect."""
    lines = [f"HTTP/1.1 {status}", "Content-Length: 0", f"Set-Cookie: {set_cookie}"]
    lines += [f"Location: {location}"] if location else []
    raw = "".join(f"{line}\r\n" for line in lines) + "\r\n"
    return "/raw/" + base64.urlsafe_b64encode(raw.encode()).decode()


def start(lasting: str) -> str:
    """The first visit, which gives out an anonymous cookie."""
    return answering("200 OK", f"sessionid=anon; {lasting}Path=/; HttpOnly")


def login(user: str, lasting: str, home: str = "/home") -> str:
    """A login, which rotates the cookie and sends to a page that was seen before."""
    return answering("302 Found", f"sessionid={user}; {lasting}Path=/; HttpOnly", home)


def logout(home: str = "/home") -> str:
    """A logout, which removes the cookie."""
    return answering("302 Found", 'sessionid=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/', home)


def hops(recorder: RecordingServer) -> list[tuple[str, str]]:
    """Method and Cookie header of every request since the last call."""
    found = []
    for raw in recorder.wire():
        cookie = re.search(r"(?im)^cookie: ([^\r]*)\r$", raw)
        found.append((raw.split(" ", 1)[0], cookie[1] if cookie else "-"))
    return found


@pytest.mark.parametrize("lasting", ["", FAR], ids=["of the session", "with an expiry"])
@pytest.mark.parametrize("http_engine", [True, False], ids=["engine", "library"])
@pytest.mark.parametrize("kind", ["http", "fast"])
def test_a_page_behind_a_login_is_asked_for_with_the_new_cookie(
    kind: str, http_engine: bool, lasting: str, recorder: RecordingServer, open_session: OpenSession
) -> None:
    session = open_session(kind, http_engine)
    recorder.drain()
    session.get(start(lasting))
    for _ in range(2):
        session.get("/home")
    assert hops(recorder) == [("GET", "-"), ("GET", "sessionid=anon"), ("GET", "sessionid=anon")]
    session.post(login("first", lasting), data={"u": "1"})
    session.get("/home")
    assert hops(recorder) == [("POST", "sessionid=anon"), ("GET", "sessionid=first"), ("GET", "sessionid=first")]
    session.post(login("second", lasting), json={"u": 1}, headers={"X-One": "1"})
    session.get("/home", params={"q": 1})
    assert hops(recorder) == [("POST", "sessionid=first"), ("GET", "sessionid=second"), ("GET", "sessionid=second")]
    session.get(logout())
    session.get("/home")
    assert hops(recorder) == [("GET", "sessionid=second"), ("GET", "-"), ("GET", "-")]


@pytest.mark.parametrize("http_engine", [True, False], ids=["engine", "library"])
@pytest.mark.parametrize("kind", ["http", "fast"])
def test_every_hop_of_a_chain_rotates_the_cookie(
    kind: str, http_engine: bool, recorder: RecordingServer, open_session: OpenSession
) -> None:
    session = open_session(kind, http_engine)
    session.get(start(FAR))
    session.get("/home")
    recorder.drain()
    second = login("second", FAR, logout("/home"))
    with session.post(login("first", FAR, second), data="x", catch_response=True) as response:
        assert response.url == recorder.url + "/home"
        assert len(response.history) == 3
    assert hops(recorder) == [
        ("POST", "sessionid=anon"),
        ("GET", "sessionid=first"),
        ("GET", "sessionid=second"),
        ("GET", "-"),
    ]


@pytest.mark.parametrize("http_engine", [True, False], ids=["engine", "library"])
@pytest.mark.parametrize("kind", ["http", "fast"])
def test_a_redirect_to_another_port_carries_the_new_cookie(
    kind: str, http_engine: bool, recorder: RecordingServer, open_session: OpenSession
) -> None:
    session = open_session(kind, http_engine)
    elsewhere = f"http://127.0.0.1:{recorder.ports[1]}/home"
    session.get(start(FAR))
    session.get(elsewhere)
    recorder.drain()
    session.post(login("first", FAR, elsewhere), data="x")
    assert hops(recorder) == [("POST", "sessionid=anon"), ("GET", "sessionid=first")]
