"""`HttpSession`: a `requests.Session` that knows its base URL and reports every request."""

from __future__ import annotations

import time
from collections import OrderedDict
from functools import cache
from typing import TYPE_CHECKING, Any, Unpack, cast

import requests
from requests.auth import HTTPBasicAuth
from requests.exceptions import InvalidSchema, InvalidURL, MissingSchema, RequestException

from locust_rs.http import engine
from locust_rs.http.common import base_url as urls
from locust_rs.http.common import leaving
from locust_rs.http.common.cookies import RequestsCookieJar
from locust_rs.http.common.leaving import Reason
from locust_rs.http.common.reporting import ReportingSession, announced_length, request_meta
from locust_rs.http.requests.adapter import LocustHttpAdapter
from locust_rs.http.requests.engine_path import EnginePath, engine_path_for
from locust_rs.http.requests.engine_response import EngineResponse
from locust_rs.http.requests.kept_parts import DIRECT_KEYWORDS
from locust_rs.http.requests.response import ResponseContextManager
from locust_rs.http.requests.untouched import ORIGINALS, take

if TYPE_CHECKING:
    from requests import Response
    from urllib3 import PoolManager

    from locust_rs.http.common.keywords import RequestKwargs, RESTKwargs
    from locust_rs.http.requests.draft import Draft


