"""The pytest plugin: fixtures that make a locustfile of test functions.

`session` and `fastsession` are HTTP clients like those of Locust's users. Locust runs the same functions as a load
test, and then creates the clients itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from locust_rs.clients import HttpSession
    from locust_rs.http.fast.session import FastHttpSession


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds `--host`."""
    parser.addoption(
        "--host",
        "-H",
        default=None,
        help="Base URL of the fixtures session and fastsession, in the following format: https://www.example.com",
    )


@pytest.fixture
def session(pytestconfig: pytest.Config) -> Iterator[HttpSession]:
    """An HttpSession: `requests.Session` with Locust's `catch_response`, `name` and `rename_request`."""
    # Importing the package patches the standard library, which must not happen unless a test uses the fixtures.
    from locust_rs.clients import HttpSession
    from locust_rs.event import EventHook

    client = HttpSession(base_url=pytestconfig.getoption("--host"), request_event=EventHook(), user=None)
    client.trust_env = False
    with client:
        yield client


@pytest.fixture
def fastsession(pytestconfig: pytest.Config) -> FastHttpSession:
    """A FastHttpSession, the client of FastHttpUser."""
    from locust_rs.event import EventHook
    from locust_rs.http.fast.session import FastHttpSession

    return FastHttpSession(base_url=pytestconfig.getoption("--host"), request_event=EventHook(), user=None)
