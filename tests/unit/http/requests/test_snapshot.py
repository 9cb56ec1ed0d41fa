"""`Snapshot`: every change of a session, of its containers or of the library below it is noticed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from requests.auth import HTTPBasicAuth

from locust_rs import _core
from locust_rs.clients import HttpSession
from locust_rs.event import EventHook
from locust_rs.http.common import tls_origins
from locust_rs.http.requests.snapshot import snapshot_of

LOG = logging.getLogger("urllib3.connectionpool")


def session_with_everything(kind: type[HttpSession] = HttpSession) -> HttpSession:
    session = kind("http://host", EventHook(), None)
    session.auth = HTTPBasicAuth("user", "password")
    for name in ("headers", "params", "hooks", "proxies", "cookies", "adapters"):
        getattr(session, name)  # made when it is first asked for
    LOG.isEnabledFor(logging.DEBUG)
    return session


CHANGES: dict[str, Callable[[Any], Any]] = {
    "attribute": lambda session: setattr(session, "verify", False),
    "new attribute": lambda session: setattr(session, "send", print),
    "header": lambda session: session.headers.update({"X-Tenant": "one"}),
    "header's value": lambda session: session.headers.update({"User-Agent": "other"}),
    "header removed": lambda session: session.headers.pop("Accept"),
    "other headers": lambda session: setattr(session, "headers", {}),
    "parameter": lambda session: session.params.update(page=1),
    "proxy": lambda session: session.proxies.update(http="http://proxy"),
    "hook": lambda session: session.hooks["response"].append(print),
    "password": lambda session: setattr(session.auth, "password", "other"),
    "adapter": lambda session: session.mount("http://other", session.adapters["http://"]),
    "retries": lambda session: setattr(session.adapters["http://"], "max_retries", 3),
    "origin": lambda _: tls_origins.VERSION.__setitem__(0, tls_origins.VERSION[0] + 1000),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_is_noticed(change: Callable[[Any], Any]) -> None:
    session = session_with_everything()
    snapshot = snapshot_of(session)
    assert snapshot is not None
    assert snapshot.holds()
    change(session)
    assert not snapshot.holds()


@pytest.mark.parametrize("name", ["request", "_send_request_safe_mode"])
def test_a_method_of_the_class_is_looked_at(name: str) -> None:
    class Own(HttpSession):
        pass

    snapshot = snapshot_of(session_with_everything(Own))
    assert snapshot is not None
    assert snapshot.holds()
    setattr(Own, name, print)
    assert not snapshot.holds()


def test_the_log_of_urllib3_is_looked_at() -> None:
    snapshot = snapshot_of(session_with_everything())
    assert snapshot is not None
    before = LOG.level
    LOG.setLevel(logging.DEBUG)
    try:
        assert not snapshot.holds()
    finally:
        LOG.setLevel(before)


def test_names_of_requests_are_no_change() -> None:
    session = session_with_everything()
    session.request_name = session.explicit_name = None
    snapshot = snapshot_of(session)
    assert snapshot is not None
    with session.rename_request("other"):
        assert snapshot.holds()


def test_a_property_in_place_of_a_setting_is_asked_every_time() -> None:
    class Own(HttpSession):
        @property
        def headers(self) -> Any:
            return {"Authorization": "changing"}

        @headers.setter
        def headers(self, value: Any) -> None:
            pass

    assert snapshot_of(session_with_everything(Own)) is None


def test_header_lines_are_checked_once() -> None:
    lines = _core.HeaderLines([("A", "b")])
    assert lines.block == _core.HeaderLines(b"A: b\r\n").block == b"A: b\r\n"
    with pytest.raises(ValueError, match="line break"):
        _core.HeaderLines([("A", "b\r\nC: d")])