class HttpSession(requests.Session, ReportingSession):
    """Sends requests, keeps cookies between them and fires the `request` event for each.

    A URL may be only a path; the base URL (a user's `host`) is put before it. Each method also takes `name` (what
    the statistics call the request), `catch_response` (the response is used in a with-statement, to be marked) and
    `context` (a dictionary that listeners of the event get).

    Failed requests are returned as a dummy response with status 0 and content None.

    Args:
        base_url: Put before paths as it is. Credentials in it become the session's `auth`.
        request_event: Its `fire` is called for every request.
        user: Whose `context()` is added to that of each request; may be None.
        pool_manager: Connections to share with other sessions.
    """

    _left_for: Reason | None = None
    """Why all requests of the session leave the engine, if it is told."""

    explicit_name: str | None = None
    """The name of the current request if it was given one; tracing shows it."""

    def __init__(
        self,
        base_url: str,
        request_event: Any,
        user: Any,
        *args: Any,
        pool_manager: PoolManager | None = None,
        **kwargs: Any,
    ) -> None:
        self._pool_manager = pool_manager
        if args or kwargs or type(self).__mro__[1:2] != (requests.Session,) or ORIGINALS.are_touched():
            super().__init__(*args, **kwargs)  # subclasses may have other bases that want to be initialised
            for prefix, adapter in self._make_adapters().items():
                self.mount(prefix, adapter)
            self.cookies = RequestsCookieJar()
        else:
            self.__dict__.update(_plain_attributes())
        self.base_url = base_url
        self.request_event = request_event
        self.user = user
        self.request_name = None
        if base_url:
            self.base_url, credentials = urls.split_credentials(base_url)
            if credentials:
                self.auth = HTTPBasicAuth(*credentials)
        self._engine_path: EnginePath | None = None
        if not (getattr(user, "http_engine", True) and engine.enabled()):
            return
        ORIGINALS.look_without_watch()
        path = engine_path_for(self, _REQUEST)
        if isinstance(path, Reason):
            self._left_for = path
        else:
            self._engine_path = path

    def __getattr__(self, name: str) -> Any:
        """Makes those attributes of a `requests.Session` that are containers when they are first asked for.

        Making them all at once would be most of the cost of a user.
        """
        value: Any
        if name == "adapters":
            value = self._make_adapters()
        elif name == "cookies":
            value = RequestsCookieJar()
        elif name in _containers():
            value = _copy(_containers()[name])
        else:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)
        self.__dict__[name] = value
        return value

    def _make_adapters(self) -> OrderedDict[str, LocustHttpAdapter]:
        https, http = LocustHttpAdapter(self._pool_manager), LocustHttpAdapter(self._pool_manager)
        self._own_adapters = ((https, https.max_retries), (http, http.max_retries))
        return OrderedDict([("https://", https), ("http://", http)])

    def _has_own_adapters(self) -> bool:
        """Whether requests would be sent by the adapters made here, with their settings."""
        adapters = self.__dict__.get("adapters")
        if adapters is None:
            return True
        (https, https_retries), (http, http_retries) = self._own_adapters
        return (
            len(adapters) == 2
            and adapters.get("https://") is https
            and adapters.get("http://") is http
            and https.max_retries is https_retries
            and http.max_retries is http_retries
        )

    def request(  # type: ignore[override]
        self,
        method: str | bytes,
        url: str | bytes,
        name: str | None = None,
        catch_response: bool = False,
        context: dict = {},  # type: ignore[type-arg]
        *,
        data: Any = None,
        json: Any = None,
        **kwargs: Unpack[RequestKwargs],
    ) -> ResponseContextManager:
        """Sends a request and reports it, at once or (with `catch_response`) when its with-block ends.

        Args:
            url: A path, or an absolute URL.
            name: What the statistics call it instead of its path.
            catch_response: The response will be used in a with-statement.
            context: Passed on to the listeners of the `request` event.

        Raises:
            MissingSchema, InvalidSchema, InvalidURL: There is no request to be made of `url`. Other errors of
                requests are returned as a dummy response.
        """
        options = cast(dict[str, Any], kwargs)
        name = name or self.request_name
        path = self._engine_path
        reason: Any = self._left_for
        if path is not None and (reason := path.closed()) is None:
            draft = path.draft(method, url, data, json, options)
            if not isinstance(draft, Reason):
                start_time, started = time.time(), time.perf_counter()
                # Names that are not text (an int id, say) and methods in lower case go through the event unchanged.
                record = not (catch_response or draft.stream) and draft.prepared is None
                record = record and (name is None or isinstance(name, str)) and method == draft.method
                response = path.fetch(draft, str(name or draft.path_url), record, options)
                if isinstance(response, EngineResponse):
                    if response.recorded:
                        return response
                    length = _announced(response) if options.get("stream") else response.length()
                    return self._report_answer(
                        method, name or draft.path_url, draft.url, response, catch_response, context, length
                    )
                elapsed_ms = (time.perf_counter() - started) * 1000
                return self._report(
                    method, draft, response, name, url, catch_response, context, start_time, elapsed_ms,
                    is_left_unread=bool(options.get("stream")),
                )  # fmt: skip
            reason = draft
        if reason is not None:
            leaving.tell("HttpUser", "requests", reason)
        full_url = self._build_url(cast(str, url))
        context = self._context_of(context)
        self.explicit_name = name
        start_time, started = time.time(), time.perf_counter()
        answer = self._send_request_safe_mode(method, full_url, data=data, json=json, **kwargs)
        response_time_ms = (time.perf_counter() - started) * 1000

        first = ((answer.history and answer.history[0]) or answer).request
        name = name or (url if first is None else first.path_url)
        sent_url = full_url if first is None else first.url
        length = announced_length(answer.headers) if kwargs.get("stream") else len(answer.content or b"")
        meta = request_meta(method, name, sent_url, answer, context, start_time, response_time_ms, length)
        return self._wrapped(answer, meta, catch_response)

    def _report_answer(
        self,
        method: Any,
        name: Any,
        url: str,
        response: EngineResponse,
        catch_response: bool,
        context: dict[str, Any],
        length: int,
    ) -> ResponseContextManager:
        """Reports a request that the engine has an answer to and has not recorded."""
        is_told_alike = not catch_response and isinstance(name, str) and method == response.method
        if is_told_alike and response.record_untouched():
            return response
        start_time, response_time_ms = response.span()
        meta = request_meta(method, name, url, None, self._context_of(context), start_time, response_time_ms, length)
        response.report(self.request_event, meta, catch_response)
        return response

    def _report(
        self,
        method: Any,
        draft: Draft,
        response: ResponseContextManager,
        name: str | None,
        url: Any,
        catch_response: bool,
        context: dict[str, Any],
        start_time: float,
        elapsed_ms: float,
        is_left_unread: bool = False,
    ) -> ResponseContextManager:
        """Reports a request whose answer is a response of requests, or the dummy of a failure.

        Args:
            name: What the user calls it; None: by its path.
            url: As the user gave it.
            start_time: When the request began, in seconds since the epoch.
            elapsed_ms: How long it took, where the engine does not know it.
            is_left_unread: The call asked for a stream, of which only the announced length is known.
        """
        response_time_ms = elapsed_ms
        if (span := getattr(response, "library_span", None)) is not None:
            start_time, response_time_ms = span
        elif (engine_error := getattr(getattr(response, "error", None), "engine_error", None)) is not None:
            response_time_ms = (engine_error.start_time - start_time) * 1000 + engine_error.response_time_ms
        path_url, sent_url = draft.path_url, draft.url
        if response.status_code == 0:
            # Named by the request that failed, which may be one of the redirects, if it is known.
            failed = response.request
            path_url, sent_url = (failed.path_url, str(failed.url)) if failed else (url, self._build_url(url))
        context = self._context_of(context)
        length = _announced(response) if is_left_unread else len(response.content or b"")
        meta = request_meta(method, name or path_url, sent_url, response, context, start_time, response_time_ms, length)
        return self._wrapped(response, meta, catch_response)

    def _wrapped(self, response: Response, meta: dict[str, Any], catch_response: bool) -> ResponseContextManager:
        """The response as the user gets it; reported, unless its with-block does that."""
        wrapped = ResponseContextManager.wrap_response(response, self.request_event, meta, catch_response)
        if not catch_response:
            wrapped._report_request()
        return wrapped

    def close(self) -> None:
        """Closes the connections; the next request makes new ones."""
        super().close()
        if self._engine_path is not None:
            self._engine_path.close_idle()

    def _send_request_safe_mode(self, method: Any, url: str, **kwargs: Any) -> Response:
        try:
            return super().request(method, url, **kwargs)
        except (MissingSchema, InvalidSchema, InvalidURL):
            raise
        except RequestException as error:
            return ResponseContextManager(error)

    def prepare_request(self, request: Any) -> requests.PreparedRequest:
        """As in requests; the prepared request remembers the name it was given."""
        prepared = super().prepare_request(request)
        if self.explicit_name:
            prepared._explicit_name = self.explicit_name  # type: ignore[attr-defined]
        return prepared

    def _directly(self, method: str, url: Any, data: Any, json: Any, kwargs: Any) -> ResponseContextManager | None:
        """Sends an ordinary request below the base URL, of which most is kept ready; None: it is not one."""
        path = self._engine_path
        if path is None or self.request_name is not None or not isinstance(url, str):
            return None
        # Before the look at what may have changed, which `request` repeats.
        if not DIRECT_KEYWORDS.issuperset(kwargs) or path.closed() is not None:
            return None
        direct = path.direct(method, data, json, kwargs)
        if direct is None:
            return None
        start_time, started = time.time(), time.perf_counter()
        outcome = path.send_directly(method, url, direct)
        if outcome is None:
            return None
        name, catch_response = direct.name, direct.catch_response
        if isinstance(outcome, EngineResponse):
            if outcome.recorded:
                if not outcome.settled:
                    path.take_cookies(outcome)
                return outcome
            if catch_response and outcome.recordable:
                outcome._catch_response = True
                return outcome
            if outcome.ordinary:
                full_url, length = f"{self.base_url}{url}", outcome.length()
                return self._report_answer(method, name or url, full_url, outcome, catch_response, {}, length)
        draft = path.direct_draft(method, url, direct)
        response = path.finish(draft, outcome, kwargs)
        if isinstance(response, EngineResponse):
            if response.recorded:
                return response
            name, length = name or draft.path_url, response.length()
            return self._report_answer(method, name, draft.url, response, catch_response, {}, length)
        elapsed_ms = (time.perf_counter() - started) * 1000
        return self._report(method, draft, response, name, url, catch_response, {}, start_time, elapsed_ms)

    # The methods are those of requests with Locust's arguments; `head` follows no redirects, as there.

    def get(  # type: ignore[override]
        self, url: str | bytes, *, data: Any = None, json: Any = None, **kwargs: Unpack[RESTKwargs]
    ) -> ResponseContextManager:
        """Sends a GET request"""
        if data is None and json is None and (response := self._directly("GET", url, None, None, kwargs)) is not None:
            return response
        kwargs.setdefault("allow_redirects", True)
        return self.request("GET", url, data=data, json=json, **kwargs)

    def options(  # type: ignore[override]
        self, url: str | bytes, *, data: Any = None, json: Any = None, **kwargs: Unpack[RESTKwargs]
    ) -> ResponseContextManager:
        """Sends a OPTIONS request"""
        kwargs.setdefault("allow_redirects", True)
        return self.request("OPTIONS", url, data=data, json=json, **kwargs)

    def head(  # type: ignore[override]
        self, url: str | bytes, *, data: Any = None, json: Any = None, **kwargs: Unpack[RESTKwargs]
    ) -> ResponseContextManager:
        """Sends a HEAD request"""
        kwargs.setdefault("allow_redirects", False)
        return self.request("HEAD", url, data=data, json=json, **kwargs)

    def post(  # type: ignore[override]
        self, url: str | bytes, data: Any = None, json: Any = None, **kwargs: Unpack[RESTKwargs]
    ) -> ResponseContextManager:
        """Sends a POST request"""
        if (response := self._directly("POST", url, data, json, kwargs)) is not None:
            return response
        return self.request("POST", url, data=data, json=json, **kwargs)

    def put(  # type: ignore[override]
        self, url: str | bytes, data: Any = None, *, json: Any = None, **kwargs: Unpack[RESTKwargs]
    ) -> ResponseContextManager:
        """Sends a PUT request"""
        if (response := self._directly("PUT", url, data, json, kwargs)) is not None:
            return response
        return self.request("PUT", url, data=data, json=json, **kwargs)

    def patch(  # type: ignore[override]
        self, url: str | bytes, data: Any = None, *, json: Any = None, **kwargs: Unpack[RESTKwargs]
    ) -> ResponseContextManager:
        """Sends a PATCH request"""
        if (response := self._directly("PATCH", url, data, json, kwargs)) is not None:
            return response
        return self.request("PATCH", url, data=data, json=json, **kwargs)

    def delete(  # type: ignore[override]
        self, url: str | bytes, *, data: Any = None, json: Any = None, **kwargs: Unpack[RESTKwargs]
    ) -> ResponseContextManager:
        """Sends a DELETE request"""
        return self.request("DELETE", url, data=data, json=json, **kwargs)


