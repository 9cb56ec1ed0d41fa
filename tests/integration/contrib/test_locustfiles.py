"""The locustfiles of docs/websocket.md and examples/, run as they stand against a real server."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from locust_rs.env import Environment
from locust_rs.user.base import User
from websocket_server import WebSocketServer

ROOT = Path(__file__).resolve().parents[3]


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
    ("source", "expected"),
    [
        pytest.param(documented("websocket.md", 0), {("WSConnect", "shop"), ("WSRoundTrip", "price")}, id="calls"),
        pytest.param(
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
            (ROOT / "examples" / "websocket_calls.py").read_text(),
            {
                ("WSConnect", "rpc"),
                ("WSRoundTrip", "price"),
                ("WSConnect", "news"),
                ("WSReceive", "news"),
            },
            id="the example",
        ),
    ],
)
def test_locustfile_runs_as_it_stands(
    shared_server: WebSocketServer, source: str, expected: set[tuple[str, str]], until: Any
) -> None:
    seen: set[tuple[str, str]] = set()
    failures: list[Any] = []

    def note(request_type: str, name: str, exception: Any, **_: Any) -> None:
        seen.add((request_type, name))
        if exception is not None:
            failures.append((request_type, name, exception))

    environment = Environment(user_classes=user_classes(source), host=shared_server.url)
    environment.events.request.add_listener(note)
    environment.events.user_error.add_listener(lambda exception, **_: failures.append(exception))
    runner = environment.create_local_runner()
    runner.start(10, spawn_rate=10)
    until(lambda: seen >= expected, lambda: f"{expected - seen}", hopeless=lambda: bool(failures))
    runner.stop()
    assert runner.user_count == 0
    assert (seen, failures) == (expected, [])
