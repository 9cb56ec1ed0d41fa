"""Responses of `HttpSession` on the engine: a `requests.Response` whose attributes are made when they are touched."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from io import BytesIO
from typing import Any, NamedTuple

from requests import PreparedRequest, Response
from requests import cookies as requests_cookies
from requests import models as requests_models
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPHeaderDict, HTTPResponse

from locust_rs._core import HttpResponse as NativeResponse
from locust_rs.http.common import json_reading
from locust_rs.http.common.cookies import CookieRequest, SetCookies
from locust_rs.http.common.encoding import declared_encoding
from locust_rs.http.common.marking import UnlinkedMeta
from locust_rs.http.common.reporting import chain_span, request_meta
from locust_rs.http.requests.observed import LazyPreparedRequest
from locust_rs.http.requests.response import ResponseContextManager
from locust_rs.http.requests.stream import StreamedBody


class Sent(NamedTuple):
    """What a request was made from, as far as the native response does not know it."""

    session: Any
    block: bytes
    """The header lines except Host."""

    body: str | bytes | None = None


class EngineResponse(UnlinkedMeta, ResponseContextManager, NativeResponse):  # type: ignore[misc]  # its __exit__ may swallow
    """A `ResponseContextManager` to every observer."""

    # The engine makes instances without calling __init__; these stand until something else is set.
    _sent: Sent
    _own_status: int | None = None
    _catch_response = False
    _is_streamed = False
    _proxy: str | None = None
    _retries: Any = None  # urllib3's `Retry` after this response, if its adapter has one

    def __getattr__(self, name: str) -> Any:
        make = _LAZY.get(name)
        if make is None:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        value = self.__dict__[name] = make(self)
        return value

    # requests lets everybody change these.

    @property
    def status_code(self) -> int:
        """The status."""
        return self._own_status or _native_status(self)

    @status_code.setter
    def status_code(self, value: int) -> None:
        self._own_status = value

    @property
    def url(self) -> str:
        """The URL that was requested, the last one if there were redirects."""
        url: str = self.__dict__.get("url") or _native_url(self)
        return url

    @url.setter
    def url(self, value: str) -> None:
        self.__dict__["url"] = value

    @property
    def reason(self) -> str:
        """The text behind the status."""
        reason: str = self.__dict__["reason"] if "reason" in self.__dict__ else _native_reason(self)
        return reason

    @reason.setter
    def reason(self, value: str) -> None:
        self.__dict__["reason"] = value

    @property
    def text(self) -> str:
        """The body as text, decoded as `encoding` says, or as it looks like."""
        text = self._plain_text()
        return _text(self) if text is None else text

    def _plain_text(self) -> str | None:
        """The text that needs none of requests' rules; None: it does."""
        found = self.declared_text() if _READ.isdisjoint(self.__dict__) else None
        return None if found is None else found[0]

    def json(self, **kwargs: Any) -> Any:
        """The parsed body.

        Args:
            **kwargs: For `json.loads`.

        Raises:
            requests.exceptions.JSONDecodeError: It is not JSON.
        """
        text = None if kwargs else self._plain_text()
        if text:
            with suppress(ValueError):  # requests has an exception of its own
                return json_reading.parsed(text, requests_models.complexjson.loads)  # type: ignore[attr-defined]
        return Response.json(self, **kwargs)

    def report(self, request_event: Any, meta: dict[str, Any], catch_response: bool) -> None:
        """Fires the event, or prepares to do so when the with-block ends.

        Args:
            meta: The arguments of the event, without the response.
        """
        self._request_event, self._meta, self._catch_response = request_event, meta, catch_response
        if not catch_response:
            self._report_request()

    def _own_meta(self) -> dict[str, Any]:
        return self._meta

    def _report_request(self, exc: Exception | None = None) -> None:
        if exc is None and self._own_status is None and self._is_unseen_success() and self.record():
            return
        super()._report_request(exc)

    def record_untouched(self) -> bool:
        """Records a success natively if nobody has changed it, and only the statistics listen; whether it did."""
        return self._own_status is None and _CHANGES.isdisjoint(self.__dict__) and self.record()

    def length(self) -> int:
        """Bytes of the decoded body, which nobody has to have read."""
        return len(self.content or b"") if "_content" in self.__dict__ else self.content_length

    def begin_streaming(self, proxy: str | None) -> None:
        """Leaves the body to whoever reads it, as requests does with `stream=True`.

        Args:
            proxy: The URL of the proxy in between.
        """
        self.__dict__.update(_content=False, _content_consumed=False, _is_streamed=True)
        if proxy is not None:
            self._proxy = proxy

    def close(self) -> None:
        """Gives up a body that was not read to its end; there is nothing to do otherwise."""
        if self._is_streamed:
            Response.close(self)
        else:
            NativeResponse.close(self)

    def span(self) -> tuple[float, float]:
        """When the first request of the chain began (epoch, s), and how long the chain took (ms)."""
        return chain_span(self, self.__dict__.get("history"))

    def __reduce__(self) -> Any:
        # What has been read needs no engine, and no connection.
        return _unpickled, (self.__getstate__(),)


