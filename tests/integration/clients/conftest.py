"""The recording server and sessions for either way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from locust_rs.clients import HttpSession
from locust_rs.contrib.fasthttp import FastHttpSession
from locust_rs.env import Environment
from recorder.harness import RecordingServer, recording_server


class SessionUser:
    """As much of a User as a session looks at."""

    def __init__(self, environment: Environment, http_engine: bool) -> None:
        self.environment = environment
        self.http_engine = http_engine

    def context(self) -> dict[str, Any]:
        """Nothing of its own."""
        return {}


@pytest.fixture(scope="module")
def recorder() -> Iterator[RecordingServer]:
    """A recording server for the tests of a file."""
    with recording_server() as server:
        yield server


@pytest.fixture
def make_session() -> Callable[..., Any]:
    """Makes a session of a kind on an environment whose built-in statistics listen."""
    return new_session


def new_session(kind: str, base_url: str, http_engine: bool = True, **kwargs: Any) -> Any:
    """A session as `HttpUser` or `FastHttpUser` would make it; `session.user.environment` has its statistics."""
    environment = Environment(user_classes=[])
    environment.events.request.add_listener(environment.stats.recorder)
    user = SessionUser(environment, http_engine)
    if kind == "fast":
        return FastHttpSession(base_url, environment.events.request, user, **kwargs)
    session = HttpSession(base_url, environment.events.request, user, **kwargs)
    session.trust_env = False
    return session
