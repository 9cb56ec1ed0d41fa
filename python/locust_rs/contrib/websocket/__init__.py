"""WebSocketUser: tests WebSocket servers, over the sans-I/O core of the package websockets."""

from __future__ import annotations

from locust_rs.contrib._extras import missing_extra

try:
    import websockets as _websockets
except ModuleNotFoundError as error:
    raise missing_extra("WebSocketUser", "websocket", error) from error

from locust_rs.contrib.websocket.client import WebSocketClient
from locust_rs.contrib.websocket.failures import ConnectionClosed, HandshakeRefused, TimedOut, WebSocketFailure
from locust_rs.contrib.websocket.settings import Settings
from locust_rs.contrib.websocket.user import WebSocketUser

__all__ = [
    "ConnectionClosed",
    "HandshakeRefused",
    "Settings",
    "TimedOut",
    "WebSocketClient",
    "WebSocketFailure",
    "WebSocketUser",
]

del _websockets
