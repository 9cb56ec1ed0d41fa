"""`HttpSession` on the engine, for requests that depend on nothing but requests' own rules.

`is_open` checks that: no adapter, hook, auth object, proxy, environment, debug output or replaced method. It checks
before every request, because anyone may change any of it at any time. The bytes that requests would send are then
composed from kept parts, and the response is made in Rust.
"""

from __future__ import annotations

import logging
from functools import cache
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlparse

import requests
from requests.adapters import HTTPAdapter
from requests.exceptions import InvalidSchema, RequestException, TooManyRedirects
from requests.structures import CaseInsensitiveDict
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from locust_rs import _core
from locust_rs.http.common.cookies import CookieBook
from locust_rs.http.common.header_blocks import HeaderBlocks
from locust_rs.http.engine.client import make_client
from locust_rs.http.engine.recording import recording_of
from locust_rs.http.requests import draft as drafts
from locust_rs.http.requests import redirects, tls
from locust_rs.http.requests.draft import Draft
from locust_rs.http.requests.engine_response import EngineResponse, Sent
from locust_rs.http.requests.failures import ENGINE_FAILURES, translated
from locust_rs.http.requests.response import ResponseContextManager

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


def _machinery() -> tuple[Any, ...]:
    """What a request would go through in requests; tracers, recorders and mocks replace parts of it."""
    session = requests.Session
    return (
        session.send,
        session.request,
        session.prepare_request,
        session.get_adapter,
        session.resolve_redirects,
        HTTPAdapter.send,
        HTTPConnectionPool.urlopen,
        HTTPConnectionPool.ConnectionCls,
        HTTPSConnectionPool.ConnectionCls,
        HTTPConnection.debuglevel,
    )


_MACHINERY = _machinery()


