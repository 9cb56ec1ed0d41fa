"""What users change on a session between requests is in the next request, either way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from recorder.harness import RecordingServer

Steps = Callable[[Any], Any]


def edit_cookie(session: Any) -> None:
    session.get("/cookie")
    session.get("/json")
    jar = session.cookies if hasattr(session, "cookies") else session.cookiejar
    for cookie in jar:
        cookie.value = "edited"
    jar.set_cookie(next(iter(jar)))
    session.get("/json")


def remove_cookies(session: Any) -> None:
    session.get("/cookie")
    session.get("/json")
    (session.cookies if hasattr(session, "cookies") else session.cookiejar).clear()
    session.get("/json")


def expire_cookie(session: Any) -> None:
    session.get("/cookie")
    session.get("/cookie-expire")
    session.get("/json")


def move(session: Any) -> None:
    session.get("/json")
    session.base_url += "/api"
    session.get("/json")
    session.get("/json")


def name(session: Any) -> None:
    session.get("/json")
    session.request_name = "named"
    session.get("/json")
    session.request_name = None
    session.get("/json")
    with session.rename_request("in the block"):
        session.get("/json")
        with session.rename_request("deeper"):
            session.get("/json")
        session.get("/json")
    session.get("/json")


BOTH: dict[str, Steps] = {
    "edit a cookie": edit_cookie,
    "remove cookies": remove_cookies,
    "expire a cookie": expire_cookie,
    "change the base URL": move,
    "name requests": name,
}


def changed_headers(session: Any) -> None:
    for change in (
        lambda: session.headers.update({"X-A": "1"}),
        lambda: session.headers.update({"x-a": "2"}),
        lambda: session.headers.pop("X-A"),
        lambda: session.headers.__setitem__("Accept", "text/plain"),
        lambda: setattr(session, "headers", {"User-Agent": "u", "Accept-Encoding": "gzip"}),
        lambda: session.headers.update({"Late": "1"}),
    ):
        session.get("/json")
        change()
        session.get("/json")
        session.post("/json", json={"a": 1})


def changed_auth(session: Any) -> None:
    session.get("/json")
    session.auth = ("user", "password")
    session.get("/json")
    session.get("/cookie")
    session.get("/json")
    session.auth = None
    session.get("/json")


def set_cookies(session: Any) -> None:
    session.cookies.set("a", "1")
    session.get("/json")
    session.cookies["b"] = "2"
    session.get("/json")
    session.cookies.update({"a": "3"})
    session.get("/json")
    del session.cookies["b"]
    session.get("/json")
    session.cookies.set("p", "1", path="/deep")
    session.get("/json")
    session.get("/deep/er")


def replaced_jar(session: Any) -> None:
    from requests.cookies import cookiejar_from_dict

    session.get("/cookie")
    session.cookies = cookiejar_from_dict({"own": "jar"})
    session.get("/json")
    session.cookies.set("more", "1")
    session.get("/json")
    session.get("/cookie")
    session.get("/json")


HTTP: dict[str, Steps] = {
    "headers": changed_headers,
    "auth": changed_auth,
    "cookies": set_cookies,
    "another jar": replaced_jar,
}


def agent_settings(session: Any) -> None:
    session.get("/json")
    session.client.default_headers["X-Agent"] = "1"
    session.get("/json")
    agent = session.client
    session.get("/json")
    agent.default_headers["X-Agent"] = "2"
    session.get("/json")
    agent.max_redirects = 0
    session.get("/redirect")
    agent.cookiejar = None
    session.get("/cookie")
    session.get("/json")


def auth_header(session: Any) -> None:
    session.get("/json")
    session.auth_header = "Bearer token"
    session.get("/json")
    session.post("/json", json={})
    session.auth_header = None
    session.get("/json")


def test_a_setting_changed_after_an_unusual_url_is_in_the_next_request(
    recorder: RecordingServer, make_session: Callable[..., Any]
) -> None:
    session = make_session("http", recorder.url)
    seen: list[Any] = []

    def look(_response: Any, **settings: Any) -> None:
        seen.append(settings["verify"])

    session.get("/json?a b", hooks={"response": look})  # finds its route by the settings of the session
    session.verify = False
    session.get("/json", hooks={"response": look})
    session.get("/json?a b", hooks={"response": look})
    session.close()
    assert seen == [True, False, False]


def test_a_session_has_no_jar_before_its_first_cookie(
    recorder: RecordingServer, make_session: Callable[..., Any]
) -> None:
    session = make_session("fast", recorder.url)
    session.get("/json")
    assert session._own_cookiejar is None
    session.get("/cookie")
    recorder.drain()
    session.get("/json")
    (wire,) = recorder.wire()
    assert "Cookie: session=abc; theme=dark\r\n" in wire


FAST: dict[str, Steps] = {"agent": agent_settings, "auth_header": auth_header}


@pytest.mark.parametrize(
    ("kind", "steps"),
    [
        pytest.param(kind, steps, id=f"{kind}-{name}")
        for kind, table in (("http", BOTH | HTTP), ("fast", BOTH | FAST))
        for name, steps in table.items()
    ],
)
def test_changes_are_in_the_next_request(
    kind: str, steps: Steps, recorder: RecordingServer, make_session: Callable[..., Any]
) -> None:
    wires, names = [], []
    recorder.drain()
    for http_engine in (True, False):
        session = make_session(kind, recorder.url, http_engine)
        steps(session)
        names.append(sorted(session.user.environment.stats.entries))
        wires.append(recorder.wire())
        (session if kind == "http" else session.client).close()
    assert wires[0] == wires[1]
    assert names[0] == names[1]
    assert len(wires[0]) > 1


def test_closing_the_pool_makes_a_new_connection(recorder: RecordingServer, make_session: Callable[..., Any]) -> None:
    session = make_session("fast", recorder.url)
    recorder.drain()
    for _ in range(2):
        session.get("/")
        session.get("/")
        session.client.clientpool.close()
    connections = [record["connection"] for record in recorder.drain()]
    assert connections[0] == connections[1] != connections[2] == connections[3]


def test_closing_an_http_session_makes_a_new_connection(
    recorder: RecordingServer, make_session: Callable[..., Any]
) -> None:
    session = make_session("http", recorder.url)
    recorder.drain()
    for _ in range(2):
        session.get("/")
        session.get("/")
        session.close()
    connections = [record["connection"] for record in recorder.drain()]
    assert connections[0] == connections[1] != connections[2] == connections[3]
