"""What a request of geventhttpclient's way goes through: subclasses, tracers and mocks replace parts of it."""

from __future__ import annotations

from typing import Any

from locust_rs.fasthttp.agent import LocustUserAgent

STEPS = ("_build_url", "_send_request_safe_mode")
"""Methods of a session that every request goes through: replacing one takes the session that way."""


def machinery(kind: Any) -> tuple[Any, ...]:
    """The methods as they are now, for a class of sessions."""
    return (*(getattr(kind, name) for name in STEPS), LocustUserAgent.urlopen, LocustUserAgent._urlopen)
