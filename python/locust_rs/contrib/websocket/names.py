"""URLs of WebSockets, ids of messages, and messages as bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable

from locust_rs.contrib.websocket.inbox import Message
from locust_rs.exception import LocustError

_ABSOLUTE = re.compile("(ws|http)s?://", re.IGNORECASE)


def websocket_url(base_url: str | None, path: str) -> str:
    """An absolute URL as it is, anything else behind the base URL; with ws for http, and wss for https."""
    if not (base_url or _ABSOLUTE.match(path)):
        raise LocustError("A WebSocket needs a host: set the user's host, or pass an absolute URL to connect().")
    url = path if _ABSOLUTE.match(path) else f"{(base_url or '').removesuffix('/') if path else base_url}{path}"
    scheme, colon, rest = url.partition(":")
    return f"{scheme.lower().replace('http', 'ws')}{colon}{rest}"


def json_id(message: Message) -> Hashable:
    """The member `id` of a message that is a JSON object."""
    try:
        parsed = json.loads(message)
    except ValueError:
        return None
    found = parsed.get("id") if isinstance(parsed, dict) else None
    return found if isinstance(found, Hashable) else None


def encoded(message: Message) -> tuple[bytes, bool]:
    """The payload of a message, and whether it is text."""
    if isinstance(message, str):
        return message.encode(), True
    if isinstance(message, bytes | bytearray | memoryview):
        return bytes(message), False
    raise TypeError(f"a WebSocket message is a str or bytes, not {type(message).__name__}: {message!r}")
