"""The parts of a request as the engine takes them: the bytes that geventhttpclient would send."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple
from urllib.parse import quote_plus, urlencode

from geventhttpclient.client import HTTPClient, _uses_chunked_transfer
from geventhttpclient.header import Headers
from geventhttpclient.url import URL
from geventhttpclient.useragent import CompatRequest

from locust_rs import _core
from locust_rs._core import PathRules
from locust_rs.http.common.base_url import absolute_http_url_regexp

is_plain_path = PathRules.GEVENTHTTPCLIENT.is_plain
"""Whether geventhttpclient sends a path as it is. (One with a `%` may have to be quoted differently.)"""

# Headers that decide about the framing, the origin or the cookies: such requests are put together in full.
_UNUSUAL = frozenset(["content-length", "transfer-encoding", "expect", "host", "cookie"])
_METHODS = frozenset(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
_BODY_METHODS = frozenset(["POST", "PUT", "PATCH"])
_FILE_BLOCK = 64 * 1024
_WORD = re.compile(r"[A-Za-z0-9_.~-]*")


class Call(NamedTuple):
    """What a user asks for, redirects and retries included."""

    method: str
    path: str
    """The URL as the user gave it: a path below the base URL, or an absolute URL."""

    url: str
    """Absolute."""

    headers: dict[str, str]
    """Complete but for the defaults of the session."""

    data: Any = None
    extra: dict[str, Any] = {}
    """Other keywords, such as `params` and `files`."""

    allow_redirects: bool = True
    stream: bool = False


class CallHeaders(NamedTuple):
    """The headers of a call and its session, ready to be sent. `DirectCalls` reads them."""

    lines: _core.HeaderLines
    sent: tuple[dict[str, str], None, None]
    """What the response of a GET keeps of it: `complete`, no body, no other keywords."""

    complete: dict[str, str]
    """Complete but for the defaults of the session."""

    has_type: bool


class Parts(NamedTuple):
    """A request as the engine takes it."""

    target: str
    """Path and query, quoted."""

    block: bytes
    """Header lines; what is missing of Cookie, Host and Content-Length is added behind them, in this order."""

    body: Any


def target_of(session: Any, path: str, extra: dict[str, Any], origin: str) -> str | None:
    """What the engine is told for a URL below the base URL.

    Args:
        session: Puts the base URL before it.
        path: The URL as the user gave it.
        extra: Other keywords of the call.
        origin: `scheme://host[:port]` of the base URL.

    Returns:
        A path where that is sent as it is, an absolute URL, or None where geventhttpclient has to build it.
    """
    if is_plain_path(path):
        if not extra:
            return path
        if len(extra) == 1 and (query := plain_query(extra.get("params"))):
            return f"{path}{'&' if '?' in path else '?'}{query}"
    if extra.keys() - {"params"} or absolute_http_url_regexp.match(path):
        return None
    try:
        place = URL(session._build_url(path), params=extra.get("params"))
        target = place.quoted_uri
    except (ValueError, TypeError):
        return None
    if f"{place.scheme}://{place.netloc}" != origin or not target.startswith("/") or target.startswith("//"):
        return None
    return origin + target


def is_method(method: str) -> bool:
    """Whether a method can be sent as it is."""
    return method in _METHODS or (method.isupper() and method.isalpha())


def basic_authorization(username: str | bytes, password: str | bytes) -> str:
    """The value of an Authorization header for HTTP basic authentication."""
    user, secret = (part.encode("latin1") if isinstance(part, str) else part for part in (username, password))
    return "Basic " + b64encode(b":".join((user, secret))).strip().decode("ascii")


def plain_query(params: Any) -> str | None:
    """The query of a dictionary of texts and integers as geventhttpclient quotes it; None for other parameters."""
    if type(params) is not dict:
        return None
    pairs = []
    for name, value in params.items():
        text = value if type(value) is str else str(value) if type(value) is int else None
        if text is None or type(name) is not str:
            return None
        try:
            pairs.append(f"{_quoted(name)}={_quoted(text)}")
        except UnicodeEncodeError:
            return None  # lone surrogates
    return "&".join(pairs)


def _quoted(text: str) -> str:
    return text if _WORD.fullmatch(text) else quote_plus(text)


def is_usual(headers: dict[str, str]) -> bool:
    """Whether a cached header block does for a request with these headers of its own."""
    return _UNUSUAL.isdisjoint(name.lower() for name in headers) and all(
        type(name) is str and type(value) is str and (value or name.lower() != "content-type")
        for name, value in headers.items()
    )


def empty_body(method: str) -> bytes | None:
    """The body of a request that was given none: its length is announced where one is usual."""
    return b"" if method in _BODY_METHODS else None


def encoded_body(data: Any, has_type: bool) -> tuple[bytes | None, bytes] | None:
    """The usual bodies: header lines that describe them, and their bytes.

    Args:
        data: Not empty.
        has_type: The request has a Content-Type.

    Returns:
        None for a body of another kind.
    """
    if type(data) is str:
        body = data.encode()
        if has_type:
            return None, body
        return b"content-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\n" % len(body), body
    if type(data) is dict and not has_type:
        body = urlencode(data).encode()
        return b"content-type: application/x-www-form-urlencoded; charset=utf-8\r\ncontent-length: %d\r\n" % len(
            body
        ), body
    if type(data) is bytes:
        return None if has_type else b"content-type: application/octet-stream\r\n", data
    return None


def header_block(default_headers: Headers, headers: dict[str, str]) -> bytes:
    """The lines of a request's headers, defaults included.

    Raises:
        ValueError: One of them cannot be sent.
    """
    merged = default_headers.copy()
    merged.update(headers)
    return _block_of(HTTPClient("checked.invalid", headers=None)._build_request("GET", "/", headers=merged), host=False)


def _block_of(head: str, host: bool = True) -> bytes:
    lines = head.split("\r\n")[1:-2]
    if not host:
        lines.pop()
    return "".join(f"{line}\r\n" for line in lines).encode("latin-1")


def parts_of(request: CompatRequest, client: HTTPClient) -> Parts:
    """Any request, put together by geventhttpclient itself.

    Raises:
        ValueError: It cannot be sent.
    """
    body: Any = request.payload
    if body is None:
        body = b""
    elif isinstance(body, str):
        body = body.encode("utf-8")
    headers = client.headers_type()
    headers.update(client.default_headers)
    headers.update(request.headers or {})
    chunked = _uses_chunked_transfer(headers, body)
    target = request.url_split.quoted_uri
    head = client._build_request(request.method, target, body=body, headers=request.headers, chunked=chunked)
    if not target.startswith("/"):
        target = "/" + target
    if chunked:
        body = _blocks(body, client.block_size)
    elif not body:
        body = b"" if _announces_length(head) else None
    elif not isinstance(body, (bytes, bytearray, memoryview)):
        body = _blocks(body, _FILE_BLOCK)
    return Parts(target, _block_of(head), body)


def _announces_length(head: str) -> bool:
    return "\r\ncontent-length:" in head.lower()


def _blocks(body: Any, size: int) -> Iterator[bytes]:
    """The pieces of a body, as geventhttpclient would send them."""
    if isinstance(body, (bytes, bytearray, memoryview)):
        for offset in range(0, len(body), size):
            yield bytes(body[offset : offset + size])
    elif hasattr(body, "read"):
        while block := body.read(size):
            yield block.encode("utf-8") if isinstance(block, str) else block
    else:
        iterable: Iterable[Any] = body
        for block in iterable:
            if isinstance(block, str):
                block = block.encode("utf-8")
            elif not isinstance(block, (bytes, bytearray, memoryview)):
                raise TypeError("chunked body items must be bytes or str, not " + type(block).__name__)
            if block:
                yield bytes(block)
