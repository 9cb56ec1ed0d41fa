"""The bytes that requests would send for a call, without the objects on the way; unusual calls are left to requests."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from requests import PreparedRequest, compat
from requests.auth import HTTPBasicAuth, _basic_auth_str
from requests.exceptions import RequestException
from requests.structures import CaseInsensitiveDict
from requests.utils import check_header_validity
from urllib3.util.url import _encode_target

from locust_rs._core import PathRules

is_plain_path = PathRules.REQUESTS.is_plain
"""Whether requests and urllib3 send a path as it is."""

_json: Any = compat.json  # type: ignore[attr-defined]  # simplejson where it is installed, as in requests
_encoding: Any = PreparedRequest

_PLAIN_AUTHORITY = re.compile(r"https?://[a-z0-9.\-]+(?::[0-9]{1,5})?", re.ASCII)
_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+", re.ASCII)
_TOKEN = re.compile(r"[A-Z][A-Z\-]*", re.ASCII)

# urllib3 and requests treat these on their own, at places of their own.
_LEFT_TO_REQUESTS = frozenset(
    ["host", "content-length", "transfer-encoding", "expect", "proxy-authorization", "authorization"]
)
_NEEDED = frozenset(["user-agent", "accept-encoding"])  # urllib3 adds its own where they are missing


class Draft(NamedTuple):
    """A request as the engine takes it."""

    method: str
    url: str
    """What `Response.url` will say."""

    wire_url: str
    """What the engine is told: a path below its base URL, or an absolute URL."""

    path_url: str
    """What the statistics call it."""

    block: bytes
    """The header lines except Host."""

    body: str | bytes | None
    """As `PreparedRequest.body` shows it; text is sent as UTF-8."""

    own_cookies: bool
    """The call brings cookies of its own, which its redirects have to carry too."""


def is_plain_base(base_url: str | None) -> bool:
    """Whether paths can be put behind a base URL without another look at it."""
    return base_url is not None and _PLAIN_AUTHORITY.fullmatch(base_url) is not None


def merged_headers(session_headers: Any, own: Any) -> CaseInsensitiveDict[Any] | None:
    """The session's headers and those of the call, as requests merges them; None: requests has to look at them.

    Raises:
        InvalidHeader: One of them cannot be sent.
    """
    merged: CaseInsensitiveDict[Any] = CaseInsensitiveDict(session_headers)
    if own:
        merged.update(own)
    for name in [name for name, value in merged.items() if value is None]:
        del merged[name]
    keys = {name.lower() for name in merged}
    if not keys >= _NEEDED or not _LEFT_TO_REQUESTS.isdisjoint(keys):
        return None
    for header in merged.items():
        if type(header[0]) is not str or type(header[1]) is not str or not _NAME.fullmatch(header[0]):
            return None
        check_header_validity(header)
    return merged


def header_block(headers: Mapping[str, str]) -> bytes:
    """Header lines as `http.client` writes them.

    Raises:
        UnicodeEncodeError: A value has characters beyond latin-1.
    """
    return b"".join(b"%s: %s\r\n" % (name.encode("ascii"), value.encode("latin-1")) for name, value in headers.items())


def encoded_body(data: Any, json: Any, files: Any) -> tuple[str | bytes | None, str | None] | None:
    """Body and Content-Type as requests encodes them; None: a stream, or something it has to refuse."""
    if not data and json is not None and not files:
        try:
            return _json.dumps(json, allow_nan=False).encode("utf-8"), "application/json"
        except (ValueError, TypeError):
            return None
    if files:
        if data and not isinstance(data, (dict, list, tuple)):
            return None
        body, content_type = _encoding._encode_files(files, data)
        return body, content_type
    if not data:
        return None, None
    if isinstance(data, (str, bytes)):
        return data, None
    if isinstance(data, (dict, list, tuple)):
        return _encoding._encode_params(data), "application/x-www-form-urlencoded"
    return None


def authorization(auth: Any) -> str | None:
    """The header for basic authentication. Raises LookupError for any other kind."""
    if auth is None:
        return None
    if isinstance(auth, tuple) and len(auth) == 2:
        return _basic_auth_str(*auth)
    if type(auth) is HTTPBasicAuth:
        return _basic_auth_str(auth.username, auth.password)
    raise LookupError(type(auth))


def located(full_url: str, params: Any) -> tuple[str, str, str] | None:
    """Where a request goes that is no plain path: the URL, that of the wire, and the path with its query.

    Returns:
        None for what requests has to look at, to refuse it or otherwise.
    """
    prepared = PreparedRequest()
    try:
        prepared.prepare_url(full_url, params)
    except (RequestException, ValueError):
        return None
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
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" if port is None else f"{parts.scheme}://{host}:{port}"


def is_method(method: Any) -> bool:
    """Whether a method can be sent as it is."""
    return isinstance(method, str) and _TOKEN.fullmatch(method) is not None


def is_plain_timeout(timeout: Any) -> bool:
    """Whether a timeout is None, a positive number, or a pair of such."""
    parts = timeout if isinstance(timeout, tuple) else (timeout, timeout)
    return len(parts) == 2 and all(part is None or (type(part) in (int, float) and part > 0) for part in parts)
