"""`HttpSession` on the engine: composes what requests would send, and makes of the answer what requests would.

`closed` tells whether that is allowed at all: nobody has replaced a part of requests, and urllib3 does not log. It
checks before every request, because anyone may change that at any time. `draft` composes one request from kept parts;
`send` and `finish` see it through. Hooks, auth objects and retries get the objects of requests and urllib3.
"""

from __future__ import annotations

import logging
from functools import cache
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any, cast

import requests
from requests.sessions import merge_setting
from requests.structures import CaseInsensitiveDict

from locust_rs import _core
from locust_rs.http.common import tls_origins
from locust_rs.http.common.cookies import CookieBook
from locust_rs.http.common.header_blocks import HeaderBlocks
from locust_rs.http.common.leaving import Reason, Refused
from locust_rs.http.engine.recording import recording_of
from locust_rs.http.requests import draft as drafts
from locust_rs.http.requests import observed
from locust_rs.http.requests.draft import Draft, HeaderLines
from locust_rs.http.requests.engine_response import EngineResponse, Sent
from locust_rs.http.requests.failures import ENGINE_FAILURES
from locust_rs.http.requests.receiving import ROUTING_KEYWORDS, Receiving
from locust_rs.http.requests.retries import may_record, send_again
from locust_rs.http.requests.routes import Route, Routes
from locust_rs.http.requests.untouched import ORIGINALS

if TYPE_CHECKING:
    from locust_rs.http.requests.session import HttpSession

requests_cookies: Any = requests.cookies
_urllib3_log = logging.getLogger("urllib3.connectionpool")

_KNOWN_KEYWORDS = frozenset(
    ["params", "headers", "cookies", "files", "auth", "timeout", "allow_redirects", "proxies", "hooks", "stream",
     "verify", "cert"]
)  # fmt: skip

_REPLACEABLE = frozenset(
    ["send", "request", "prepare_request", "get_adapter", "merge_environment_settings", "resolve_redirects",
     "get_redirect_target", "should_strip_auth", "rebuild_auth", "rebuild_method", "rebuild_proxies",
     "_send_request_safe_mode", "_build_url"]
)  # fmt: skip


