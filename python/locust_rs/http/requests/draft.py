"""A request as the engine takes it: the bytes that requests would send for a call, without the objects on the way.

Whatever requests treats on its own stays with requests: such a call yields a `Reason` in place of its bytes.
"""

from __future__ import annotations

import json as _standard_json
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from requests import PreparedRequest, compat
from requests.auth import HTTPBasicAuth, _basic_auth_str
from requests.exceptions import RequestException
from requests.structures import CaseInsensitiveDict
from requests.utils import check_header_validity
from urllib3.connection import _get_default_user_agent
from urllib3.util.request import SKIP_HEADER
from urllib3.util.url import _encode_target

from locust_rs import _core
from locust_rs._core import PathRules
from locust_rs.http.common.leaving import Reason

is_plain_path = PathRules.REQUESTS.is_plain
"""Whether requests and urllib3 send a path as it is."""

_json: Any = compat.json  # type: ignore[attr-defined]  # simplejson where it is installed, as in requests
_encoding: Any = PreparedRequest

_PLAIN_AUTHORITY = re.compile(r"https?://[a-z0-9\-][a-z0-9.\-]*(?::([0-9]{1,5}))?", re.ASCII)
_HIGHEST_PORT = 65535
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+", re.ASCII)
_TOKEN = re.compile(r"[A-Z][A-Z\-]*", re.ASCII)
_METHODS = frozenset(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"])
_WORD = re.compile(r"[A-Za-z0-9_.\-~]*", re.ASCII)

# They decide about the framing, which urllib3 and http.client negotiate with the body.
_ABOUT_FRAMING = frozenset(["content-length", "transfer-encoding", "expect"])


class Draft(NamedTuple):
    """One request, ready for the engine."""

    method: str
    url: str
    """What `Response.url` will say."""

    wire_url: str
    """What the engine is told: a path below its base URL, or an absolute URL."""

    path_url: str
    """What the statistics call it."""

    block: bytes
    """The header lines except Host, as `PreparedRequest.headers` shows them."""

    body: str | bytes | None
    """As `PreparedRequest.body` shows it; text is sent as UTF-8."""

    own_cookies: bool
    """The call brings cookies of its own, which its redirects have to carry too."""

    client: _core.HttpClient
    """The engine's client whose connections the request uses."""

    added: bytes = b""
    """Header lines before these, see `added_headers`."""

    lines: _core.HeaderLines | None = None
    """`added` and the beginning of `block`, checked by the engine; None: nothing of them is."""

    extra: bytes | None = None
    """The rest of `block` behind `lines`."""

    timeout: Any = None
    """Seconds, a pair of them (connect, read), or None."""

    stream: bool = False
    retries: Any = None
    """urllib3's `Retry` that the adapter of the request follows; None: nothing is tried again."""

    proxy: str | None = None
    """The URL of the proxy that the client goes through."""

    prepared: PreparedRequest | None = None
    """The request as hooks and auth objects have seen and changed it."""

    settings: Mapping[str, Any] = {}
    """What hooks are told beside the response: `stream`, `timeout`, `verify`, `cert` and `proxies`."""


class CallHeaders(NamedTuple):
    """The headers of a call and its session as lines, and what the rest of the request has to know of them."""

    block: bytes
    added: bytes
    lines: _core.HeaderLines | None
    """Both, checked by the engine; None if it refuses them, as it will again when they are sent."""

    has_type: bool
    has_cookie: bool
    has_authorization: bool


def is_plain_base(base_url: str | None) -> bool:
    """Whether paths can be put behind a base URL without another look at it."""
    matched = _PLAIN_AUTHORITY.fullmatch(base_url) if base_url else None
    return matched is not None and int(matched[1] or 0) <= _HIGHEST_PORT


def merged_headers(session_headers: Any, own: Any) -> CaseInsensitiveDict[Any] | Reason:
    """The session's headers and those of the call, as requests merges them; or the reason why requests has to.

    Raises:
        InvalidHeader: One of them cannot be sent.
    """
    merged: CaseInsensitiveDict[Any] = CaseInsensitiveDict(session_headers)
    if own:
        merged.update(own)
    for name in [name for name, value in merged.items() if value is None]:
        del merged[name]
    return unsendable_header(merged) or merged


def is_name(name: Any) -> bool:
    """Whether a header may have this name."""
    return type(name) is str and _NAME.fullmatch(name) is not None


def unsendable_header(headers: CaseInsensitiveDict[Any]) -> Reason | None:
    """Why requests has to send a request with these headers; None: the engine can.

    Raises:
        InvalidHeader: One of them cannot be sent.
    """
    for name, value in headers.items():
        if type(value) is not str or not is_name(name):
            return Reason.ODD_HEADER
        if value == SKIP_HEADER:
            return Reason.ODD_HEADER
        check_header_validity((name, value))
    if not _ABOUT_FRAMING.isdisjoint(name.lower() for name in headers):
        return Reason.OWN_FRAMING
    return None


def header_block(headers: Iterable[tuple[str, str]]) -> bytes:
    """Header lines as `http.client` writes them.

    Raises:
        UnicodeEncodeError: A value has characters beyond latin-1.
    """
    return b"".join(b"%s: %s\r\n" % (name.encode("ascii"), value.encode("latin-1")) for name, value in headers)


def cookie_line(cookie: str | None) -> bytes:
    """The line of a Cookie header; empty where there is none to send."""
    return b"" if cookie is None else b"Cookie: %s\r\n" % cookie.encode("latin-1")


def added_headers(headers: CaseInsensitiveDict[Any]) -> list[tuple[str, str]]:
    """What `http.client` and urllib3 send before the headers, where these lack it; no request object shows it."""
    added = [] if "accept-encoding" in headers else [("Accept-Encoding", "identity")]
    return added if "user-agent" in headers else [*added, ("User-Agent", _get_default_user_agent())]


def call_headers(session_headers: Any, own: Any) -> CallHeaders | Reason:
    """The header lines of a call, or the reason why requests has to make them."""
    try:
        merged = merged_headers(session_headers, own)
        if isinstance(merged, Reason):
            return merged
        block, added = header_block(merged.items()), header_block(added_headers(merged))
        return CallHeaders(
            block,
            added,
            checked_lines(added + block),
            "content-type" in merged,
            "cookie" in merged,
            "authorization" in merged,
        )
    except (RequestException, UnicodeError):
        return Reason.ODD_HEADER  # requests says what is wrong with it


def checked_lines(block: bytes) -> _core.HeaderLines | None:
    """Header lines that the engine has checked; None if it refuses them."""
    try:
        return _core.HeaderLines(block)
    except ValueError:
        return None


def encoded_body(data: Any, json: Any, files: Any) -> tuple[str | bytes | None, str | None] | Reason:
    """Body and Content-Type as requests encodes them, or the reason why requests has to."""
    if not data and json is not None and not files:
        try:
            text = _core.json_text(json) if _json is _standard_json else None
            return (text or _json.dumps(json, allow_nan=False)).encode("utf-8"), "application/json"
        except (ValueError, TypeError):
            return Reason.ODD_BODY
    if files:
        if data and not isinstance(data, (dict, list, tuple)):
            return Reason.ODD_BODY
        body, content_type = _encoding._encode_files(files, data)
        return body, content_type
    if not data:
        return None, None
    if isinstance(data, (str, bytes)):
        return data, None
    if isinstance(data, (dict, list, tuple)):
        return _encoding._encode_params(data), "application/x-www-form-urlencoded"
    return Reason.STREAMED_BODY


def basic_authorization(auth: Any) -> str | None:
    """The Authorization header of a name and a password; None: the authentication is of another kind."""
    if isinstance(auth, tuple) and len(auth) == 2:
        return _basic_auth_str(*auth)
    return _basic_auth_str(auth.username, auth.password) if type(auth) is HTTPBasicAuth else None


def plain_query(params: Any) -> str | None:
    """The query of parameters that need no quoting; None for any others."""
    if type(params) is not dict:
        return None
    pairs = []
    for name, value in params.items():
        text = value if type(value) is str else str(value) if type(value) is int else None
        if text is None or type(name) is not str or not (_WORD.fullmatch(name) and _WORD.fullmatch(text)):
            return None
        pairs.append(f"{name}={text}")
    return "&".join(pairs)


def located(full_url: str, params: Any) -> tuple[str, str, str] | None:
    """The destination of a request whose path is not plain: the URL, that of the wire, and the path with its query.

    Returns:
        None for a URL that requests has to see, to refuse it or otherwise.
    """
    prepared = PreparedRequest()
    try:
        prepared.prepare_url(full_url, params)
    except (RequestException, ValueError):
        return None
    return located_at(prepared)


def located_at(prepared: PreparedRequest) -> tuple[str, str, str] | None:
    """The destination of a prepared request, as `located`."""
    url = str(prepared.url)
    path_url = prepared.path_url
    origin = origin_of(url)
    return (url, origin + _encode_target(path_url), path_url) if origin else None


def origin_of(url: str) -> str | None:
    """`scheme://host[:port]` of a URL as urllib3 connects to it; None: no such URL, or one with credentials."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        return None
    host = parts.hostname
    if not host.isascii():
        return None
    host = f"[{quote(host, safe=':%')}]" if ":" in host else host
    return f"{parts.scheme}://{host}" if port is None else f"{parts.scheme}://{host}:{port}"


def wire_method(method: Any) -> str | None:
    """A method as requests sends it; None if requests has to deal with it."""
    if not isinstance(method, str):
        return None
    if method in _METHODS:
        return method
    upper = method.upper()
    return upper if _TOKEN.fullmatch(upper) else None


def is_plain_timeout(timeout: Any) -> bool:
    """Whether a timeout is None, a positive number, or a pair of such."""
    parts: Iterable[Any] = timeout if isinstance(timeout, tuple) else (timeout, timeout)
    parts = tuple(parts)
    return len(parts) == 2 and all(part is None or (type(part) in (int, float) and part > 0) for part in parts)
