"""Whatever part of the libraries is replaced: existing sessions notice at once, and notice when it is undone."""

from __future__ import annotations

import copy
import functools
import gc
import itertools
import operator
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FunctionType, ModuleType
from typing import Any

import gevent
import pytest

from locust_rs.http.common.parts import Part
from locust_rs.http.fast import replaced
from locust_rs.http.fast.session import FastHttpSession
from locust_rs.http.requests import untouched
from locust_rs.http.requests.session import HttpSession
from recorder.harness import RecordingServer

MakeSession = Callable[..., Any]
ORIGINALS = {"http": untouched.ORIGINALS, "fast": replaced.ORIGINALS}
VITAL = frozenset(["__init__", "__getattribute__", "__getattr__", "__setattr__", "__delattr__"])
"""Not replaced in classes that inherit them: Python keeps looking them up in another way afterwards."""


def owners() -> Iterator[Any]:
    """The modules and classes of each client's parts."""
    for kind, originals in ORIGINALS.items():
        for owner, parts in itertools.groupby(originals.parts, operator.attrgetter("owner")):
            yield pytest.param(kind, list(parts), id=f"{kind}-{owner}")


def another(value: Any) -> Any:
    """Something else than `value` that does the same."""
    if isinstance(value, FunctionType):
        return functools.wraps(value)(lambda *args, **kwargs: value(*args, **kwargs))
    if isinstance(value, (staticmethod, classmethod)):
        return type(value)(another(value.__func__))
    if isinstance(value, property):
        return property(value.fget, value.fset, value.fdel)
    if isinstance(value, bool):
        return int(value)
    if type(value) in (int, float, str, bytes, tuple, frozenset):
        return type("Other", (type(value),), {})(value)
    if isinstance(value, ModuleType):
        other = ModuleType(value.__name__)
        other.__dict__.update(vars(value))
        return other
    if isinstance(value, type):
        try:
            return type(value)(value.__name__, (value,), {})
        except (TypeError, AttributeError):
            return object()  # a class that has no subclasses
    try:
        other = copy.copy(value)
    except TypeError:
        return object()
    return object() if other is value or other == value else other


@contextmanager
def replaced_part(part: Part) -> Iterator[None]:
    """Replaces a part as recipes do."""
    owner = part.holder
    if part.is_inherited:
        inherited = getattr(owner, part.name)
        setattr(owner, part.name, another(inherited) if isinstance(inherited, FunctionType) else inherited)
    else:
        setattr(owner, part.name, another(part.value))
    try:
        yield
    finally:
        if part.is_inherited:
            delattr(owner, part.name)
        else:
            setattr(owner, part.name, part.value)


def goes_by_engine(session: Any) -> bool:
    """Whether the next plain GET does; a library that fails with the replacement has been asked."""
    try:
        with gevent.Timeout(10):
            return hasattr(session.get("/json"), "timings_ms")
    except Exception:
        return False


@pytest.mark.filterwarnings("ignore")  # of the libraries, about what they are given here
@pytest.mark.parametrize(("kind", "parts"), list(owners()))
def test_each_part_is_missed_when_it_is_another_one(
    kind: str, parts: list[Part], recorder: RecordingServer, make_session: MakeSession
) -> None:
    session = make_session(kind, recorder.url)
    assert goes_by_engine(session), str(ORIGINALS[kind].touched)
    unnoticed, lost = [], []
    for part in parts:
        if part.is_inherited and part.name in VITAL:
            continue
        with replaced_part(part):
            if goes_by_engine(session):
                unnoticed.append(part.name)
        if not goes_by_engine(session):
            lost.append(f"{part.name}: {ORIGINALS[kind].touched}")
    assert (unnoticed, lost) == ([], [])
    (session if kind == "http" else session.client.clientpool).close()
    del session
    gc.collect()  # what a library left open when it failed


@pytest.mark.parametrize("kind", ORIGINALS)
def test_requests_change_no_part(kind: str, recorder: RecordingServer, make_session: MakeSession) -> None:
    by_library, by_engine = make_session(kind, recorder.url, False), make_session(kind, recorder.url)
    calls = [
        lambda session: session.get("/json").text,
        lambda session: session.post("/json", json={"a": "ä"}).json(),
        lambda session: session.get("/redirect", params={"a": "b"}),
        lambda session: session.get("/cookie"),
    ]
    for _ in range(3):  # urllib3 chooses how it waits for a socket when it uses one again
        before = ORIGINALS[kind].watch.version()
        for call, session in itertools.product(calls, (by_library, by_engine)):
            call(session)
    assert ORIGINALS[kind].watch.version() == before
    for session in (by_library, by_engine):
        (session if kind == "http" else session.client.clientpool).close()


@pytest.mark.parametrize(
    ("kind", "session_class"), [("http", HttpSession), ("fast", FastHttpSession)], ids=["http", "fast"]
)
@pytest.mark.parametrize("made", ["before", "after"])
def test_a_request_method_of_ones_own_gets_plain_gets_too(
    kind: str,
    session_class: Any,
    made: str,
    recorder: RecordingServer,
    make_session: MakeSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    original, seen = session_class.request, []

    def request(self: Any, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        seen.append((method, url))
        return original(self, method, url, *args, **kwargs)

    session = make_session(kind, recorder.url)
    if made == "before":
        session.get("/json")
    monkeypatch.setattr(session_class, "request", request)
    if made == "after":
        session = make_session(kind, recorder.url)
    session.get("/json")
    session.get("/json")
    assert seen == [("GET", "/json")] * 2
    monkeypatch.undo()
    assert goes_by_engine(session)
    assert seen == [("GET", "/json")] * 2
