"""`HttpSession` on the engine: composes what requests would send, and makes of the answer what requests would.

`draft` composes one request from the kept parts of its session; `send` and `finish` see it through. Hooks, auth objects
and retries get the objects of requests and urllib3.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, cast

import requests
from requests.sessions import merge_setting

from locust_rs.http.common.cookies import CookieBook
from locust_rs.http.common.leaving import Reason, Refused
from locust_rs.http.requests import draft as drafts
from locust_rs.http.requests import observed
from locust_rs.http.requests.draft import CallHeaders, Draft
from locust_rs.http.requests.failures import ENGINE_FAILURES
from locust_rs.http.requests.kept_parts import REPLACEABLE, Direct, KeptParts
from locust_rs.http.requests.receiving import ROUTING_KEYWORDS, Receiving
from locust_rs.http.requests.retries import may_record, send_again

if TYPE_CHECKING:
    from locust_rs.http.requests.session import HttpSession

requests_cookies: Any = requests.cookies
_NO_SETTINGS: dict[str, Any] = {}
_NO_BODY: tuple[str | bytes | None, str | None] = (None, None)
_KNOWN_KEYWORDS = frozenset(
    ["params", "headers", "cookies", "files", "auth", "timeout", "allow_redirects", "proxies", "hooks", "stream",
     "verify", "cert"]
)  # fmt: skip


class EnginePath(Receiving, KeptParts):
    """Composes and sends the requests of one session."""

    def send_directly(self, method: str, url: str, direct: Direct) -> Any:
        """Sends a request that needs no draft.

        Returns:
            The response, the exception of the engine, or None if it does need one.
        """
        client, lines, sent, name, catch_response, timeouts, body, last = direct
        try:
            response: Any = client.send_directly(
                method, url, lines, name, not catch_response, body=body, last=last, timeouts=timeouts
            )
        except ENGINE_FAILURES as error:
            return error
        except ValueError:
            return None  # the draft finds out who can send it
        if response is not None:
            response._sent = sent
        return response

    def direct_draft(self, method: str, url: str, direct: Direct) -> Draft:
        """The draft of a request that was sent without one."""
        added = self._headers.added if isinstance(self._headers, CallHeaders) else b""
        full_url, sent = f"{self._session.base_url}{url}", direct.sent
        return Draft(
            method, full_url, url, url, sent.block, sent.body, False, direct.client, added, timeout=direct.timeouts
        )

    def draft(self, method: Any, url: Any, data: Any, json: Any, kwargs: dict[str, Any]) -> Draft | Reason:
        """Composes a call; or the reason why requests has to send it."""
        wire_method = drafts.wire_method(method)
        if wire_method is None:
            return Reason.ODD_METHOD
        if not _KNOWN_KEYWORDS.issuperset(kwargs):
            return Reason.ODD_KEYWORD
        timeout = kwargs.get("timeout")
        if timeout is not None and not drafts.is_plain_timeout(timeout):
            return Reason.ODD_TIMEOUT
        location = self._location(url, kwargs.get("params"))
        if location is None:
            return Reason.ODD_URL
        route: Any = self._route
        if route is None or location[1] is not location[2] or not ROUTING_KEYWORDS.isdisjoint(kwargs):
            route = self._own_route(kwargs) if route is not None and location[1] is location[2] else None
            route = route or self._routes.route(location[0], kwargs)
            if isinstance(route, Reason):
                return route
        headers = self._headers
        if own_headers := kwargs.get("headers"):
            try:
                headers = self._blocks[tuple(own_headers.items())]
            except (AttributeError, TypeError):
                return Reason.ODD_HEADER
        if isinstance(headers, Reason):
            return headers
        encoded = _NO_BODY
        if data or json is not None or "files" in kwargs:
            described = drafts.encoded_body(data, json, kwargs.get("files"))
            if isinstance(described, Reason):
                return described
            encoded = described
        auth = kwargs.get("auth")
        authorization = self._authorization_of(location[0], auth)
        if auth is None:
            auth = self._auth_object
        own_cookies = kwargs.get("cookies")
        extra = self._extra(wire_method, location, headers, encoded, own_cookies)
        block, lines = headers.block, headers.lines
        if authorization is not None:
            line = b"Authorization: %s\r\n" % authorization.encode("latin-1")
            if headers.has_authorization:
                block, lines = _with_authorization(block, line), None
            else:
                extra += line
        sent_url, wire_url, path_url = location
        block = block + extra if extra else block
        prepared, settings, hooks = None, _NO_SETTINGS, None
        if not self._has_no_hooks or kwargs.get("hooks"):
            hooks = observed.hooks_of(self._session.hooks, kwargs.get("hooks"))
        is_observed = hooks is not None or (authorization is None and auth is not None)
        if is_observed:
            settings = {"timeout": timeout, **route.settings, "proxies": dict(route.settings["proxies"])}
            prepared = observed.LazyPreparedRequest(
                wire_method, sent_url, block, encoded[0], self._session.cookies, own_cookies
            )
        draft = Draft(
            wire_method, sent_url, wire_url, path_url, block, encoded[0], bool(headers.has_cookie or own_cookies),
            route.client, headers.added, lines, extra or None, timeout, route.settings["stream"], route.retries,
            route.proxy, prepared, settings,
        )  # fmt: skip
        return observed.observed(draft, None if authorization is not None else auth, hooks) if is_observed else draft

    def _authorization_of(self, url: str, own: Any) -> str | None:
        """The Authorization header that a name and a password make; None: there is none, or an auth object makes it."""
        if own is not None:
            return drafts.basic_authorization(own)
        session = self._session
        if session.trust_env and not session.auth:
            return drafts.basic_authorization(self._routes.netrc_auth(url))
        return self._authorization

    def _location(self, url: Any, params: Any) -> tuple[str, str, str] | None:
        """The URL, that of the wire (the path itself below the base URL), and the path with its query."""
        session = self._session
        if session.params:
            params = merge_setting(params, session.params)  # type: ignore[no-untyped-call]
        if self._has_plain_base and isinstance(url, str) and drafts.is_plain_path(url):
            if not params:
                return f"{session.base_url}{url}", url, url
            query = drafts.plain_query(params)
            if query:
                path = f"{url}{'&' if '?' in url else '?'}{query}"
                return f"{session.base_url}{path}", path, path
        return drafts.located(session._build_url(url), params)

    def _extra(
        self,
        method: str,
        location: tuple[str, str, str],
        headers: CallHeaders,
        encoded: tuple[str | bytes | None, str | None],
        own_cookies: Any,
    ) -> bytes:
        """The header lines that differ from call to call: cookies, and what describes the body."""
        body, content_type = encoded
        if headers.has_cookie:
            cookie = None
        elif own_cookies:
            cookie = self._cookie_with(own_cookies, location[0])
        elif self._cookies_stand and location[1] is location[2]:
            cookie = self._standing_cookie
        else:
            cookie = self._cookies.header(location[0])
        extra = drafts.cookie_line(cookie)
        if body is not None:
            extra += b"Content-Length: %d\r\n" % len(body if isinstance(body, bytes) else body.encode("utf-8"))
        elif method != "GET" and method != "HEAD":
            extra += b"Content-Length: 0\r\n"
        if content_type is not None and not headers.has_type:
            extra += b"Content-Type: %s\r\n" % content_type.encode("latin-1")
        return extra

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
        if draft.retries is None:
            return self._send_once(draft, name, record)
        record = record and may_record(draft.retries)
        return send_again(lambda again: self._send_once(again, name, record), draft)

    def _send_once(self, draft: Draft, name: str | None = None, record: bool = False) -> Any:
        body = draft.body
        if isinstance(body, str):
            body = body.encode("utf-8")
        lines: Any = draft.lines
        extra = draft.extra
        if lines is None:
            lines, extra = draft.added + draft.block, None
        options: dict[str, Any] = {}
        if draft.stream:
            options = {"stream": True, "framed": True}
        if draft.timeout is not None:
            connect, read = draft.timeout if isinstance(draft.timeout, tuple) else (draft.timeout, draft.timeout)
            options |= {"connect_timeout": connect, "network_timeout": read}
        try:
            response: Any = draft.client.send(
                draft.method, draft.wire_url, lines, body, extra=extra, cookie="", name=name, record=record, **options
            )
        except ENGINE_FAILURES as error:
            return error
        except ValueError as error:
            return Refused(str(error))
        if draft.stream:
            response.begin_streaming(draft.proxy)
        return response


def _with_authorization(block: bytes, line: bytes) -> bytes:
    """Header lines whose Authorization is replaced, in its place."""
    lines = block.split(b"\r\n")[:-1]
    replaced = [line if old.lower().startswith(b"authorization:") else old + b"\r\n" for old in lines]
    return b"".join(replaced)


def engine_path_for(session: HttpSession, request: Any) -> EnginePath | Reason:
    """The engine path of a session, or why there is none: its class has replaced what requests would go through.

    Args:
        request: The original `HttpSession.request`.
    """
    changed = _changed_by(cast(Any, type(session)))
    return Reason.REPLACED_METHOD if changed - {"request"} else EnginePath(session, request)


@cache
def _changed_by(kind: type) -> frozenset[str]:
    """What a subclass of HttpSession has replaced of what requests go through."""
    from locust_rs.http.requests.session import HttpSession  # imports this module

    return frozenset(name for name in REPLACEABLE if getattr(kind, name) is not getattr(HttpSession, name))
