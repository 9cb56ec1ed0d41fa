"""A minimal HTTP/1.1 server: an asyncio protocol with keep-alive and pipelining.

A sample service must not be the bottleneck of the test that it demonstrates, which rules out WSGI servers. This one is
meant for loopback and well-formed clients; bodies need a `Content-Length`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qsl, urlsplit

MAX_HEAD_BYTES = 64 * 1024
MAX_BODY_BYTES = 1024 * 1024

_STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n" for status in HTTPStatus}


@dataclass(slots=True)
class Request:
    """One parsed request; header names are lower case."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    def cookie(self, name: str) -> str | None:
        """The value of a cookie, or None."""
        for pair in self.headers.get("cookie", "").split(";"):
            key, _, value = pair.strip().partition("=")
            if key == name:
                return value
        return None


@dataclass(slots=True)
class Reply:
    """A handler's answer."""

    body: bytes = b""
    status: int = 200
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)

    def encode(self, *, with_body: bool = True) -> bytes:
        """The bytes on the wire."""
        extra = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        head = (
            f"{_STATUS_LINES[self.status]}Content-Type: {self.content_type}\r\n"
            f"Content-Length: {len(self.body)}\r\n{extra}\r\n"
        )
        return head.encode("latin-1") + (self.body if with_body else b"")


Handler = Callable[[Request], Reply | Awaitable[Reply]]
"""Answers a request at once, or with an awaitable if it has to wait."""


class BadRequest(ValueError):
    """The peer's bytes are not a request that this server supports."""


class HttpProtocol(asyncio.Protocol):
    """One connection. Requests are answered in order of arrival."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._transport: asyncio.Transport | None = None
        self._received = bytearray()
        self._pending: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._pending is not None:
            self._pending.cancel()

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._pending is None:
            self._answer_received()

    def _answer_received(self) -> None:
        """Answers the complete requests in the buffer, until one has to wait."""
        while self._transport is not None:
            try:
                request = self._next_request()
            except BadRequest as error:
                self._transport.write(Reply(f"{error}\n".encode(), 400, "text/plain").encode())
                self._transport.close()
                return
            if request is None:
                return
            reply = self._handler(request)
            if isinstance(reply, Reply):
                self._send(request, reply)
            else:
                self._pending = asyncio.ensure_future(self._send_later(request, reply))
                return

    async def _send_later(self, request: Request, reply: Awaitable[Reply]) -> None:
        self._send(request, await reply)
        self._pending = None
        self._answer_received()

    def _send(self, request: Request, reply: Reply) -> None:
        if self._transport is None:
            return
        self._transport.write(reply.encode(with_body=request.method != "HEAD"))
        if request.headers.get("connection", "").lower() == "close":
            self._transport.close()

    def _next_request(self) -> Request | None:
        """Takes the first complete request from the buffer; None if more bytes are needed."""
        head_end = self._received.find(b"\r\n\r\n")
        if head_end < 0:
            if len(self._received) > MAX_HEAD_BYTES:
                raise BadRequest(f"a request head may have {MAX_HEAD_BYTES} bytes at most")
            return None
        first_line, *header_lines = self._received[:head_end].decode("latin-1").split("\r\n")
        headers = {}
        for line in header_lines:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        body_start = head_end + 4
        body_end = body_start + _content_length(headers)
        if len(self._received) < body_end:
            return None
        body = bytes(self._received[body_start:body_end])
        del self._received[:body_end]
        try:
            method, target, _ = first_line.split(" ")
        except ValueError:
            raise BadRequest(f"not a request line: {first_line[:100]!r}") from None
        url = urlsplit(target)
        query = dict(parse_qsl(url.query)) if url.query else {}
        return Request(method, url.path, query, headers, body)


def _content_length(headers: dict[str, str]) -> int:
    if "transfer-encoding" in headers:
        raise BadRequest("chunked bodies are not supported here; send a Content-Length")
    text = headers.get("content-length", "0")
    if not text.isdecimal() or int(text) > MAX_BODY_BYTES:
        raise BadRequest(f"Content-Length must be a number up to {MAX_BODY_BYTES}, not {text[:20]!r}")
    return int(text)
