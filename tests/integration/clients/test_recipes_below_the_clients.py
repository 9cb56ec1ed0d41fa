"""Recipes that replace something below requests and geventhttpclient take effect: names, sockets, options, tracers."""

from __future__ import annotations

import functools
import http.client
import socket
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import gevent.socket
import pytest
import requests
import urllib3.connection
import urllib3.util.connection
from geventhttpclient.client import HTTPClient
from geventhttpclient.connectionpool import ConnectionPool
from requests.adapters import HTTPAdapter

from locust_rs.clients import HttpSession
from recorder.harness import RecordingServer

MakeSession = Callable[..., Any]
Connection = urllib3.connection.HTTPConnection


@pytest.fixture
def calls() -> list[str]:
    """What was called."""
    return []


def watched(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, calls: list[str]) -> None:
    """Replaces a function by one that tells when it is called; wrapped as tracers wrap."""
    original = getattr(owner, name)

    @functools.wraps(original)
    def telling(*args: Any, **kwargs: Any) -> Any:
        calls.append(name)
        return original(*args, **kwargs)

    monkeypatch.setattr(owner, name, telling)


@pytest.mark.parametrize("module", [socket, gevent.socket], ids=["socket", "gevent.socket"])
@pytest.mark.parametrize("kind", ["http", "fast"])
def test_a_resolver_of_ones_own(
    kind: str, module: Any, recorder: RecordingServer, make_session: MakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, asked = module.getaddrinfo, []

    def elsewhere(host: str, *args: Any, **kwargs: Any) -> Any:
        asked.append(host)
        return original("127.0.0.1", *args, **kwargs)

    monkeypatch.setattr(module, "getaddrinfo", elsewhere)
    port = recorder.url.rpartition(":")[2]
    for host in ("shop.test", "shop.test"):
        session = make_session(kind, f"http://{host}:{port}")
        response = session.get("/json", headers={"Connection": "close"})
        assert response.status_code == 200
        assert hasattr(response, "timings_ms")
    assert asked == ["shop.test"] * 2


@pytest.mark.parametrize(
    ("kind", "owner", "name"),
    [
        ("http", urllib3.util.connection, "create_connection"),
        ("http", urllib3.util.connection, "allowed_gai_family"),
        ("http", HTTPAdapter, "build_response"),
        ("http", Connection, "connect"),
        ("http", Connection, "request"),
        ("http", http.client.HTTPConnection, "putheader"),
        ("fast", HTTPClient, "request"),
        ("fast", ConnectionPool, "_create_tcp_socket"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_a_wrapped_step_is_taken(
    kind: str,
    owner: Any,
    name: str,
    recorder: RecordingServer,
    make_session: MakeSession,
    monkeypatch: pytest.MonkeyPatch,
    calls: list[str],
) -> None:
    watched(monkeypatch, owner, name, calls)
    session = make_session(kind, recorder.url)
    assert session.get("/json").status_code == 200
    assert name in calls
    (session.client.clientpool if kind == "fast" else session).close()


def test_options_of_sockets(
    recorder: RecordingServer, make_session: MakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_alive = [*Connection.default_socket_options, (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]
    monkeypatch.setattr(Connection, "default_socket_options", keep_alive)
    session = make_session("http", recorder.url)
    assert not hasattr(session.get("/json"), "timings_ms")
    session.close()


def test_sockets_of_another_kind(
    recorder: RecordingServer, make_session: MakeSession, monkeypatch: pytest.MonkeyPatch, calls: list[str]
) -> None:
    class Tunnel(socket.socket):
        def connect(self, address: Any) -> None:
            calls.append("connect")
            super().connect(address)

    monkeypatch.setattr(socket, "socket", Tunnel)
    session = make_session("http", recorder.url)
    assert session.get("/json").status_code == 200
    assert calls == ["connect"]
    session.close()


def other_socket_options(_: Any) -> None:
    Connection.default_socket_options += [(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)]


def other_json(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(requests.models, "complexjson", SimpleNamespace(dumps=lambda *_a, **_k: '{"a":"patched"}'))


def other_url(patch: pytest.MonkeyPatch) -> None:
    original = requests.models.PreparedRequest.prepare_url

    def prepare_url(self: Any, url: Any, params: Any) -> None:
        original(self, url, params)
        self.url += "?patched"

    patch.setattr(requests.models.PreparedRequest, "prepare_url", prepare_url)


def http_1_0(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(http.client.HTTPConnection, "_http_vsn", 10)
    patch.setattr(http.client.HTTPConnection, "_http_vsn_str", "HTTP/1.0")


def no_ipv6(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(urllib3.util.connection, "HAS_IPV6", not urllib3.util.connection.HAS_IPV6)


def ipv4_only(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(urllib3.util.connection, "allowed_gai_family", lambda: socket.AF_INET)


def other_base(patch: pytest.MonkeyPatch) -> None:
    original = HttpSession._build_url
    patch.setattr(HttpSession, "_build_url", lambda self, path: original(self, path) + "?patched")


def keeps_credentials(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(requests.Session, "should_strip_auth", lambda *_: False)


WIRE = {
    other_socket_options: b"",
    other_json: b'{"a":"patched"}',
    other_url: b"/json?patched",
    http_1_0: b"HTTP/1.0",
    no_ipv6: b"",
    ipv4_only: b"",
    other_base: b"/json?patched",
    keeps_credentials: b"",
}
"""Recipe → what the server sees of it."""


@pytest.mark.parametrize(("recipe", "seen"), WIRE.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_recipes_count_in_mid_run_until_they_are_undone(
    recipe: Any, seen: bytes, recorder: RecordingServer, make_session: MakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = make_session("http", recorder.url)
    assert hasattr(session.get("/json"), "timings_ms")
    options = list(Connection.default_socket_options)
    recorder.drain()
    try:
        recipe(monkeypatch)
        assert not hasattr(session.post("/json", json={"a": 1}), "timings_ms")
    finally:
        Connection.default_socket_options[:] = options
        monkeypatch.undo()
    assert seen.decode() in recorder.wire()[0]
    assert hasattr(session.get("/json"), "timings_ms")
    session.close()
