"""`FastHttpSession`: the HTTP client of `FastHttpUser`."""

from __future__ import annotations

import json as jsonlib
import time
from collections.abc import Callable, Generator
from http.cookiejar import CookieJar
from time import perf_counter
from typing import TYPE_CHECKING, Any, Unpack

import gevent.ssl

from locust_rs._core import DirectCalls
from locust_rs.http import engine
from locust_rs.http.common import base_url as urls
from locust_rs.http.common import leaving
from locust_rs.http.common.cookies import TellingCookieJar
from locust_rs.http.common.leaving import Reason, Refused
from locust_rs.http.common.reporting import ReportingSession, announced_length, failure_span, request_meta
from locust_rs.http.fast import draft, engine_path, left
from locust_rs.http.fast.agent import FAILURE_EXCEPTIONS, EnginePool, LocustUserAgent
from locust_rs.http.fast.draft import Call
from locust_rs.http.fast.engine_response import CatchingResponse
from locust_rs.http.fast.engine_response import FastResponse as EngineResponse
from locust_rs.http.fast.failures import ENGINE_FAILURES
from locust_rs.http.fast.replaced import ORIGINALS, has_own_steps, take
from locust_rs.http.fast.response import ErrorResponse, FastResponse, ResponseContextManager
from locust_rs.http.fast.state import SessionState
from locust_rs.http.fast.tls import insecure_ssl_context_factory

if TYPE_CHECKING:
    from geventhttpclient.client import HTTPClientPool

    from locust_rs.http.common.keywords import (
        FastPutKwargs as PatchKwargs,
    )
    from locust_rs.http.common.keywords import (
        FastPutKwargs as PutKwargs,
    )
    from locust_rs.http.common.keywords import (
        FastRequestKwargs as PostKwargs,
    )
    from locust_rs.http.common.keywords import (
        FastRESTKwargs as RESTKwargs,
    )
    from locust_rs.http.fast.engine_path import EnginePath
    from locust_rs.user.base import User