class EnginePath(Receiving):
    """Composes and sends the requests of one session.

    Args:
        session: Whose requests it sends.
        has_own_request: Its class has a `request` of its own, which every request has to go through.
    """

    serves_plain_gets = False
    """Whether plain GETs need no draft."""

    plain_sent: Any = None

    # What a session has none of before its first request.
    _state: Any = None
    _cookies: Any = None
    _cookies_changed = True
    _standing_cookie: str | None = None
    _cookies_stand = False
    _authorization: str | None = None
    _auth_object: Any = None
    _has_plain_base = False
    _lines: HeaderLines | Reason = Reason.ODD_HEADER
    _route: Route | None = None

    def __init__(self, session: HttpSession, has_own_request: bool) -> None:
        self._session = session
        self._has_own_request = has_own_request
        self._send = type(session)._send_request_safe_mode
        self._blocks = HeaderBlocks(self._make_lines)
        self._routes = Routes(session)

    @property
    def client(self) -> _core.HttpClient:
        """The engine's client of requests without settings of their own."""
        return cast(Route, self._route).client

    def close_idle(self) -> None:
        """Closes the idle connections."""
        self._routes.close_idle()

    def cookies_changed(self) -> None:
        """The session's jar is not what it was."""
        self._cookies_changed = True

    def closed(self) -> Reason | None:
        """Why requests may not go to the engine now; None: they may, and the kept parts are up to date."""
        session = self._session
        if ORIGINALS.are_touched():
            return Reason.DEBUG_LOG if HTTPConnection.debuglevel else Reason.PATCHED_LIBRARY
        if _urllib3_log.isEnabledFor(logging.DEBUG):
            return Reason.DEBUG_LOG
        if not _REPLACEABLE.isdisjoint(session.__dict__) or type(session)._send_request_safe_mode is not self._send:
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
            session.trust_env,
            session.stream,
            bool(session.params),
            session.hooks == observed.NO_HOOKS,
            dict(session.proxies) if session.proxies else None,
            None if session._has_own_adapters() else _adapters(session),
            tls_origins.version(),
        )
        if state != self._state:
            self._state = None
            self._read()
            self._state = state
        if self._cookies_changed or self._cookies.is_edited():
            self._read_cookies()
        return None

    def _read(self) -> None:
        """Reads the session's settings."""
        session = self._session
        auth = session.auth
        self._authorization = drafts.basic_authorization(auth)
        self._auth_object = auth if auth is not None and self._authorization is None else None
        self._blocks.clear()
        self._routes.forget()
        self._lines = drafts.header_lines(session.headers, None)
        self._has_plain_base = drafts.is_plain_base(session.base_url)
        self._read_route()
        shape: dict[str, Any] = {"set_base_url": (session.base_url if self._has_plain_base else None,)}
        if isinstance(self._lines, HeaderLines):
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
        route, lines, cookie = self._route, self._lines, self._standing_cookie
        self.serves_plain_gets = (
            route is not None
            and route.retries is None
            and not session.stream
            and isinstance(lines, HeaderLines)
            and not lines.has_cookie
            and self._cookies_stand
            and session.auth is None
            and not session.params
            and session.hooks == observed.NO_HOOKS
            and not self._has_own_request
        )
        block = lines.block if isinstance(lines, HeaderLines) else b""
        if cookie is not None:
            block += b"Cookie: %s\r\n" % cookie.encode("latin-1")
        self.plain_sent = Sent(session, block)
        if route is not None:
            route.client.set_cookie(cookie)

    def plain_draft(self, url: str) -> Draft:
        """The draft of a plain GET that was sent without one."""
        full_url = f"{self._session.base_url}{url}"
        return Draft("GET", full_url, url, url, self.plain_sent.block, None, False, self.client)

    def take_cookies(self, response: EngineResponse) -> None:
        """Puts the cookies that a response sets into the session's jar."""
        self._cookies.take(response.url, response.header_list)

    def draft(
        self, method: Any, url: Any, full_url: str, data: Any, json: Any, kwargs: dict[str, Any]
    ) -> Draft | Reason:
        """Composes a call; or the reason why requests has to send it."""
        session = self._session
        if isinstance(method, str):
            method = method.upper()  # as requests does; it is reported as it was given
        if not drafts.is_method(method):
            return Reason.ODD_METHOD
        if not _KNOWN_KEYWORDS.issuperset(kwargs):
            return Reason.ODD_KEYWORD
        timeout = kwargs.get("timeout")
        if timeout is not None and not drafts.is_plain_timeout(timeout):
            return Reason.ODD_TIMEOUT
        location = self._location(url, full_url, kwargs.get("params"))
        if location is None:
            return Reason.ODD_URL
        route: Any = self._route
        if route is None or location[1] is not location[2] or not ROUTING_KEYWORDS.isdisjoint(kwargs):
            route = self._routes.route(location[0], kwargs)
            if isinstance(route, Reason):
                return route
        own_headers = kwargs.get("headers")
        lines = self._lines
        if own_headers:
            try:
                lines = self._blocks[tuple(own_headers.items())]
            except (AttributeError, TypeError):
                return Reason.ODD_HEADER
        if isinstance(lines, Reason):
            return lines
        encoded = drafts.encoded_body(data, json, kwargs.get("files"))
        if isinstance(encoded, Reason):
            return encoded
        auth = kwargs.get("auth")
        if auth is None:
            authorization, auth = self._authorization, self._auth_object
            if session.trust_env and not session.auth:
                authorization = drafts.basic_authorization(self._routes.netrc_auth(full_url))
        else:
            authorization = drafts.basic_authorization(auth)
        block, own_cookies = self._block(method, location, lines, encoded, authorization, kwargs.get("cookies"))
        sent_url, wire_url, path_url = location
        draft = Draft(
            method, sent_url, wire_url, path_url, block, encoded[0], own_cookies, route.client, lines.added, timeout,
            bool(route.settings["stream"]), route.retries, route.proxy,
        )  # fmt: skip
        hooks = observed.hooks_of(session.hooks, kwargs.get("hooks"))
        if hooks is None and (authorization is not None or auth is None):
            return draft
        draft = draft._replace(settings={"timeout": timeout, **route.settings})
        prepared = observed.LazyPreparedRequest(
            method, sent_url, block, draft.body, session.cookies, kwargs.get("cookies")
        )
        return observed.observed(draft, prepared, None if authorization is not None else auth, hooks)

    def _location(self, url: Any, full_url: str, params: Any) -> tuple[str, str, str] | None:
        """The URL, that of the wire (the path itself below the base URL), and the path with its query."""
        session = self._session
        if session.params:
            params = merge_setting(params, session.params)  # type: ignore[no-untyped-call]
        if self._has_plain_base and drafts.is_plain_path(url):
            if not params:
                return full_url, url, url
            query = drafts.plain_query(params)
            if query:
                added = f"{'&' if '?' in url else '?'}{query}"
                path = f"{url}{added}"
                return f"{full_url}{added}", path, path
        return drafts.located(full_url, params)

    def _block(
        self,
        method: str,
        location: tuple[str, str, str],
        lines: HeaderLines,
        encoded: tuple[str | bytes | None, str | None],
        authorization: str | None,
        own_cookies: Any,
    ) -> tuple[bytes, bool]:
        """The header lines of a call, and whether it has cookies of its own."""
        block, (body, content_type) = lines.block, encoded
        if lines.has_cookie:
            cookie = None
        elif own_cookies:
            cookie = self._cookie_with(own_cookies, location[0])
        elif self._cookies_stand and location[1] is location[2]:
            cookie = self._standing_cookie
        else:
            cookie = self._cookies.header(location[0])
        if cookie is not None:
            block += b"Cookie: %s\r\n" % cookie.encode("latin-1")
        if body is not None:
            block += b"Content-Length: %d\r\n" % len(body if isinstance(body, bytes) else body.encode("utf-8"))
        elif method not in ("GET", "HEAD"):
            block += b"Content-Length: 0\r\n"
        if content_type is not None and not lines.has_type:
            block += b"Content-Type: %s\r\n" % content_type.encode("latin-1")
        if authorization is not None:
            line = b"Authorization: %s\r\n" % authorization.encode("latin-1")
            block = _with_authorization(block, line) if lines.has_authorization else block + line
        return block, bool(lines.has_cookie or own_cookies)

    def _make_lines(self, headers: dict[Any, Any]) -> HeaderLines | Reason:
        return drafts.header_lines(self._session.headers, headers)

    def _cookie_with(self, own_cookies: Any, url: str) -> str | None:
        jar = requests_cookies.merge_cookies(
            requests_cookies.merge_cookies(requests_cookies.RequestsCookieJar(), self._session.cookies),
            own_cookies if not isinstance(own_cookies, dict) else requests_cookies.cookiejar_from_dict(own_cookies),
        )
        return CookieBook(jar, unverifiable=True).header(url)

    def send(self, draft: Draft, name: str | None = None, record: bool = False) -> Any:
        """Sends one request, and sends it again as its adapter's `Retry` says.

        Args:
            name: What the statistics call it.
            record: Record natively where possible; look at the response's `recorded`.

        Returns:
            The response, or the exception of the engine or of requests.
        """
        if draft.retries is not None:
            record = record and may_record(draft.retries)
            return send_again(lambda again: self._send_once(again, name, record), draft)
        return self._send_once(draft, name, record)

    def _send_once(self, draft: Draft, name: str | None = None, record: bool = False) -> Any:
        body = draft.body
        if isinstance(body, str):
            body = body.encode("utf-8")
        options: dict[str, Any] = {}
        if draft.timeout is not None:
            connect, read = draft.timeout if isinstance(draft.timeout, tuple) else (draft.timeout, draft.timeout)
            options = {"connect_timeout": connect, "network_timeout": read}
        block = draft.added + draft.block if draft.added else draft.block
        try:
            response: Any = draft.client.send(
                draft.method, draft.wire_url, block, body, cookie="", name=name, record=record, stream=draft.stream,
                framed=draft.stream, **options,
            )  # fmt: skip
        except ENGINE_FAILURES as error:
            return error
        except ValueError as error:
            return Refused(str(error))
        if draft.stream:
            response.begin_streaming(draft.proxy)
        return response


def _adapters(session: HttpSession) -> list[Any]:
    """What of a session's adapters decides about its requests, to be compared later."""
    return [
        (prefix, id(adapter), id(getattr(adapter, "max_retries", None))) for prefix, adapter in session.adapters.items()
    ]


def _with_authorization(block: bytes, line: bytes) -> bytes:
    """Header lines whose Authorization is replaced, in its place."""
    lines = block.split(b"\r\n")[:-1]
    replaced = [line if old.lower().startswith(b"authorization:") else old + b"\r\n" for old in lines]
    return b"".join(replaced)


def engine_path_for(session: HttpSession) -> EnginePath | Reason:
    """The engine path of a session, or why there is none: its class has replaced what requests would go through."""
    changed = _changed_by(cast(Any, type(session)))
    return Reason.REPLACED_METHOD if changed - {"request"} else EnginePath(session, "request" in changed)


@cache
def _changed_by(kind: type) -> frozenset[str]:
    """What a subclass of HttpSession has replaced of what requests go through."""
    from locust_rs.http.requests.session import HttpSession  # imports this module

    return frozenset(name for name in _REPLACEABLE if getattr(kind, name) is not getattr(HttpSession, name))
