"""What a `FastHttpSession` consists of, and how it notices that something of it has changed."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from geventhttpclient.client import HTTPClient
from geventhttpclient.header import Headers

from locust_rs._core import DirectCalls
from locust_rs.http.fast.draft import basic_authorization
from locust_rs.http.fast.replaced import STEPS

if TYPE_CHECKING:
    from http.cookiejar import CookieJar

    from geventhttpclient.client import HTTPClientPool

    from locust_rs.http.fast.agent import LocustUserAgent
    from locust_rs.http.fast.engine_path import EnginePath
    from locust_rs.user.base import User

ACCEPT_ENCODING = "gzip, deflate, br"

_MATTERS = frozenset(
    ["base_url", "request_event", "request_name", "auth_header", "cookiejar", "user", "http_engine", "request", *STEPS]
)
"""Attributes that decide what is sent or how it is reported."""


class SessionState(DirectCalls):
    """The attributes of a session. What the engine's side is made from is read again when it was set."""

    auth_header: str | None = None
    """Authorization header of the requests that bring none (`auth`)."""

    request_name: str | None = None
    """Name of the requests that are given none."""

    base_url: str | None
    request_event: Any
    user: User | None
    _insecure: bool
    _settings: dict[str, Any]
    _uses_engine: bool

    # What a session that has sent nothing yet has of these.
    _client_pool: HTTPClientPool | None = None
    _ssl_context_factory: Callable[..., Any] | None = None
    _own_cookiejar: CookieJar | None = None
    _agent: LocustUserAgent | None = None
    _engine_path: EnginePath | None = None
    _is_in_hands: bool = False
    _is_stale: bool = True
    _has_other_cookies: bool = False

    def __init__(self) -> None:
        # Every attribute has its place from the beginning: CPython gives up the compact form of objects that get new
        # ones after many have been made, and a user among thousands then pays with cache misses for every look-up.
        for name in _BEGINNING:
            object.__setattr__(self, name, getattr(self, name))

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)
        if name in _MATTERS:
            if name in STEPS:
                object.__setattr__(self, "_uses_engine", False)
            self._changed()

    def __getstate__(self) -> dict[str, Any]:
        # A copy makes an engine path of its own.
        return {**vars(self), "_engine_path": None, "_is_stale": True}

    def _changed(self) -> None:
        """Something that requests are made from is not what it was."""
        object.__setattr__(self, "_is_stale", True)
        self._forget_direct()

    def _cookies_changed(self) -> None:
        self._has_other_cookies = True
        self._forget_direct()

    def _default_headers(self) -> Headers:
        if self._agent is not None:
            return self._agent.default_headers
        headers = HTTPClient.DEFAULT_HEADERS.copy()
        headers.update(self._settings.get("headers") or {})
        return headers

    def _headers_of_plain_get(self, complete: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
        """The headers of a request that brings none of its own.

        Args:
            complete: Those that the session adds to every request.
        """
        if self._agent is None and not self._settings.get("headers"):
            return _with_defaults(tuple(HTTPClient.DEFAULT_HEADERS.items()), complete)
        headers = self._default_headers().copy()
        headers.update(dict(complete))
        return list(headers.items())

    def _complete_headers(
        self, headers: dict[str, str] | None, auth: Any = None, is_json: bool = False
    ) -> dict[str, str]:
        complete = dict(headers) if headers else {}
        if auth:
            complete["Authorization"] = basic_authorization(*auth)
        elif self.auth_header:
            complete["Authorization"] = self.auth_header
        _set_default(complete, "Accept-Encoding", ACCEPT_ENCODING)
        if is_json:
            _set_default(complete, "Content-Type", "application/json")
            _set_default(complete, "Accept", "application/json")
        return complete


@lru_cache(maxsize=256)
def _with_defaults(
    defaults: tuple[tuple[str, str], ...], complete: tuple[tuple[str, str], ...]
) -> list[tuple[str, str]]:
    """Made once for all sessions with the same headers: a user that sends one request would spend it mostly here."""
    headers = Headers(defaults)
    headers.update(dict(complete))
    return list(headers.items())


def _set_default(headers: dict[str, str], name: str, value: str) -> None:
    if name not in headers and name.lower() not in headers:
        headers[name] = value


_BEGINNING = [name for name in SessionState.__annotations__ if hasattr(SessionState, name)]
