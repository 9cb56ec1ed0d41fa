"""`FastHttpSession` on the engine: header blocks kept ready, redirects, retries and cookies as geventhttpclient's.

One `EngineWay` belongs to one session. What of a session can change is read again whenever something has changed;
until then a request costs a look-up and a native call.
"""

from __future__ import annotations

import ssl
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from geventhttpclient.connectionpool import ConnectionPool
from geventhttpclient.useragent import RetriesExceeded

from locust_rs import _core
from locust_rs.clients.cookies import CookieBook
from locust_rs.engine.recording import recording_of
from locust_rs.engine.transport import make_client
from locust_rs.fasthttp import places, wire
from locust_rs.fasthttp.agent import FAILURE_EXCEPTIONS, LocustBadStatusCode, LocustUserAgent
from locust_rs.fasthttp.exchange import exchange, incomplete
from locust_rs.fasthttp.failures import ENGINE_FAILURES
from locust_rs.fasthttp.native import FastResponse
from locust_rs.fasthttp.response import ErrorResponse, FastRequest

if TYPE_CHECKING:
    from locust_rs.fasthttp.session import FastHttpSession

_MOST_BLOCKS = 256
"""Combinations of headers whose block is remembered."""

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


class EngineWay:
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
        self._blocks: dict[Any, Any] = {}
        self._base: str | None = None
        self._origin = ""
        self._cookies: CookieBook | None = None
        self._standing = True
        self.plain_sent: Any = None

    def refresh(self) -> bool:
        """Reads the session's settings again.

        Returns:
            Whether a plain GET may go straight to the engine from now on.
        """
        session = self.session
        self._blocks.clear()
        agent = session._agent
        self._agent_settings = _settings_of(agent)
        jar = session._cookiejar if agent is None else agent.cookiejar
        if jar is None:
            self._cookies = None
        elif self._cookies is None or self._cookies.jar is not jar:
            self._cookies = CookieBook(jar, unverifiable=False)
        self.client.set_headers(list(session._default_request_headers().items()))
        base = session.base_url or ""
        parts = urlsplit(base)
        is_plain = base.startswith(("http://", "https://")) and bool(parts.hostname)
        is_plain = is_plain and not (parts.query or parts.fragment)
        is_plain = is_plain and "@" not in parts.netloc and _host_is_sent_as_is(base)
        is_plain = is_plain and not parts.path.endswith("/")  # geventhttpclient refuses `//path`
        self._base = base if is_plain else None
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self.client.set_base_url(self._base)
        self.plain_sent = _plain_sent(tuple(session._complete_headers(None, None).items()))
        self._record_to()
        return self.refresh_cookies()

    def refresh_cookies(self) -> bool:
        """Reads the session's cookies again; the rest is what it was.

        Returns:
            As `refresh`.
        """
        self._standing, cookie = True, None
        if self._cookies is not None:
            self._cookies.forget()
            self._standing, cookie = self._cookies.standing(self._base) if self._base else (False, None)
        self.client.set_cookie(cookie)
        return self._base is not None and self._standing

    def _record_to(self) -> None:
        self.client.record_to(*recording_of(self.session.request_event, self.session.user))

    def is_current(self) -> bool:
        """Whether agent and cookies, which the user has in his hands, still are what was read."""
        if self._cookies is not None and self._cookies.is_edited():
            return False
        return bool(self._agent_settings == _settings_of(self.session._agent))

    def fetch(
        self,
        method: str,
        url: str,
        full_url: str,
        name: str,
        data: Any,
        headers: dict[str, str],
        allow_redirects: bool,
        stream: bool,
        record: bool,
        extra: dict[str, Any],
    ) -> Any:
        """Sends a request, and those of its redirects and retries.

        Args:
            url: As the user gave it.
            headers: Complete but for the defaults.
            record: Record natively where possible; look at the response's `recorded`.
            extra: Keywords for `urlopen` beyond these.

        Returns:
            A response; that of a failed request has its exception as `error`.
        """
        outcome: Any = None
        target = None if self._base is None else places.target_of(url, full_url, self._origin, extra)
        try:
            if target is not None:
                outcome = self._send_usual(
                    method, target, full_url, headers, data, stream, extra=extra, name=name, record=record
                )
                if isinstance(outcome, FastResponse):
                    if self.is_final(outcome, allow_redirects):
                        return outcome
                    return self._follow(method, full_url, headers, data, extra, stream, outcome)
            return exchange(self, method, full_url, headers, data, extra, allow_redirects, stream, outcome)
        except FAILURE_EXCEPTIONS as error:
            return self.failed(method, full_url, headers, data, extra, error)

    def _send_usual(
        self,
        method: str,
        target: str,
        url: str,
        headers: dict[str, str],
        data: Any,
        stream: bool,
        extra: dict[str, Any],
        **options: Any,
    ) -> Any:
        """Sends a request whose header block is kept ready.

        Returns:
            The response, the exception of the engine, or None if the request has a peculiarity.
        """
        usual = self._usual_parts(method, headers, data)
        if usual is None:
            return None
        cookie = None
        if self._cookies is not None and not (self._standing and target[0] == "/"):
            cookie = self._cookies.header(url) or ""
        try:
            outcome: Any = self.client.send(method, target, *usual, cookie=cookie, stream=stream, **options)
        except ENGINE_FAILURES as error:
            outcome = incomplete(error)
        if isinstance(outcome, FastResponse):
            outcome._session = self.session
            outcome._sent = (headers, data, extra)
            outcome._consumed = not stream
            if target[0] != "/":
                outcome._url = url
        return outcome

    def _follow(
        self,
        method: str,
        full_url: str,
        headers: dict[str, str],
        data: Any,
        extra: dict[str, Any],
        stream: bool,
        response: FastResponse,
    ) -> FastResponse:
        """Follows the redirects within the origin; what is more is left to `_exchange`, from the beginning on.

        Raises:
            FAILURE_EXCEPTIONS: There is no response.
        """
        history: list[FastResponse] = []
        limit = self.session._max_redirects()
        hop = places.Hop(method, "", headers, data)
        outcome: Any = response
        while isinstance(outcome, FastResponse):
            location = str(outcome.header("location"))
            following = places.next_hop(hop.method, hop.headers, hop.data, outcome.status_code, location)
            if following is None:
                break
            history.append(outcome)
            outcome.release()
            if len(history) > limit:
                raise RetriesExceeded(full_url, f"Redirection limit reached ({limit})")
            hop = following
            url = self._origin + hop.path
            outcome = self._send_usual(hop.method, url, url, hop.headers, hop.data, stream, extra={})
            if isinstance(outcome, FastResponse):
                outcome._history = history
                if self.is_final(outcome, True):
                    return outcome
        if not history:
            return exchange(self, method, full_url, headers, data, extra, True, stream, outcome)
        return exchange(
            self,
            hop.method,
            self._origin + hop.path,
            hop.headers,
            hop.data,
            {},
            True,
            stream,
            outcome,
            history,
            full_url,
        )

    def settle_plain(self, url: str, outcome: Any) -> Any:
        """Finishes a plain GET that was not recorded natively: what `fetch` would have returned.

        Args:
            outcome: The native response, or the exception of the engine.
        """
        outcome = incomplete(outcome)
        headers = self.session._complete_headers(None, None)
        full_url = self.session._build_url(url)
        if isinstance(outcome, FastResponse):
            outcome._session = self.session
            outcome._sent = self.plain_sent
            if self.is_final(outcome, True):
                return outcome
        try:
            if isinstance(outcome, FastResponse):
                return self._follow("GET", full_url, headers, None, {}, False, outcome)
            return exchange(self, "GET", full_url, headers, None, {}, True, False, outcome)
        except FAILURE_EXCEPTIONS as error:
            return self.failed("GET", full_url, headers, None, {}, error)

    def take_cookies(self, response: FastResponse) -> None:
        """Puts the cookies that a response sets into the jar."""
        if self._cookies is not None:
            self._cookies.take(response.url, response.header_list)

    def make_request(self, method: str, url: str, headers: Any, data: Any, extra: Any = None) -> FastRequest:
        """The request as geventhttpclient would have made it."""
        agent = self.session._get_agent()
        merged = agent.default_headers.copy()
        merged.update(headers)
        extra = dict(extra or {})
        described: dict[str, Any] = {"params": extra.pop("params", None), "files": extra.pop("files", None)}
        # Other keywords are parameters, of the body or of the URL.
        if extra:
            if method.upper() == "POST":
                data = extra if data is None else {**data, **extra} if isinstance(data, dict) else data
            elif described["params"] is None:
                described["params"] = extra
            elif isinstance(described["params"], dict):
                described["params"] = {**described["params"], **extra}
        request: Any = agent._make_request(url, method, headers=merged, payload=data, **described)
        return request  # type: ignore[no-any-return]

    def failed(self, method: str, url: str, headers: Any, data: Any, extra: Any, error: Any) -> Any:
        """The response of a failed request."""
        known = {key: extra[key] for key in ("params", "files") if key in extra}
        return ErrorResponse(self.session._get_agent()._make_request(url, method, headers, data, **known), error)

    def _usual_parts(self, method: str, headers: dict[str, str], data: Any) -> tuple[bytes, Any] | None:
        """Header block and body of a request without peculiarities; None if it has one."""
        try:
            known = self._blocks.get(tuple(headers.items()), self)
        except TypeError:
            return None  # a value that is no text
        if known is self:
            known = self._keep_block(headers)
        if known is None or not method.isupper() or not method.isalpha():
            return None
        block, has_type = known
        described = wire.encoded_body(method, data, has_type)
        if described is None:
            return None
        return block + described[0], described[1]

    def _keep_block(self, headers: dict[str, str]) -> tuple[bytes, bool] | None:
        block = None
        if wire.is_usual(headers):
            lines = wire.header_block(self.session._default_headers(), headers)
            block = (lines, b"\r\ncontent-type:" in b"\r\n" + lines.lower())
        if len(self._blocks) >= _MOST_BLOCKS:
            self._blocks.clear()
        self._blocks[tuple(headers.items())] = block
        return block

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


def _host_is_sent_as_is(base_url: str) -> bool:
    """Whether geventhttpclient sends the Host header that is usual; it leaves out 80 and 443 for both schemes."""
    parts = urlsplit(base_url)
    unusual = {"http": 443, "https": 80}[parts.scheme]
    return parts.port != unusual and parts.netloc == parts.netloc.lower()