_native_status: Callable[[Any], int] = NativeResponse.status_code.__get__
_native_url: Callable[[Any], str] = NativeResponse.url.__get__
_native_reason: Callable[[Any], str] = NativeResponse.reason.__get__
_text: Callable[[Any], str] = Response.text.fget  # type: ignore[attr-defined]  # a property
native_content: Callable[[Any], bytes] = NativeResponse.content.__get__


def _unpickled(state: dict[str, Any]) -> ResponseContextManager:
    response = ResponseContextManager.__new__(ResponseContextManager)
    response.__setstate__(state)  # type: ignore[attr-defined]  # requests' stubs leave it out
    return response


def _headers(response: EngineResponse) -> CaseInsensitiveDict[str]:
    headers: CaseInsensitiveDict[str] = CaseInsensitiveDict()
    for name, value in response.header_list:
        if name in headers:
            headers[name] = f"{headers[name]}, {value}"
        else:
            headers[name] = value
    return headers


def _cookies(response: EngineResponse) -> requests_cookies.RequestsCookieJar:
    jar = requests_cookies.RequestsCookieJar()
    if response.sets_cookies:
        values = [value for name, value in response.header_list if name.lower() == "set-cookie"]
        jar.extract_cookies(SetCookies(values), CookieRequest(response.url, True))  # type: ignore[arg-type]
    return jar


def _request(response: EngineResponse) -> PreparedRequest:
    sent = response._sent
    return LazyPreparedRequest(response.method, response.url, sent.block, sent.body, sent.session.cookies)


class _OriginalResponse:
    """The part of `http.client`'s response that cookies are read from."""

    def __init__(self, headers: HTTPHeaderDict) -> None:
        self.msg = headers
        self.fp = None

    def isclosed(self) -> bool:
        return True

    def close(self) -> None:
        pass


def _raw(response: EngineResponse) -> HTTPResponse:
    if response._is_streamed:
        return StreamedBody(response.take_body(), response._retries, response._proxy)
    headers = HTTPHeaderDict()
    for name, value in response.header_list:
        headers.add(name, value)
    raw = HTTPResponse(
        body=BytesIO(b""),  # the body has been read; it is `content`
        headers=headers,
        status=_native_status(response),
        version=10 if response.http_version == "1.0" else 11,
        version_string=f"HTTP/{response.http_version}",
        reason=_native_reason(response),
        preload_content=False,
        decode_content=False,
        original_response=_OriginalResponse(headers),  # type: ignore[arg-type]
        retries=response._retries,
        request_method=response.method,
        request_url=response.url,
    )
    raw.read()
    return raw


def _next(response: EngineResponse) -> PreparedRequest | None:
    """The request that would follow, for redirects that were not followed."""
    redirects = response._sent.session.resolve_redirects(response, response.request, yield_requests=True)
    return next(redirects, None)


def _elapsed(response: EngineResponse) -> timedelta:
    return timedelta(milliseconds=response.timings_ms["first_byte"] or response.response_time_ms)


def _recorded_meta(response: EngineResponse) -> dict[str, Any]:
    """What a natively recorded request would have told the event."""
    start_time, response_time_ms = response.span()
    return request_meta(
        response.method, response.name, response.url, None, response._sent.session._context_of({}), start_time,
        response_time_ms, response.length(),
    )  # fmt: skip


_LAZY: dict[str, Callable[[Any], Any]] = {
    "headers": _headers,
    "encoding": lambda response: declared_encoding(response.header("content-type")),
    "history": lambda _: [],
    "cookies": _cookies,
    "elapsed": _elapsed,
    "request": _request,
    "raw": _raw,
    "_meta": _recorded_meta,
    "_request_event": lambda response: response._sent.session.request_event,
    "connection": lambda response: response._sent.session.get_adapter(response.url),
    "_content": native_content,
    "_content_consumed": lambda _: True,
    "_next": _next,
}

_CHANGES = frozenset(["history", "headers", "_content"])
"""Attributes that make a response another one than the engine's, for the statistics."""

_READ = frozenset(["encoding", "_content"])
"""Attributes without which the text is the engine's."""

# Users see one class, whichever way a response has taken.
EngineResponse.__name__ = EngineResponse.__qualname__ = ResponseContextManager.__name__
EngineResponse.__module__ = "locust_rs.clients"
