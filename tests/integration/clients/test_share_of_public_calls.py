"""How many of the calls in public locustfiles stay on the engine, weighted by how often people write them.

The shares are those of a survey of 1,123 client calls in 213 files of 159 public repositories, counted by keyword and
header. A call may have several forms, so a form that leaves the engine costs its share at most.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from recorder.harness import RecordingServer

MakeSession = Callable[..., Any]


def mounted(session: Any) -> Any:
    session.mount("http://", HTTPAdapter(max_retries=Retry(3, status_forcelist=[502])))
    return session.get("/")


def caught(session: Any) -> Any:
    with session.post("/json", json={"a": 1}, catch_response=True) as response:
        response.success()
    return response


def hand_framed(session: Any) -> Any:
    return session.post("/", data=iter([b"x"]), headers={"Transfer-Encoding": "chunked"})


HTTP: dict[str, tuple[float, Callable[[Any], Any]]] = {
    "headers": (37.0, lambda s: s.get("/", headers={"Content-Type": "application/json", "X-Tenant": "one"})),
    "Authorization in the call": (23.0, lambda s: s.get("/", headers={"Authorization": "Bearer x"})),
    "Authorization of the session": (5.0, lambda s: [s.headers.update(Authorization="Bearer x"), s.get("/")][1]),
    "headers that may be None": (2.0, lambda s: s.get("/", headers=None)),
    "a name": (35.0, lambda s: s.get("/", name="front page")),
    "catch_response": (27.0, caught),
    "json": (25.0, lambda s: s.post("/json", json={"a": 1})),
    "data": (8.0, lambda s: s.post("/json", data={"a": "1"})),
    "timeout": (6.0, lambda s: s.get("/", timeout=5)),
    "params": (5.0, lambda s: s.get("/", params={"page": 1})),
    "files": (2.0, lambda s: s.post("/json", files={"f": ("n.txt", b"x")})),
    "allow_redirects": (1.4, lambda s: s.get("/", allow_redirects=False)),
    "verify=False": (1.2, lambda s: s.get("/", verify=False)),
    "stream": (0.7, lambda s: s.get("/", stream=True)),
    "auth": (0.7, lambda s: s.get("/", auth=("a", "b"))),
    "mounted adapters": (1.0, mounted),
    "cookies set by hand": (1.4, lambda s: [s.cookies.set("a", "b"), s.get("/")][1]),
    "Host, Connection or Accept-Encoding": (0.1, lambda s: s.get("/", headers={"Host": "x", "Connection": "close"})),
    "Transfer-Encoding by hand": (0.1, hand_framed),
    "a body that is read while it is sent": (0.1, lambda s: s.post("/", data=io.BytesIO(b"x"))),
}
"""Form, per cent of all calls that have it, and such a call of HttpUser."""

FAST = {
    form: HTTP[form] for form in ("headers", "Authorization in the call", "a name", "json", "data", "params", "auth")
}


def leaves(response: Any) -> bool:
    assert response.status_code == 200
    return not hasattr(response, "timings_ms")


@pytest.mark.parametrize(("kind", "forms"), [("http", HTTP), ("fast", FAST)], ids=["HttpUser", "FastHttpUser"])
def test_at_least_99_per_cent_of_public_calls_stay_on_the_engine(
    kind: str, forms: dict[str, Any], recorder: RecordingServer, make_session: MakeSession
) -> None:
    left = {}
    for form, (share, call) in forms.items():
        session = make_session(kind, recorder.url)
        if leaves(call(session)):
            left[form] = share
        # What left the engine has a socket of the library's.
        (session if kind == "http" else session.client).close()
    assert sum(left.values()) <= 1.0, left