class EnginePath:
    """Composes and sends the requests of one session.

    Args:
        session: Whose requests it sends.
        has_own_request: Its class has a `request` of its own, which every request has to go through.
    """

    client: _core.HttpClient | None = None
    serves_plain_gets = False
    """Whether plain GETs need no draft."""

    plain_sent: Any = None

    # What a session has none of before its first request.
    _tls: Any = None
    _state: Any = None
    _cookies: Any = None
    _cookies_changed = True
    _standing_cookie: str | None = None
    _cookies_stand = False
    _authorization: str | None = None
    _has_plain_base = False
    _block = b""

    def __init__(self, session: HttpSession, has_own_request: bool) -> None:
        self._session = session
        self._has_own_request = has_own_request
        self._methods = (type(session).request, type(session)._send_request_safe_mode)
        self._blocks = HeaderBlocks(self._make_block)

    def cookies_changed(self) -> None:
        """The session's jar is not what it was."""
        self._cookies_changed = True

    def is_open(self) -> bool:
        """Whether requests may go this way now; brings the kept parts up to date."""
        session = self._session
        if (
            session.trust_env
            or session.proxies
            or session.params
            or session.stream
            or session.hooks != {"response": []}
            or _machinery() != _MACHINERY
            or _urllib3_log.isEnabledFor(logging.DEBUG)
            or not _REPLACEABLE.isdisjoint(session.__dict__)
            or (type(session).request, type(session)._send_request_safe_mode) != self._methods
            or not session._has_own_adapters()
        ):
            return False
        headers = session.headers
        store = headers._store if type(headers) is CaseInsensitiveDict else None  # type: ignore[attr-defined]
        auth = session.auth
        state = (
            list(store.values()) if store is not None else list(headers.items()),
            auth if auth is None or isinstance(auth, tuple) else (type(auth), dict(vars(auth))),
            session.verify,
            session.cert,
            session.base_url,
            id(session.cookies),
            id(session.request_event),
        )
        if state != self._state:
            self._state = None
            if not self._read():
                return False
            self._state = state
        if self._cookies_changed or self._cookies.is_edited():
            self._read_cookies()
        return True

    def _read(self) -> bool:
        """Reads the session's settings. False: some of them are left to requests."""
        session = self._session
        try:
            self._authorization = drafts.authorization(session.auth)
            merged = drafts.merged_headers(session.headers, None)
            settings = tls.settings(session.verify, session.cert)
            if merged is None or settings is None:
                return False
            block = drafts.header_block(merged)
        except (LookupError, RequestException, UnicodeError):
            return False
        self._blocks.clear()
        if self.client is None or settings is not self._tls:
            self.client = make_client(
                host_first=True,
                concurrency=0,
                connect_timeout=None,
                network_timeout=None,
                tls=settings,
                response_class=EngineResponse,
                lenient_lengths=True,
            )
            self._tls = settings
        self.client.set_headers(list(merged.items()))
        self._has_plain_base = drafts.is_plain_base(session.base_url)
        self.client.set_base_url(session.base_url if self._has_plain_base else None)
        self._block = block
        self._cookies_changed = True
        self._record_to()
        return True

    def _record_to(self) -> None:
        if self.client is not None:
            self.client.record_to(*recording_of(self._session.request_event, self._session.user))

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
        self.serves_plain_gets = self._has_plain_base and self._cookies_stand and self._authorization is None
        self.serves_plain_gets = self.serves_plain_gets and not self._has_own_request
        cookie = self._standing_cookie
        block = self._block if cookie is None else self._block + b"Cookie: %s\r\n" % cookie.encode("latin-1")
        self.plain_sent = Sent(session, block)
        if self.client is not None:
            self.client.set_cookie(cookie)

    def plain_draft(self, url: str) -> Draft:
        """The draft of a plain GET that has gone straight to the engine."""
        return Draft("GET", f"{self._session.base_url}{url}", url, url, self.plain_sent.block, None, False)

    def take_cookies(self, response: EngineResponse) -> None:
        """Puts the cookies that a response sets into the session's jar."""
        self._cookies.take(response.url, response.header_list)

    def draft(self, method: str, url: Any, full_url: str, data: Any, json: Any, kwargs: dict[str, Any]) -> Draft | None:
        """Puts a call together; None: it is left to requests."""
        if (
            not drafts.is_method(method)
            or not _KNOWN_KEYWORDS.issuperset(kwargs)
            or kwargs.get("proxies")
            or kwargs.get("hooks")
            or kwargs.get("stream")
            or kwargs.get("verify") not in (None, self._session.verify)
            or kwargs.get("cert") not in (None, self._session.cert)
            or not drafts.is_plain_timeout(kwargs.get("timeout"))
        ):
            return None
        params = kwargs.get("params")
        if self._has_plain_base and not params and drafts.is_plain_path(url):
            location: Any = (full_url, url, url)
        else:
            location = drafts.located(full_url, params)
            if location is None:
                return None
        described = self._described(method, location, data, json, kwargs)
        if described is None:
            return None
        (sent_url, wire_url, path_url), (block, body, own_cookies) = location, described
        return Draft(method, sent_url, wire_url, path_url, block, body, own_cookies)

    def _described(
        self, method: str, location: Any, data: Any, json: Any, kwargs: dict[str, Any]
    ) -> tuple[bytes, str | bytes | None, bool] | None:
        """Header block, body, and whether the call has cookies of its own."""
        own_headers = kwargs.get("headers")
        kept = self._own_block(own_headers) if own_headers else (self._block, False, False)
        encoded = drafts.encoded_body(data, json, kwargs.get("files"))
        if kept is None or encoded is None:
            return None
        block, has_type, has_cookie = kept
        body, content_type = encoded
        auth = kwargs.get("auth")
        try:
            authorization = self._authorization if auth is None else drafts.authorization(auth)
        except LookupError:
            return None
        own_cookies = kwargs.get("cookies")
        if has_cookie:
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
        if content_type is not None and not has_type:
            block += b"Content-Type: %s\r\n" % content_type.encode("latin-1")
        if authorization is not None:
            block += b"Authorization: %s\r\n" % authorization.encode("latin-1")
        return block, body, bool(has_cookie or own_cookies)

    def _own_block(self, headers: Any) -> tuple[bytes, bool, bool] | None:
        """Header lines with those of a call, whether they name a Content-Type, and whether cookies."""
        try:
            block: tuple[bytes, bool, bool] | None = self._blocks[tuple(headers.items())]
        except (AttributeError, TypeError):
            return None
        return block

    def _make_block(self, headers: dict[str, Any]) -> tuple[bytes, bool, bool] | None:
        try:
            merged = drafts.merged_headers(self._session.headers, headers)
            if merged is None:
                return None
            return drafts.header_block(merged), "content-type" in merged, "cookie" in merged
        except (RequestException, UnicodeError):
            return None

    def _cookie_with(self, own_cookies: Any, url: str) -> str | None:
        jar = requests_cookies.merge_cookies(
            requests_cookies.merge_cookies(requests_cookies.RequestsCookieJar(), self._session.cookies),
            own_cookies if not isinstance(own_cookies, dict) else requests_cookies.cookiejar_from_dict(own_cookies),
        )
        return CookieBook(jar, unverifiable=True).header(url)

    def send(self, draft: Draft, name: str | None, record: bool, timeout: Any) -> Any:
        """Sends one request.

        Args:
            name: What the statistics call it.
            record: Record natively where possible; look at the response's `recorded`.

        Returns:
            The response, or the exception of the engine.
        """
        body = draft.body
        if isinstance(body, str):
            body = body.encode("utf-8")
        options: dict[str, Any] = {}
        if timeout is not None:
            connect, read = timeout if isinstance(timeout, tuple) else (timeout, timeout)
            options = {"connect_timeout": connect, "network_timeout": read}
        try:
            return self.client.send(  # type: ignore[union-attr]
                draft.method, draft.wire_url, draft.block, body, cookie="", name=name, record=record, **options
            )
        except ENGINE_FAILURES as error:
            return error

    def finish(self, draft: Draft, outcome: Any, kwargs: dict[str, Any]) -> ResponseContextManager:
        """Sees a request through that was sent: its body, its cookies and its redirects.

        Args:
            outcome: The response, or the exception of the engine.

        Returns:
            The last response, or the dummy of a failure.

        Raises:
            InvalidSchema: A redirect leads to another protocol.
        """
        try:
            response = self._received(outcome, draft, kwargs.get("timeout"))
            if kwargs.get("allow_redirects", True) and redirects.is_followed(response):
                return self._follow(draft, response, kwargs)
            return response
        except InvalidSchema:
            raise
        except RequestException as error:
            return ResponseContextManager(error)

    def _follow(self, draft: Draft, response: EngineResponse, kwargs: dict[str, Any]) -> ResponseContextManager:
        """Follows redirects.

        Raises:
            RequestException: There is no response, or there are more redirects than the session follows.
        """
        timeout = kwargs.get("timeout")
        history: list[EngineResponse] = []
        fragment = urlparse(draft.url).fragment if "#" in draft.url else ""
        while redirects.is_followed(response):
            url = redirects.target_of(response, fragment)
            fragment = urlparse(url).fragment or fragment
            response.history = history[:]  # type: ignore[assignment]
            history.append(response)
            if len(history) > self._session.max_redirects:
                text = f"Exceeded {self._session.max_redirects} redirects."
                raise TooManyRedirects(text, response=response)
            following = None if draft.own_cookies else redirects.next_draft(self._session, draft, response, url)
            if following is None:
                left: ResponseContextManager = self._left_to_requests(history, kwargs)
                return left
            draft = self._with_cookie(following)
            response = self._received(self.send(draft, None, False, timeout), draft, timeout)
        response.history = history  # type: ignore[assignment]
        return response

    def _with_cookie(self, draft: Draft) -> Draft:
        cookie = self._cookies.header(draft.url)
        if cookie is None:
            return draft
        return draft._replace(block=draft.block + b"Cookie: %s\r\n" % cookie.encode("latin-1"))

    def _received(self, outcome: Any, draft: Draft, timeout: Any) -> EngineResponse:
        """Takes a response in: its cookies, and its body, which must be readable.

        Raises:
            RequestException: The request failed.
        """
        if not isinstance(outcome, EngineResponse):
            raise self._failure(outcome, draft, timeout)
        response = outcome
        response._sent = Sent(self._session, draft.block, draft.body)
        if "#" in draft.url or draft.wire_url is not draft.path_url:
            response.url = draft.url
        if response.sets_cookies:
            self._cookies.take(draft.url, response.header_list)
        if not response.recorded:
            error = _reading_error(response)
            if error is not None:
                raise self._failure(error, draft, timeout)
        return response

    def _failure(self, error: Any, draft: Draft, timeout: Any) -> RequestException:
        """The exception of requests for the engine's."""
        prepared = requests.Request(draft.method, draft.url).prepare()
        prepared.headers = Sent(self._session, draft.block).headers()
        prepared.body = draft.body
        return translated(error, draft.url, timeout, prepared)

    def _left_to_requests(self, history: list[EngineResponse], kwargs: dict[str, Any]) -> Any:
        """Lets requests follow the redirects from the last response on."""
        session = self._session
        first = history[-1]
        timeout = kwargs.get("timeout")
        prepared: Any = first.request
        if kwargs.get("cookies"):
            requests_cookies.merge_cookies(prepared._cookies, kwargs["cookies"])
        settings: Any = session.merge_environment_settings(first.url, {}, None, None, None)
        left = session.max_redirects - len(history) + 1
        followed: list[Any] = []
        for response in session.resolve_redirects(first, prepared, timeout=timeout, **settings):
            followed.append(response)
            if len(followed) > left:
                raise TooManyRedirects(f"Exceeded {session.max_redirects} redirects.", response=response)
        last = followed.pop()
        last.history = [*history, *followed]
        return last


def _reading_error(response: EngineResponse) -> Any:
    """Why the body cannot be read; None: it can."""
    try:
        response.content  # noqa: B018  # reads and decodes it
    except ENGINE_FAILURES as error:
        error.start_time = response.start_time  # type: ignore[union-attr]
        error.response_time_ms = response.response_time_ms  # type: ignore[union-attr]
        error.response = response  # type: ignore[union-attr]
        return error
    return None


def engine_path_for(session: HttpSession) -> EnginePath | None:
    """The short way of a session; None if its class has replaced something that requests would go through."""
    changed = _changed_by(cast(Any, type(session)))
    return None if changed - {"request"} else EnginePath(session, "request" in changed)


@cache
def _changed_by(kind: type) -> frozenset[str]:
    """What a subclass of HttpSession has replaced of what requests go through."""
    from locust_rs.http.requests.session import HttpSession  # imports this module

    return frozenset(name for name in _REPLACEABLE if getattr(kind, name) is not getattr(HttpSession, name))
