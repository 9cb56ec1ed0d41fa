"""`FastHttpSession` on the engine: header blocks kept ready, redirects, retries and cookies as geventhttpclient's.

One `EnginePath` belongs to one session. What of a session can change is read again whenever something has changed;
until then a request costs a look-up and a native call.
"""

from __future__ import annotations

import ssl
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from geventhttpclient.connectionpool import ConnectionPool

from locust_rs import _core
from locust_rs.http.common import tls_origins
from locust_rs.http.common.cookies import CookieBook
from locust_rs.http.common.header_blocks import HeaderBlocks
from locust_rs.http.common.leaving import Refused
from locust_rs.http.engine.client import make_client
from locust_rs.http.engine.recording import recording_of
from locust_rs.http.fast import draft
from locust_rs.http.fast.agent import FAILURE_EXCEPTIONS, LocustBadStatusCode, LocustUserAgent
from locust_rs.http.fast.draft import Call, CallHeaders
from locust_rs.http.fast.engine_response import FastResponse, incomplete
from locust_rs.http.fast.failures import ENGINE_FAILURES
from locust_rs.http.fast.redirects import follow
from locust_rs.http.fast.response import ErrorResponse
from locust_rs.http.fast.site import site_of
from locust_rs.http.fast.unusual import exchange, make_request

if TYPE_CHECKING:
    from http.cookiejar import CookieJar

    from locust_rs.http.fast.session import FastHttpSession

_KNOWN_SETTINGS = frozenset(
    [
        "network_timeout", "connection_timeout", "max_redirects", "max_retries", "retry_delay",
        "headers", "concurrency", "proxy_host", "proxy_port",
    ]
)  # fmt: skip


def can_serve(settings: dict[str, Any]) -> bool:
    """Whether the engine knows all of a session's settings that are not left out."""
    if settings.get("proxy_host") and not settings.get("proxy_port"):
        return False  # geventhttpclient says what is missing
    return _KNOWN_SETTINGS.issuperset(name for name, value in settings.items() if value is not None)


