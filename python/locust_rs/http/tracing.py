"""Spans for the requests of both HTTP clients, which stay on the engine. Imported only with `--otel`.

One that is not sampled is sent as without tracing, by the direct GET if it can be; the engine adds the header that says
so to the services below.
"""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from opentelemetry import trace
from opentelemetry.instrumentation.utils import suppress_http_instrumentation
from opentelemetry.propagate import get_global_textmap, inject
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace import Span, SpanKind, StatusCode

from locust_rs import _core
from locust_rs.http.fast import session as fast
from locust_rs.http.requests import session as requests
from locust_rs.http.sampling import Draw, reader_of_context


def trace_requests(provider: TracerProvider, draw: Draw) -> None:
    """Makes both clients trace their requests, until the process ends."""
    draw.use(provider.sampler)
    if "traceparent" in get_global_textmap().fields:
        _core.http_tell_unsampled(_flags_of_the_unsampled(draw))
    spans = _Spans(provider.get_tracer("locust"))
    for module, session in ((requests, requests.HttpSession), (fast, fast.FastHttpSession)):
        module.wrap_entries(
            *_traced(spans, draw, session.request, {name: getattr(session, name) for name in module.DIRECT})
        )


def _flags_of_the_unsampled(draw: Draw) -> int:
    """What the SDK would send; later ones say how ids are made."""
    never = TracerProvider(sampler=ALWAYS_OFF, id_generator=draw, shutdown_on_exit=False)
    return int(never.get_tracer("locust").start_span("unsampled").get_span_context().trace_flags)


def _traced(
    spans: _Spans, draw: Draw, request: Callable[..., Any], entries: dict[str, Callable[..., Any]]
) -> tuple[Any, dict[str, Any]]:
    """`request` of a client, and the methods that may do without it, with tracing."""
    keywords = list(inspect.signature(request).parameters)[3:]
    is_within_a_span = reader_of_context()

    def traced_entry(name: str, entry: Callable[..., Any]) -> Callable[..., Any]:
        method, own_keywords = name.upper(), list(inspect.signature(entry).parameters)[2:]

        @functools.wraps(entry)
        def traced(self: Any, url: Any, *args: Any, **kwargs: Any) -> Any:
            if draw.losses_ahead and not is_within_a_span():
                draw.losses_ahead -= 1
                draw.lost_for = self
                try:
                    # A call that unpacks arguments has a frame of C, which is copied whenever the user waits.
                    return entry(self, url, *args, **kwargs) if args or kwargs else entry(self, url)
                finally:
                    draw.lost_for = None
            return self.request(method, url, **dict(zip(own_keywords, args, strict=False)), **kwargs)

        return traced

    @functools.wraps(request)
    def traced_request(self: Any, method: Any, url: Any, *args: Any, **kwargs: Any) -> Any:
        if draw.lost_for is self:
            draw.lost_for = None
            return request(self, method, url, *args, **kwargs)
        if not is_within_a_span() and not draw.is_won():
            return request(self, method, url, *args, **kwargs)
        kwargs.update(zip(keywords, args, strict=False))
        span = spans.begin(self, method, url, kwargs.get("name"))
        kwargs["headers"] = headers = dict(kwargs.get("headers") or {})
        inject(headers, trace.set_span_in_context(span))
        try:
            # A library that has to send the request after all may have tracing of its own.
            with trace.use_span(span), suppress_http_instrumentation():
                response = request(self, method, url, **kwargs)
        except BaseException:
            span.end()
            raise
        spans.end(span, response)
        return response

    return traced_request, {name: traced_entry(name, entry) for name, entry in entries.items()}


class _Spans:
    """Begins and ends spans, with the attributes that `OTEL_SEMCONV_STABILITY_OPT_IN` asks for."""

    def __init__(self, tracer: trace.Tracer) -> None:
        self._tracer = tracer
        wished = {part.strip() for part in os.environ.get("OTEL_SEMCONV_STABILITY_OPT_IN", "").split(",")}
        self._stable = bool(wished & {"http", "http/dup"})
        self._old = not self._stable or "http/dup" in wished

    def begin(self, session: Any, method: Any, url: Any, name: Any) -> Span:
        full_url = str(session._build_url(url))
        parts = urlsplit(full_url)
        if not (name := name or session.request_name):
            name = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        attributes: dict[str, Any] = {}
        if self._old:
            attributes |= {"http.method": str(method), "http.url": full_url}
        if self._stable:
            attributes |= {"http.request.method": str(method), "url.full": full_url}
            attributes["server.address"] = parts.hostname or ""
            if parts.port is not None:
                attributes["server.port"] = parts.port
        return self._tracer.start_span(f"{method} {name}", kind=SpanKind.CLIENT, attributes=attributes)

    def end(self, span: Span, response: Any) -> None:
        status, error = response.status_code or 0, getattr(response, "error", None)
        if status:
            if self._old:
                span.set_attribute("http.status_code", status)
            if self._stable:
                span.set_attribute("http.response.status_code", status)
        if error is not None or not 0 < status < 400:
            if self._stable:
                span.set_attribute("error.type", type(error).__name__ if status == 0 else str(status))
            span.set_status(StatusCode.ERROR, None if error is None else str(error))
        span.end(_end_ns(response))


def _end_ns(response: Any) -> int | None:
    """When the response was there, by the engine's times, in nanoseconds since the epoch; None: now."""
    times = getattr(response, "span", None)
    if times is None:
        return None
    start_s, response_time_ms = times()
    return int((start_s + response_time_ms / 1000) * 1e9)