class FastHttpSession(SessionState, ReportingSession):
    """Sends requests, keeps cookies between them and fires the `request` event for each.

    Requests go through the engine, and through geventhttpclient when a setting needs it
    (`client_pool`, `ssl_context_factory`, `debug_stream`, …), with `http_engine = False` on the user's class or
    `LOCUST_HTTP_ENGINE=off` in the environment.

    Args:
        base_url: Put before URLs that are only a path, as it is. Credentials in it become `auth_header`.
        request_event: Its `fire` is called for every request.
        user: Whose `context()` is added to that of each request; may be None.
        insecure: Any certificate is accepted.
        client_pool: Connections to share with other sessions (geventhttpclient's).
        ssl_context_factory: Makes the TLS context (geventhttpclient's).
        **kwargs: For geventhttpclient's user agent and pool: `max_redirects`, `max_retries`, `headers`,
            `network_timeout`, `connection_timeout`, `concurrency`, `proxy_host`, `proxy_port`, …
    """

    def __init__(
        self,
        base_url: str | None,
        request_event: Any,
        user: User | None,
        insecure: bool = True,
        client_pool: HTTPClientPool | None = None,
        ssl_context_factory: Callable[..., Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__()
        # Past __setattr__, which looks for changes: what is made from these does not exist yet.
        note = object.__setattr__
        if base_url:
            base_url, credentials = urls.split_credentials(base_url)
            if credentials:
                note(self, "auth_header", draft.basic_authorization(*credentials))
        note(self, "base_url", base_url)
        note(self, "request_event", request_event)
        note(self, "user", user)
        note(self, "_insecure", insecure)
        settings, is_servable = engine_path.kept_settings(kwargs)
        note(self, "_settings", settings)
        if client_pool:
            note(self, "_client_pool", client_pool)
        if ssl_context_factory:
            note(self, "_ssl_context_factory", ssl_context_factory)
        note(
            self,
            "_uses_engine",
            is_servable
            and not (client_pool or ssl_context_factory)
            and getattr(user, "http_engine", True)
            and engine.enabled()
            and not has_own_steps(type(self), FastHttpSession),
        )
        ORIGINALS.look_without_watch()

    @property
    def cookiejar(self) -> CookieJar:
        """The cookies of the session."""
        # They may be edited from now on, so they are looked at before every request.
        self._is_in_hands = True
        self._changed()
        return self._cookiejar

    @cookiejar.setter
    def cookiejar(self, value: CookieJar) -> None:
        self._own_cookiejar = value

    @property
    def _cookiejar(self) -> CookieJar:
        if self._own_cookiejar is None:
            jar = TellingCookieJar()
            jar.on_change = self._cookies_changed
            self._own_cookiejar = jar
        return self._own_cookiejar

    @property
    def client(self) -> LocustUserAgent:
        """The user agent of geventhttpclient; `client.clientpool.close()` closes the connections of the session."""
        # Its attributes may be changed from now on, so they are looked at before every request.
        self._is_in_hands = True
        self._changed()
        return self._get_agent()

    @client.setter
    def client(self, value: LocustUserAgent) -> None:
        self._agent = value
        self._uses_engine = False
        self._changed()

    def _get_agent(self) -> LocustUserAgent:
        if self._agent is None:
            factory = self._ssl_context_factory
            if not factory:
                factory = insecure_ssl_context_factory if self._insecure else gevent.ssl.create_default_context
            self._agent = LocustUserAgent(
                cookiejar=self._cookiejar,
                ssl_context_factory=factory,
                insecure=self._insecure,
                client_pool=self._client_pool,
                **self._settings,
            )
            if self._uses_engine:
                self._agent.clientpool = EnginePool(self._close_connections, **self._agent.clientpool.client_args)
        return self._agent

    def _disconnect(self) -> None:
        """Closes all connections that are the session's own and not in use."""
        if self._agent is not None and self._client_pool is None:
            self._agent.clientpool.close()
        self._close_connections()

    def _close_connections(self) -> None:
        """Closes the connections on the engine that are not in use; the next request makes new ones."""
        if self._engine_path is not None:
            self._engine_path.client.close_idle()

    def _max_redirects(self) -> int:
        return self._agent.max_redirects if self._agent is not None else int(self._settings.get("max_redirects", 3))

    def _send_request_safe_mode(self, method: str, url: str, **kwargs: Any) -> FastResponse:
        """Sends a request; a failure is returned as a response with its exception as `error`."""
        agent = self._get_agent()
        if not kwargs.pop("allow_redirects", True):
            agent = agent.without_redirects()
        try:
            response: FastResponse = agent.urlopen(url, method=method, **kwargs)
        except FAILURE_EXCEPTIONS as caught:
            error: Any = caught
            if hasattr(error, "response"):
                response = error.response
                response.error = error  # type: ignore[attr-defined]
            else:
                described = {key: kwargs[key] for key in ("headers", "payload", "params", "files") if key in kwargs}
                response = ErrorResponse(agent._make_request(url, method, **described), error)
        return response

    def request(
        self,
        method: str,
        url: str,
        name: str | None = None,
        data: str | dict | None = None,  # type: ignore[type-arg]
        catch_response: bool = False,
        stream: bool = False,
        headers: dict | None = None,  # type: ignore[type-arg]
        auth: tuple[str | bytes, str | bytes] | None = None,
        json: Any = None,
        allow_redirects: bool = True,
        context: dict = {},  # type: ignore[type-arg]
        **kwargs: Any,
    ) -> ResponseContextManager:
        """Sends a request and reports it, at once or (with `catch_response`) when its with-block ends.

        Args:
            url: A path, or an absolute URL.
            name: What the statistics call it instead of `url`.
            data: The body; a dictionary is sent as a form.
            catch_response: The response will be used in a with-statement.
            stream: The body is not read yet, and reading it is not part of the response time.
            auth: User name and password for HTTP basic authentication.
            json: Sent as the body, with the headers that say so; only without `data`.
            context: Passed on to the listeners of the `request` event.
            **kwargs: `params`, `files`, `debug_stream`; others become parameters of the URL.

        Returns:
            A `FastResponse`, with `catch_response` a `ResponseContextManager`.
        """
        is_json = not data and json is not None
        if is_json:
            data = jsonlib.dumps(json)
        name = name or self.request_name or url
        start_time, started = time.time(), perf_counter()
        if self._uses_engine and self._is_ready() and "debug_stream" not in kwargs:
            path: EnginePath = self._engine_path  # type: ignore[assignment]  # set by _is_ready
            # Only str names are recorded natively; others (an int id, say) go through the event.
            record = not (catch_response or stream) and isinstance(name, str)
            response: Any = None
            kept = path.kept_headers(headers, auth, is_json)
            if kept is not None:
                response = path.send(method, url, kept, data, kwargs, stream, str(name), record)
            if path.is_done(response) and not stream:
                if response.recorded:
                    return response  # type: ignore[no-any-return]
                return self._report_answer(method, name, url, response, context, catch_response)  # type: ignore[no-any-return]
            full_url = self._build_url(url)
            complete = self._complete_headers(headers, auth, is_json)
            call = Call(method, url, full_url, complete, data, kwargs, allow_redirects, stream)
            response = path.finish(call, response)
            if response.recorded:
                return response  # type: ignore[no-any-return]
        else:
            reason = self._reason_for_leaving(kwargs)
            if reason is not None:
                leaving.tell("FastHttpUser", "geventhttpclient", reason)
            full_url = self._build_url(url)
            complete = self._complete_headers(headers, auth, is_json)
            response = self._send_request_safe_mode(
                method, full_url, payload=data, headers=complete, allow_redirects=allow_redirects, **kwargs
            )
        meta = self._describe(response, method, name, full_url, context, stream, start_time, started)
        return self._report(response, meta, catch_response)  # type: ignore[no-any-return]

    def _request_quickly(self, method: str, url: str, **kwargs: Any) -> Any:
        """As `request`, without it where that is possible."""
        entry = _ENTRIES.get(method)
        if entry is None:
            return self.request(method, url, **kwargs)
        return getattr(FastHttpSession, entry)(self, url, **kwargs)

    def _report_answer(
        self,
        method: str,
        name: Any,
        url: str,
        response: EngineResponse,
        context: dict[str, Any],
        catch_response: bool,
    ) -> Any:
        """Reports a success of the engine's that it has not recorded."""
        meta = request_meta(
            method, name, self._build_url(url), response, self._context_of(context), response.start_time,
            response.response_time_ms, response.content_length,
        )  # fmt: skip
        return self._report(response, meta, catch_response)

    def _reason_for_leaving(self, kwargs: dict[str, Any]) -> Reason | None:
        """Why geventhttpclient sends a request; None: the user or the platform does not want the engine."""
        if not (getattr(self.user, "http_engine", True) and engine.enabled()):
            return None
        if ORIGINALS.are_touched():
            return Reason.PATCHED_LIBRARY
        if self._uses_engine and "debug_stream" in kwargs:
            return Reason.DEBUG_STREAM
        if has_own_steps(type(self), FastHttpSession):
            return Reason.REPLACED_METHOD
        return Reason.OWN_SETTING if not engine_path.can_serve(self._settings) else Reason.OWN_POOL

    def _describe(
        self,
        response: Any,
        method: str,
        name: str,
        full_url: str,
        context: dict[str, Any],
        stream: bool,
        start_time: float,
        started: float,
    ) -> dict[str, Any]:
        """The arguments of the `request` event; reads the body unless it is a stream."""
        exception = getattr(response, "error", None)
        is_of_engine = isinstance(response, EngineResponse)
        if not is_of_engine:
            start_time, started = left.beginning_of(response, exception, (start_time, started))
        length = 0
        if stream:
            # Not the `headers` of the engine's, which are made when someone looks at them.
            length = int(response.header("content-length") or 0) if is_of_engine else announced_length(response.headers)
        else:
            try:
                length = len(response.content or "")
            except FAILURE_EXCEPTIONS as error:
                exception = error
        if is_of_engine:
            # Measured at the socket; with redirects from the beginning of the first request.
            start_time, response_time_ms = response.span()
        else:
            response_time_ms = (perf_counter() - started) * 1000
            if exception is not None:
                start_time, response_time_ms = failure_span(exception, start_time, response_time_ms)
        return request_meta(
            method, name, full_url, response, self._context_of(context), start_time, response_time_ms, length, exception
        )

    def _report(self, response: Any, meta: dict[str, Any], catch_response: bool) -> Any:
        """Fires the event, or prepares the response to do so when its with-block ends."""
        if catch_response:
            if isinstance(response, EngineResponse):
                return CatchingResponse.of(response, self.request_event, meta)
            return ResponseContextManager(response, self.request_event, meta, catch_response)
        self.request_event.fire(**meta)
        return response

    def _is_ready(self) -> bool:
        """Brings the engine's side up to date. False: geventhttpclient has to send the request."""
        if ORIGINALS.are_touched():
            self._changed()  # so that direct GETs are allowed again when the originals are back
            return False
        if not self._is_stale and not (self._is_in_hands and not self._engine_path.is_current()):  # type: ignore[union-attr]
            if self._has_other_cookies:
                self._has_other_cookies = False
                self._note(self._engine_path.refresh_cookies())  # type: ignore[union-attr]
            return True
        if self._engine_path is None:
            self._engine_path = engine_path.EnginePath(self, self._settings, self._insecure)
        agent = self._agent
        if agent is not None and not isinstance(agent.clientpool, EnginePool):
            self._uses_engine = False  # the user has given it another pool
            self._close_direct()
            return False
        self._is_stale = self._has_other_cookies = False
        self._note(self._engine_path.refresh())
        return True

    def _note(self, is_plain: bool) -> None:
        """Enables or disables the native methods."""
        path: EnginePath = self._engine_path  # type: ignore[assignment]
        # Not vars(self): a session whose dictionary was asked for keeps its attributes in a place of its own, which
        # costs a user among thousands several cache misses a request.
        is_own = getattr(self.request, "__func__", None) is _REQUEST
        may = is_plain and is_own and not self._is_in_hands and self.request_name is None
        if may:
            self._open_direct(
                path.client, path.plain_sent, path.known_headers, path.known_with_json, _REQUEST, CatchingResponse,
                ORIGINALS.watch, ORIGINALS.version,
            )  # fmt: skip
        else:
            self._close_direct()

    def delete(self, url: str, **kwargs: Unpack[RESTKwargs]) -> ResponseContextManager:
        """Sends a DELETE request"""
        return self.request("DELETE", url, **kwargs)

    if TYPE_CHECKING:

        def get(  # type: ignore[override]
            self, url: str, **kwargs: Unpack[RESTKwargs]
        ) -> ResponseContextManager:
            """Sends a GET request"""

        def post(  # type: ignore[override]
            self,
            url: str,
            data: str | dict | None = None,  # type: ignore[type-arg]
            json: Any = None,
            **kwargs: Unpack[PostKwargs],
        ) -> ResponseContextManager:
            """Sends a POST request"""

        def put(  # type: ignore[override]
            self,
            url: str,
            data: str | dict | None = None,  # type: ignore[type-arg]
            **kwargs: Unpack[PutKwargs],
        ) -> ResponseContextManager:
            """Sends a PUT request"""

        def patch(  # type: ignore[override]
            self,
            url: str,
            data: str | dict | None = None,  # type: ignore[type-arg]
            **kwargs: Unpack[PatchKwargs],
        ) -> ResponseContextManager:
            """Sends a PATCH request"""

    else:
        # Native (`DirectCalls`): they send ordinary requests themselves and call `request` for all others.
        get = DirectCalls.get
        post = DirectCalls.post
        put = DirectCalls.put
        patch = DirectCalls.patch

    def _prepare_direct(self) -> None:
        """Enables or disables the native methods; called by one of them before the next request."""
        if not self._uses_engine:
            self._close_direct()
        elif self._is_ready():
            self._note(self._engine_path.is_plain())  # type: ignore[union-attr]  # set by _is_ready

    def _finish_direct(
        self,
        method: str,
        url: str,
        outcome: Any,
        elapsed_s: float,
        sent: Any,
        name: str,
        catch_response: bool,
        stream: bool,
    ) -> Any:
        """Finishes a direct call that is not settled: cookies, an unusual status, a failure, or a listener.

        Args:
            outcome: The response, or what was raised.
            elapsed_s: How long ago it began.
            sent: What the request was made from.
            name: What the statistics call it.
            catch_response: A with-block reports it.
            stream: Its body is left to whoever reads it.
        """
        path: EnginePath = self._engine_path  # type: ignore[assignment]
        if not stream and path.is_done(outcome) and not outcome.recorded:
            return self._report_answer(method, name, url, outcome, {}, catch_response)
        if isinstance(outcome, BaseException) and not isinstance(outcome, ENGINE_FAILURES):
            if not isinstance(outcome, ValueError):
                raise outcome
            outcome = Refused(str(outcome))
        start_time, started = time.time() - elapsed_s, perf_counter() - elapsed_s
        response = path.finish_direct(method, url, outcome, sent, stream)
        if response.recorded:
            return response
        meta = self._describe(response, method, name, self._build_url(url), {}, stream, start_time, started)
        return self._report(response, meta, catch_response)

    def iter_lines(self, url: str, method: str = "GET", **kwargs: Any) -> Generator[str]:
        """Sends a request when the first line is asked for, and yields the lines of the response as they arrive.

        Raises:
            LocustBadStatusCode: The status counts as a failure.
        """
        response = self.request(method, url, stream=True, **kwargs)
        response.raise_for_status()
        pending = ""
        for chunk in response.iter_content():
            *lines, pending = (pending + str(chunk)).split("\n")
            yield from lines
        if pending:
            yield pending

    def head(self, url: str, **kwargs: Unpack[RESTKwargs]) -> ResponseContextManager:
        """Sends a HEAD request"""
        return self.request("HEAD", url, **kwargs)

    def options(self, url: str, **kwargs: Unpack[RESTKwargs]) -> ResponseContextManager:
        """Sends a OPTIONS request"""
        return self.request("OPTIONS", url, **kwargs)


_REQUEST = FastHttpSession.request
take(FastHttpSession, ReportingSession, LocustUserAgent, FastResponse, ResponseContextManager)


DIRECT = ("get", "post", "put", "patch")
"""Methods that may send a request without calling `request`."""

_ENTRIES = {name.upper(): name for name in DIRECT}


def wrap_entries(request: Any, entries: dict[str, Any]) -> None:
    """Puts tracing's `request` and `entries` in the place of the session's; direct calls stay what they are."""
    global _REQUEST
    FastHttpSession.request = _REQUEST = request  # type: ignore[method-assign]
    for name, entry in entries.items():
        setattr(FastHttpSession, name, entry)