def kept_settings(settings: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """A session's settings, in one dictionary for all sessions with the same, and whether the engine knows them."""
    try:
        return _shared_settings(**settings)
    except TypeError:  # not hashable, such as default headers
        return settings, can_serve(settings)


@lru_cache(maxsize=256, typed=True)
def _shared_settings(**settings: Any) -> tuple[dict[str, Any], bool]:
    return settings, can_serve(settings)


@lru_cache(maxsize=256)
def _plain_sent(headers: tuple[tuple[str, str], ...]) -> tuple[dict[str, str], None, None]:
    """Headers, body and extra arguments of a plain GET: one object for all sessions that send the same."""
    return dict(headers), None, None


@cache
def _tls(insecure: bool) -> _core.HttpTls:
    """Shared by all sessions, so that they resume each other's TLS sessions."""
    if insecure:
        return _core.HttpTls(verify=False)
    ca_file = ssl.get_default_verify_paths().cafile
    if ca_file is None:
        import certifi

        ca_file = certifi.where()
    return _core.HttpTls(verify=True, ca_file=ca_file)


class EnginePath:
    """Sends a session's requests through the engine.

    Args:
        session: Whose requests they are.
        settings: The session's keywords, see `can_serve`.
        insecure: Any certificate is accepted.
    """

    def __init__(self, session: FastHttpSession, settings: dict[str, Any], insecure: bool) -> None:
        self.session = session
        proxy_host = settings.get("proxy_host")
        self.client = make_client(
            concurrency=settings.get("concurrency") or 1,
            connect_timeout=settings.get("connection_timeout") or ConnectionPool.DEFAULT_CONNECTION_TIMEOUT,
            network_timeout=settings.get("network_timeout") or ConnectionPool.DEFAULT_NETWORK_TIMEOUT,
            tls=_tls(bool(insecure)),
            proxy=f"http://{proxy_host}:{settings['proxy_port']}" if proxy_host else None,
            response_class=FastResponse,
        )
        self.tries_after_close = (settings.get("concurrency") or 1) + 2
        self._agent_settings: Any = None
        self.known_headers = HeaderBlocks(self._make_headers)
        self.known_with_json = HeaderBlocks(lambda headers: self._make_headers(headers, is_json=True))
        self._base: str | None = None
        self.origin = ""
        self._takes_cookies = True
        self._cookies: CookieBook | None = None
        self._standing = True
        self._place: Any = None
        self._has_left = False
        self.plain_sent: Any = None

    def refresh(self) -> bool:
        """Reads the session's settings again.

        Returns:
            Whether a plain GET may go straight to the engine from now on.
        """
        session = self.session
        self.known_headers.clear()
        self.known_with_json.clear()
        agent = session._agent
        self._agent_settings = _settings_of(agent)
        # A session that was given no cookie yet has no jar: most users that arrive for a request never need one.
        jar = session._own_cookiejar if agent is None else agent.cookiejar
        self._takes_cookies = agent is None or jar is not None
        self._keep_book_of(jar)
        complete = tuple(session._complete_headers(None, None).items())
        self.plain_sent = _plain_sent(complete)
        self.client.set_headers(session._headers_of_plain_get(complete))
        site = site_of(session.base_url or "", bool(session._insecure))
        self._base = site.base_url
        self.origin = site.origin
        try:
            self.client.set_base_url(self._base)
        except ValueError:  # the engine's rules refuse it; geventhttpclient's may not
            self._base = None
            self.client.set_base_url(None)
        self._place = site.place
        self._has_left = tls_origins.has_left(self._place)
        self._record_to()
        return self.refresh_cookies()

    def refresh_cookies(self) -> bool:
        """Reads the session's cookies again; the rest is what it was.

        Returns:
            As `refresh`.
        """
        self._standing, cookie = True, None
        self._find_new_jar()
        if self._cookies is not None:
            self._standing, cookie = self._cookies.standing(self._base) if self._base else (False, None)
        self.client.set_cookie(cookie)
        return self.is_plain()

    def _keep_book_of(self, jar: CookieJar | None) -> None:
        if jar is None:
            self._cookies = None
        elif self._cookies is None or self._cookies.jar is not jar:
            self._cookies = CookieBook(jar, unverifiable=False)

    def _find_new_jar(self) -> None:
        """Notices that the session has got its jar since it had none."""
        if self._cookies is None and self._takes_cookies:
            self._keep_book_of(self.session._own_cookiejar)

    def is_plain(self) -> bool:
        """Whether a plain GET may go straight to the engine."""
        return self._base is not None and self._standing and not self._has_left

    def _record_to(self) -> None:
        self.client.record_to(*recording_of(self.session.request_event, self.session.user))

    def is_current(self) -> bool:
        """Whether the agent and cookies that the user holds references to are unchanged since `refresh`."""
        if self._cookies is not None and self._cookies.is_edited():
            return False
        return bool(self._agent_settings == _settings_of(self.session._agent))

    def kept_headers(self, headers: Any, auth: Any = None, is_json: bool = False) -> CallHeaders | None:
        """The header lines of a call; None where geventhttpclient has to make them.

        Args:
            headers: Those of the call.
            auth: User name and password.
            is_json: The body is JSON.
        """
        known = self.known_with_json if is_json else self.known_headers
        try:
            key = tuple(headers.items()) if headers else ()
            kept: CallHeaders | None = known[(*key, (None, auth)) if auth else key]
        except (TypeError, AttributeError):
            return None  # a value that is not a string
        return kept

    def send_call(self, call: Call) -> Any:
        """As `send`, for a call whose headers are complete."""
        kept = self.kept_headers(call.headers)
        return None if kept is None else self.send(call.method, call.path, kept, call.data, call.extra, call.stream)

    def send(
        self,
        method: str,
        path: str,
        headers: CallHeaders,
        data: Any,
        extra: dict[str, Any],
        stream: bool,
        name: str | None = None,
        record: bool = False,
    ) -> Any:
        """Sends a request whose header lines are kept ready.

        Args:
            path: The URL as the user gave it.
            extra: Other keywords of the call.
            name: What the statistics call it.
            record: Record natively where possible; look at the response's `recorded`.

        Returns:
            The response, the exception of the engine, or None if geventhttpclient has to build the request.
        """
        session = self.session
        if self._has_left:
            if tls_origins.has_left(self._place):
                return None
            session._changed()
        if self._base is None or not draft.is_method(method):
            return None
        target = draft.target_of(session, path, extra, self.origin)
        if target is None:
            return None
        lines: bytes | None = None
        body: bytes | None
        if data:
            described = draft.encoded_body(data, headers.has_type)
            if described is None:
                return None
            lines, body = described
        else:
            body = draft.empty_body(method)
        cookie = None
        if session._has_other_cookies:
            self._find_new_jar()
        if self._cookies is not None and not (self._standing and target[0] == "/" and not session._has_other_cookies):
            cookie = self._cookies.header(session._build_url(path)) or ""
        try:
            outcome: Any = self.client.send(
                method, target, headers.lines, body, extra=lines, cookie=cookie, stream=stream, name=name, record=record
            )
        except ENGINE_FAILURES as error:
            outcome = incomplete(error)
        except ValueError as error:
            outcome = Refused(str(error))
        if isinstance(outcome, FastResponse):
            outcome._session = session
            outcome._sent = (headers.complete, data, extra) if data is not None or extra else headers.sent
            # Each attribute that differs from the class's costs the response a dictionary.
            if target is not path:
                outcome._url = session._build_url(path)
        return outcome

    def is_done(self, outcome: Any) -> bool:
        """Whether a request has a response that nothing is left to be done for."""
        return (
            isinstance(outcome, FastResponse)
            and outcome.ordinary
            and outcome._broken is None
            and outcome.status_code in (self.session._agent or LocustUserAgent).valid_response_codes
        )

    def finish(self, call: Call, outcome: Any) -> Any:
        """Sees a request through that was sent: cookies, status, redirects, retries.

        Args:
            outcome: The response, the exception of the engine, or None if it was not sent.

        Returns:
            A response; that of a failed request has its exception as `error`.
        """
        try:
            if not isinstance(outcome, FastResponse):
                return exchange(self, call, outcome)
            if self.is_final(outcome, call.allow_redirects):
                return outcome
            return follow(self, call, outcome)
        except FAILURE_EXCEPTIONS as error:
            return self.failed(call, error)

    def finish_direct(
        self, method: str, url: str, outcome: Any, sent: tuple[dict[str, str], Any, dict[str, Any] | None], stream: bool
    ) -> Any:
        """Sees a request through that was sent by `DirectCalls`.

        Args:
            outcome: The response or the exception of the engine.
            sent: What the request was made from.
            stream: Its body is left to whoever reads it.
        """
        outcome = incomplete(outcome)
        session = self.session
        if isinstance(outcome, FastResponse):
            outcome._session = session
            outcome._sent = sent
        headers, data, extra = sent
        call = Call(method, url, session._build_url(url), dict(headers), data, extra or {}, stream=stream)
        return self.finish(call, outcome)

    def take_cookies(self, response: FastResponse) -> None:
        """Puts the cookies that a response sets into the jar."""
        if self._takes_cookies and self._cookies is None:
            self._keep_book_of(self.session._cookiejar)
        if self._cookies is not None:
            self._cookies.take(response.url, response.header_list)

    def make_request(self, method: str, url: str, sent: tuple[dict[str, str], Any, dict[str, Any] | None]) -> Any:
        """The request of a response: what geventhttpclient would have made of what was `sent`."""
        headers, data, extra = sent
        return make_request(self, Call(method, url, url, headers, data, extra or {}))

    def failed(self, call: Call, error: Any) -> ErrorResponse:
        """The response of a failed request."""
        known = {key: call.extra[key] for key in ("params", "files") if key in call.extra}
        agent = self.session._get_agent()
        return ErrorResponse(agent._make_request(call.url, call.method, call.headers, call.data, **known), error)

    def _make_headers(self, headers: dict[Any, Any], is_json: bool = False) -> CallHeaders | None:
        auth = headers.pop(None, None)
        if not draft.is_usual(headers):
            return None
        complete = self.session._complete_headers(headers, auth, is_json)
        try:
            block = draft.header_block(self.session._default_headers(), complete)
            lines = _core.HeaderLines(block)
        except ValueError:
            return None  # geventhttpclient says what is wrong with them
        has_type = b"\r\ncontent-type:" in b"\r\n" + block.lower()
        return CallHeaders(lines, (complete, None, None), complete, has_type)

    def is_final(self, response: FastResponse, allow_redirects: bool) -> bool:
        """Takes cookies and checks the status. False: a redirect is to be followed."""
        if response.sets_cookies:
            self.take_cookies(response)
        if response.recorded:
            return True
        agent = self.session._agent or LocustUserAgent
        status = response.status_code
        if status not in agent.valid_response_codes:
            error = LocustBadStatusCode(response.url, code=status)
            error.response = response
            response.error = error  # type: ignore[attr-defined]
            return True
        return not (
            allow_redirects
            and status in agent.redirect_response_codes
            and self.session._max_redirects() > 0
            and response.header("location")
        )


def _settings_of(agent: Any) -> Any:
    """What of an agent decides about requests, to be compared later."""
    if agent is None:
        return None
    own = (agent.max_redirects, agent.max_retries, agent.retry_delay, id(agent.cookiejar), id(agent.clientpool))
    return own, dict(agent.default_headers)
