"""What the requests of a session have in common, kept ready, and whether it still is right.

`closed` tells whether requests may go to the engine at all: nobody has replaced a part of requests, and urllib3 does
not log. It checks before every request, because anyone may change that, or the session, at any time.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from requests.structures import CaseInsensitiveDict

from locust_rs import _core
from locust_rs.http.common import tls_origins
from locust_rs.http.common.cookies import CookieBook
from locust_rs.http.common.header_blocks import HeaderBlocks
from locust_rs.http.common.leaving import Reason
from locust_rs.http.engine.recording import recording_of
from locust_rs.http.requests import draft as drafts
from locust_rs.http.requests import observed
from locust_rs.http.requests.draft import CallHeaders
from locust_rs.http.requests.engine_response import EngineResponse, Sent
from locust_rs.http.requests.routes import Route, Routes
from locust_rs.http.requests.snapshot import is_logging, snapshot_of
from locust_rs.http.requests.untouched import ORIGINALS

if TYPE_CHECKING:
    from locust_rs.http.requests.session import HttpSession

REPLACEABLE = frozenset(
    ["send", "request", "prepare_request", "get_adapter", "merge_environment_settings", "resolve_redirects",
     "get_redirect_target", "should_strip_auth", "rebuild_auth", "rebuild_method", "rebuild_proxies",
     "_send_request_safe_mode", "_build_url"]
)  # fmt: skip
"""Methods of a session that its requests go through."""


DIRECT_KEYWORDS = frozenset(["headers", "name", "catch_response", "verify", "timeout"])
"""Keywords of the calls that `direct` may take."""


class Direct(NamedTuple):
    """A request that needs no draft."""

    client: _core.HttpClient
    lines: _core.HeaderLines | None
    """Its headers; None: those of the session."""

    sent: Sent
    """What its response keeps of it."""

    name: str | None
    catch_response: bool
    timeouts: tuple[float | None, float | None] | None
    """Seconds for connecting and reading."""

    body: bytes | None
    """None: there is none, and none is usual."""

    last: _core.HeaderLines | None
    """Headers behind the length of the body."""


class DirectHeaders(NamedTuple):
    """The headers that a call brings, for requests that need no draft."""

    lines: _core.HeaderLines | None
    sent: Sent
    """What the response of a GET keeps of it."""

    has_type: bool


@lru_cache(maxsize=64)
def _type_line(content_type: str) -> tuple[bytes, _core.HeaderLines]:
    """The line of a Content-Type header; its values may be any that requests makes."""
    line = b"Content-Type: %s\r\n" % content_type.encode("latin-1")
    return line, _core.HeaderLines(line)


def _never() -> bool:
    return False


class KeptParts:
    """The kept parts of one session's requests.

    Args:
        session: Whose requests they are.
        request: The original `HttpSession.request`. Where the class has another, every request goes through that.
    """

    _plain_client: _core.HttpClient | None = None
    """The engine's client for requests that need no draft; None: all do."""

    _plain_headers: DirectHeaders | None = None
    """Those of the session."""

    # What a session has none of before its first request.
    _state: Any = None
    _cookies: Any = None
    _cookies_changed = True
    _standing_cookie: str | None = None
    _cookies_stand = False
    _authorization: str | None = None
    _auth_object: Any = None
    _has_plain_base = False
    _has_no_hooks = False
    _headers: CallHeaders | Reason = Reason.ODD_HEADER
    _route: Route | None = None

    def __init__(self, session: HttpSession, request: Any) -> None:
        self._session = session
        # Whether nothing has changed since `_look`; may say no without need.
        self._is_unchanged: Callable[[], bool] = _never
        self._request = request
        self._send = type(session)._send_request_safe_mode
        self._blocks = HeaderBlocks(self._make_lines)
        self._direct_headers = HeaderBlocks(self._make_direct)
        self._own_routes: dict[Any, Route] = {}
        self._routes = Routes(session)

    def close_idle(self) -> None:
        """Closes the idle connections."""
        self._routes.close_idle()

    def cookies_changed(self) -> None:
        """The session's jar is not what it was."""
        self._cookies_changed = True

    def closed(self) -> Reason | None:
        """Why requests may not go to the engine now; None: they may, and the kept parts are up to date."""
        if not self._is_unchanged() and (reason := self._look()) is not None:
            return reason
        if self._cookies_changed or self._cookies.is_edited():
            self._read_cookies()
        return None

    def _look(self) -> Reason | None:
        """As `closed`, by looking at everything; reads the session's settings again if one is another."""
        session = self._session
        self._is_unchanged = _never
        if ORIGINALS.are_touched():
            return Reason.DEBUG_LOG if HTTPConnection.debuglevel else Reason.PATCHED_LIBRARY
        if is_logging():
            return Reason.DEBUG_LOG
        if not REPLACEABLE.isdisjoint(session.__dict__) or type(session)._send_request_safe_mode is not self._send:
            return Reason.REPLACED_METHOD
        headers = session.headers
        store = headers._store if type(headers) is CaseInsensitiveDict else None  # type: ignore[attr-defined]
        auth = session.auth
        state = (
            list(store.values()) if store is not None else list(headers.items()),
            drafts.basic_authorization(auth) or id(auth),
            session.verify,
            session.cert,
            session.base_url,
            id(session.cookies),
            id(session.request_event),
            type(session).request is self._request,
            session.trust_env,
            session.stream,
            bool(session.params),
            session.hooks == observed.NO_HOOKS,
            dict(session.proxies) if session.proxies else None,
            None if session._has_own_adapters() else _adapters(session),
            tls_origins.VERSION[0],
        )
        if state != self._state:
            self._state = None
            self._read()
            self._state = state
        snapshot = snapshot_of(session)
        if snapshot is not None:
            self._is_unchanged = snapshot.holds
        return None

    def _read(self) -> None:
        """Reads the session's settings."""
        session = self._session
        auth = session.auth
        self._authorization = drafts.basic_authorization(auth)
        self._auth_object = auth if auth is not None and self._authorization is None else None
        self._blocks.clear()
        self._own_routes.clear()
        self._routes.forget()
        self._headers = drafts.call_headers(session.headers, None)
        self._has_plain_base = drafts.is_plain_base(session.base_url)
        self._has_no_hooks = session.hooks == observed.NO_HOOKS
        self._read_route()
        shape: dict[str, Any] = {"set_base_url": (session.base_url if self._has_plain_base else None,)}
        if isinstance(self._headers, CallHeaders):
            merged = cast(CaseInsensitiveDict[str], drafts.merged_headers(session.headers, None))
            shape["set_headers"] = ([*drafts.added_headers(merged), *merged.items()],)
        shape["record_to"] = recording_of(session.request_event, session.user)
        self._routes.shape(**shape)
        self._cookies_changed = True

    def _read_route(self) -> None:
        """Finds the route that all requests without settings of their own take, if there is one."""
        session = self._session
        self._route = None
        adapters = session.adapters
        if session.trust_env or session.proxies or not {"http://", "https://"}.issuperset(adapters):
            return
        if self._has_plain_base:
            route = self._routes.route(f"{session.base_url}/", {})
            self._route = None if isinstance(route, Reason) else route

    def _read_cookies(self) -> None:
        session = self._session
        jar: Any = session.cookies
        if self._cookies is None or self._cookies.jar is not jar:
            self._cookies = CookieBook(jar, unverifiable=True)
            if hasattr(jar, "on_change"):
                jar.on_change = self.cookies_changed
        self._cookies_stand, self._standing_cookie = self._cookies.standing(session.base_url or "")
        # A jar that does not tell when it changes is asked every time.
        self._cookies_changed = not hasattr(jar, "on_change")
        route, lines, cookie = self._route, self._headers, self._standing_cookie
        are_plain = (
            route is not None
            and route.retries is None
            and not session.stream
            and isinstance(lines, CallHeaders)
            and not lines.has_cookie
            and self._cookies_stand
            and session.auth is None
            and not session.params
            and self._has_no_hooks
            and type(session).request is self._request
        )
        self._plain_client = route.client if route is not None and are_plain else None
        if isinstance(lines, CallHeaders):
            sent = Sent(session, lines.block + drafts.cookie_line(cookie))
            self._plain_headers = DirectHeaders(None, sent, lines.has_type)
        self._direct_headers.clear()
        if route is not None:
            route.client.set_cookie(cookie)

    def direct(self, method: str, data: Any, json: Any, kwargs: dict[str, Any]) -> Direct | None:
        """How a request with these arguments is sent without a draft; None: it needs one.

        Args:
            kwargs: None but `DIRECT_KEYWORDS`.
        """
        client, headers = self._plain_client, self._plain_headers
        if client is None:
            return None
        if own_headers := kwargs.get("headers"):
            try:
                headers = self._direct_headers[tuple(own_headers.items())]
            except (AttributeError, TypeError):
                return None
        name = kwargs.get("name")
        if headers is None or not (name is None or isinstance(name, str)):
            return None
        if "verify" in kwargs:
            # Cookies that stand are known to the client of the session's own settings only.
            route = self._own_route({"verify": kwargs["verify"]}) if self._standing_cookie is None else None
            if route is None or route.retries is not None:
                return None
            client = route.client
        timeouts: Any = kwargs.get("timeout")
        if timeouts is not None:
            if not drafts.is_plain_timeout(timeouts):
                return None
            timeouts = timeouts if isinstance(timeouts, tuple) else (timeouts, timeouts)
        sent, body, last = headers.sent, None, None
        if method != "GET":
            encoded = drafts.encoded_body(data, json, None)
            if isinstance(encoded, Reason):
                return None
            given, content_type = encoded
            body = given.encode("utf-8") if isinstance(given, str) else given or b""
            block = b"%sContent-Length: %d\r\n" % (sent.block, len(body))
            if content_type is not None and not headers.has_type:
                line, last = _type_line(content_type)
                block += line
            sent = Sent(self._session, block, given)
        return Direct(
            client, headers.lines, sent, name or None, bool(kwargs.get("catch_response")), timeouts, body, last
        )  # fmt: skip

    def _own_route(self, kwargs: dict[str, Any]) -> Route | None:
        """The route of a request below the base URL whose keywords choose another one; None: not an ordinary one."""
        if "proxies" in kwargs:
            return None
        verify = kwargs.get("verify")
        try:
            key = (kwargs.get("stream"), type(verify), verify, kwargs.get("cert"))
            known = self._own_routes.get(key)
        except TypeError:
            return None
        if known is None:
            route = self._routes.route(f"{self._session.base_url}/", kwargs)
            if isinstance(route, Reason):
                return None
            known = self._own_routes[key] = route
        return known

    def _make_direct(self, own: dict[Any, Any]) -> DirectHeaders | None:
        """What is kept of the headers of a call; None: it needs a draft."""
        headers = self._blocks[tuple(own.items())]
        if isinstance(headers, Reason) or headers.has_cookie or headers.lines is None:
            return None
        sent = Sent(self._session, headers.block + drafts.cookie_line(self._standing_cookie))
        return DirectHeaders(headers.lines, sent, headers.has_type)

    def take_cookies(self, response: EngineResponse) -> None:
        """Puts the cookies that a response sets into the session's jar."""
        self._cookies.take(response.url, response.header_list)

    def _make_lines(self, headers: dict[Any, Any]) -> CallHeaders | Reason:
        return drafts.call_headers(self._session.headers, headers)


def _adapters(session: HttpSession) -> list[Any]:
    """What of a session's adapters decides about its requests, to be compared later."""
    return [
        (prefix, id(adapter), id(getattr(adapter, "max_retries", None))) for prefix, adapter in session.adapters.items()
    ]