def _announced(response: Any) -> int:
    """The length that a streamed response announces; headers that nobody has asked for are not made for it."""
    if isinstance(response, EngineResponse) and "headers" not in response.__dict__:
        return announced_length({"content-length": response.header("content-length")})
    return announced_length(response.headers)


@cache
def _plain_attributes() -> dict[str, Any]:
    """The attributes of a new `requests.Session` that are not containers."""
    return {name: value for name, value in vars(requests.Session()).items() if not hasattr(value, "copy")}


@cache
def _containers() -> dict[str, Any]:
    """The others: headers, hooks, params …"""
    return {name: value for name, value in vars(requests.Session()).items() if hasattr(value, "copy")}


def _copy(container: Any) -> Any:
    """A copy that shares no dictionary or list with `container`; sessions are changed by their users."""
    copied = container.copy()
    for key, value in copied.items():
        if isinstance(value, list):
            copied[key] = list(value)
    return copied


_REQUEST = HttpSession.request
take(HttpSession, ReportingSession, LocustHttpAdapter, ResponseContextManager)


DIRECT = ("get", "post", "put", "patch")
"""Methods that may send a request without calling `request`."""


def wrap_entries(request: Any, entries: dict[str, Any]) -> None:
    """Puts tracing's `request` and `entries` in the place of the session's; direct requests stay what they are."""
    global _REQUEST
    HttpSession.request = _REQUEST = request  # type: ignore[method-assign]
    for name, entry in entries.items():
        setattr(HttpSession, name, entry)
