"""An Environment whose requests are recorded, and users on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from locust_rs.contrib.websocket import WebSocketUser
from locust_rs.env import Environment
from websocket_server import WebSocketServer, websocket_server


@pytest.fixture
def environment() -> Environment:
    return Environment()


@pytest.fixture
def requests(environment: Environment) -> list[dict[str, Any]]:
    """The arguments of every `request` event, in order."""
    fired: list[dict[str, Any]] = []
    environment.events.request.add_listener(lambda **kwargs: fired.append(kwargs))
    return fired


@pytest.fixture(scope="module")
def shared_server() -> Iterator[WebSocketServer]:
    """A server for the tests that leave it alive."""
    with websocket_server() as server:
        yield server


@pytest.fixture
def make_user(environment: Environment) -> Iterator[Callable[..., WebSocketUser]]:
    """Makes a user with a host and attributes; it is closed in the end."""
    users: list[WebSocketUser] = []

    def made(host: str, **attributes: Any) -> WebSocketUser:
        user: WebSocketUser = type("Talker", (WebSocketUser,), {"host": host, **attributes})(environment)
        users.append(user)
        return user

    yield made
    for user in users:
        user.client.abandon()
