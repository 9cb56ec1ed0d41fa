"""An Environment that records requests, and real servers."""

from __future__ import annotations

from typing import Any

import pytest

from locust_rs.env import Environment
from real_servers import broker_port, postgres_url

__all__ = ["broker_port", "postgres_url"]


@pytest.fixture
def environment() -> Environment:
    return Environment()


@pytest.fixture
def requests(environment: Environment) -> list[dict[str, Any]]:
    """The arguments of every `request` event, in order."""
    fired: list[dict[str, Any]] = []
    environment.events.request.add_listener(lambda **kwargs: fired.append(kwargs))
    return fired
