"""The locustfiles of docs/ and examples/ for WebSockets and event streams, run as they stand against real servers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from locust_rs.env import Environment
from locust_rs.user.base import User

from .sse_server import StreamServer, stream_server

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def event_streams() -> Iterator[StreamServer]:
    """A server of event streams."""
    with stream_server() as server:
        yield server


def documented(page: str, number: int) -> str:
    """A Python block of a page."""
    blocks: list[str] = re.findall(r"^```python\n(.*?)^```", (ROOT / "docs" / page).read_text(), re.M | re.S)
    return blocks[number]


def user_classes(source: str) -> list[type[User]]:
    """The user classes of a locustfile."""
    names: dict[str, Any] = {"__name__": "locustfile"}
    exec(compile(source, "locustfile.py", "exec"), names)
    return [cls for cls in names.values() if isinstance(cls, type) and issubclass(cls, User) and not cls.abstract]


@pytest.mark.parametrize(
    ("server", "source", "expected"),
    [
        pytest.param(
            "shared_server",
            documented("websocket.md", 0),
            {("WSConnect", "shop"), ("WSRoundTrip", "price")},
            id="calls",
        ),
        pytest.param(
            "shared_server",
            documented("websocket.md", 1),
            {
                ("WSConnect", "feed"),
                ("WSReceive", "push"),
                ("WSConnect", "listener"),
                ("WSSend", "subscribe"),
                ("WSReceive", "listener"),
                ("WSRoundTrip", "question"),
                ("WSPing", "listener"),
            },
            id="pushes",
        ),
        pytest.param(
            "shared_server",
            (ROOT / "examples" / "websocket_calls.py").read_text(),
            {
                ("WSConnect", "rpc"),
                ("WSRoundTrip", "price"),
                ("WSConnect", "news"),
                ("WSReceive", "news"),
            },
            id="the example of WebSockets",
        ),
        pytest.param(
            "event_streams",
            documented("server-sent-events.md", 0),
            {("GET", "ticks"), ("SSEFirst", "ticks"), ("SSENext", "ticks")},
            id="events",
        ),
        pytest.param("event_streams", documented("server-sent-events.md", 1), {("GET", "plain")}, id="any stream"),
        pytest.param(
            "event_streams",
            (ROOT / "examples" / "event_stream.py").read_text(),
            {
                ("GET", "feed"),
                ("SSEFirst", "feed"),
                ("SSENext", "feed"),
                ("POST", "answer"),
                ("SSEFirst", "answer"),
                ("SSENext", "answer"),
            },
            id="the example of events",
        ),
    ],
)
def test_locustfile_runs_as_it_stands(
    request: pytest.FixtureRequest, server: str, source: str, expected: set[tuple[str, str]], until: Any
) -> None:
    seen: set[tuple[str, str]] = set()
    failures: list[Any] = []

    def note(request_type: str, name: str, exception: Any, **_: Any) -> None:
        seen.add((request_type, name))
        if exception is not None:
            failures.append((request_type, name, exception))

    environment = Environment(user_classes=user_classes(source), host=request.getfixturevalue(server).url)
    environment.events.request.add_listener(note)
    environment.events.user_error.add_listener(lambda exception, **_: failures.append(exception))
    runner = environment.create_local_runner()
    runner.start(10, spawn_rate=10)
    until(lambda: seen >= expected, lambda: f"{expected - seen}", hopeless=lambda: bool(failures))
    runner.stop()
    assert runner.user_count == 0
    assert (seen, failures) == (expected, [])
