"""What a request of geventhttpclient's way goes through: subclasses, tracers and mocks replace parts of it."""

from __future__ import annotations

from typing import Any

from geventhttpclient.client import HTTPClient
from geventhttpclient.connectionpool import ConnectionPool

from locust_rs.http.common.untouched import are_replaced
from locust_rs.http.fast.agent import LocustUserAgent

STEPS = ("_build_url", "_send_request_safe_mode")
"""Methods of a session that every request goes through: replacing one takes the session that way."""


def machinery(kind: Any) -> tuple[Any, ...]:
    """The methods as they are now, for a class of sessions."""
    return (*(getattr(kind, name) for name in STEPS), LocustUserAgent.urlopen, LocustUserAgent._urlopen)


_FOUNDATIONS = (
    (HTTPClient, "request", "geventhttpclient.client"),
    (ConnectionPool, "get_socket", "geventhttpclient.connectionpool"),
    (ConnectionPool, "_create_tcp_socket", "geventhttpclient.connectionpool"),
    (ConnectionPool, "_resolve", "geventhttpclient.connectionpool"),
)


def foundations_are_replaced() -> bool:
    """Whether a part of geventhttpclient that makes connections is not what it came with."""
    return are_replaced(_FOUNDATIONS)
