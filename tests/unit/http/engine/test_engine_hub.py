"""The engine of a hub, names that are resolved once, and the switch that turns it all off."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import gevent
import pytest

from locust_rs import _core, engine
from locust_rs._tunables import engine as tunables
from locust_rs.http.engine import client, errors, hub


def test_one_engine_serves_all_greenlets_of_a_hub() -> None:
    mine = hub.current_engine()
    assert gevent.spawn(hub.current_engine).get() is mine
    assert gevent.get_hub().threadpool.apply(hub.current_engine) is not mine


@pytest.mark.parametrize(
    ("value", "expected"),
    [("", True), ("on", True), ("off", False), ("OFF ", False), ("0", False), ("no", False), ("false", False)],
)
def test_the_environment_switches_the_engine_off(value: str, expected: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCUST_HTTP_ENGINE", value)
    assert engine.enabled() is expected
    assert _core.http_engine_available()


@pytest.fixture
def lookups(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Counts the calls of the resolver, which knows two addresses of each name, one of them twice."""
    calls: list[Any] = []

    def getaddrinfo(host: str, port: int, *_arguments: object) -> list[Any]:
        calls.append((host, port))
        pairs = [("::1", port, 0, 0), ("127.0.0.1", port), ("127.0.0.1", port)]
        return [(None, None, None, "", pair) for pair in pairs]

    monkeypatch.setattr(client.socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(client, "_OWN_RESOLVERS", (*client._OWN_RESOLVERS, getaddrinfo))
    monkeypatch.setattr(client, "_resolved", {})
    return calls


def test_addresses_keep_the_resolvers_order(lookups: list[Any]) -> None:
    assert client.resolve("two.example", 80) == [("::1", 80), ("127.0.0.1", 80)]
    assert lookups == [("two.example", 80)]


def test_names_are_remembered_for_a_while(lookups: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    client.resolve("a.example", 80)
    client.resolve("a.example", 80)
    client.resolve("a.example", 81)
    assert len(lookups) == 2
    monkeypatch.setattr(tunables, "RESOLVED_NAME_CACHE_SEC", 0.0)
    client.resolve("b.example", 80)
    client.resolve("b.example", 80)
    assert len(lookups) == 4


def test_a_resolver_somebody_put_in_is_always_asked(lookups: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_OWN_RESOLVERS", ())
    client.resolve("a.example", 80)
    client.resolve("a.example", 80)
    assert len(lookups) == 2


def test_few_names_are_remembered(lookups: list[Any]) -> None:
    for number in range(2500):
        client.resolve(f"n{number}.example", 80)
    assert len(client._resolved) <= client._MOST_NAMES


@pytest.mark.parametrize(
    ("raised", "caught"),
    [
        (errors.ConnectTimeout, TimeoutError),
        (errors.NetworkTimeout, TimeoutError),
        (errors.ServerClosed, ConnectionError),
        (errors.TlsError, OSError),
        (errors.CertificateError, OSError),
        (errors.ProxyError, OSError),
    ],
)
def test_errors_are_caught_by_what_python_calls_them(raised: type[Exception], caught: type[Exception]) -> None:
    assert issubclass(raised, caught)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"base_url": "relative"}, "not an http"),
        ({"base_url": "http://"}, "not valid"),
        ({"source_address": ("nonsense", 0)}, "not an IP address"),
        ({"headers": [("a b", "c")]}, "not a valid header name"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        client.make_client(**settings)


@pytest.mark.parametrize("name", ["HttpClient", "HttpEngine", "HttpResponse", "HttpTls"])
def test_the_stub_names_what_the_module_has(name: str) -> None:
    stub = ast.parse(Path(_core.__file__).with_name("_core.pyi").read_text())
    described = next(node for node in stub.body if isinstance(node, ast.ClassDef) and node.name == name)
    names = {node.name for node in described.body if isinstance(node, ast.FunctionDef)} - {"__new__", "__init__"}
    public = {attribute for attribute in vars(getattr(_core, name)) if not attribute.startswith("_")}
    assert names == public


def test_the_hub_is_told_only_while_somebody_waits() -> None:
    told: list[Any] = []
    core = _core.HttpEngine(gevent.get_hub(), told.append, told.append, lambda: told.append("soon"))
    core.dispatch()
    core.expire()
    assert told == []
    core.close()
    core.close()
    assert (core.open_connections, core.waiting_requests) == (0, 0)
