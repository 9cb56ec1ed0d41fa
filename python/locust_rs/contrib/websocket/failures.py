"""What goes wrong with a WebSocket; the texts repeat, so that the table of failures stays short."""

from __future__ import annotations

from collections.abc import Mapping

from websockets.frames import CloseCode

from locust_rs.exception import LocustError

CLEAN_CODES = frozenset({CloseCode.NORMAL_CLOSURE, CloseCode.GOING_AWAY})
"""Codes by which a server ends a conversation as planned."""


class WebSocketFailure(LocustError):
    """An operation of a WebSocket failed."""


class TimedOut(WebSocketFailure):
    """The server took longer than the operation may take."""


class ConnectionClosed(WebSocketFailure):
    """The connection is not open, or was closed during the operation.

    Args:
        code: The server's code; 1006 if the connection broke without one.
        reason: What the server said beside it.
        cause: The error that broke the connection.
    """

    def __init__(self, code: int, reason: str = "", cause: BaseException | None = None) -> None:
        more = reason or (str(cause) if cause is not None else "")
        super().__init__(f"connection closed with {code}" + (f": {more}" if more else ""))
        self.code = code
        self.reason = reason
        self.__cause__ = cause

    @property
    def is_clean(self) -> bool:
        """Whether the conversation ended as planned."""
        return self.code in CLEAN_CODES


class HandshakeRefused(WebSocketFailure):
    """The server answered, but did not open a WebSocket.

    Args:
        status: The status of the answer.
        phrase: The text of the status.
        headers: The header fields of the answer.
        body: The body of the answer.
    """

    def __init__(self, status: int, phrase: str, headers: Mapping[str, str], body: bytes) -> None:
        super().__init__(f"handshake refused: {status} {phrase}".rstrip())
        self.status = status
        self.headers = headers
        self.body = body
