"""Headers: those that clients or browsers add by themselves are dropped, those of all requests said once."""

from __future__ import annotations

import re

from locust_rs.convert.model import FormBody, Journey, JsonBody, MultipartBody, Request
from locust_rs.convert.passes.hosts import split_origin

_OF_THE_WIRE = {
    *("content-length", "host", "connection", "accept-encoding", "transfer-encoding", "keep-alive"),
    *("proxy-connection", "te", "expect"),
}
_OF_BROWSERS = {
    *("accept-language", "user-agent", "upgrade-insecure-requests", "cache-control", "pragma", "dnt", "priority"),
    *("referer", "if-none-match", "if-modified-since", "if-range", "purpose", "x-client-data", "save-data"),
    *("device-memory", "dpr", "viewport-width", "width", "downlink", "ect", "rtt", "origin", "trailer"),
    *("traceparent", "tracestate", "newrelic", "x-newrelic-id", "sentry-trace", "baggage", "alt-used"),
}
_PREFIXES_OF_BROWSERS = ("sec-", "x-datadog-", "x-b3-")
_DEFAULT_ACCEPT = re.compile(r"\*/\*$|text/html,|image/|text/css,")
_CONTENT_TYPES = {JsonBody: "application/json", FormBody: "application/x-www-form-urlencoded"}


def filter_headers(journey: Journey, *, by_name: bool = True) -> None:
    """Drops the headers that don't matter.

    Args:
        journey: A recorded one also loses what its browser has added.
        by_name: False keeps what browsers add.
    """
    for request in journey.requests:
        request.headers = [
            (name, value)
            for name, value in request.headers
            if _matters(name, value, request, from_browser=journey.recorded and by_name)
        ]


def _matters(name: str, value: str, request: Request, *, from_browser: bool) -> bool:
    key = name.lower()
    if key in _OF_THE_WIRE or key.startswith(":"):
        return False
    if key == "content-type":
        return not _is_implied(value, request)
    if not from_browser:
        return True
    if key == "origin":
        return value != split_origin(request.url)[0]
    if key == "accept":
        return not _DEFAULT_ACCEPT.match(value)
    return key not in _OF_BROWSERS and not key.startswith(_PREFIXES_OF_BROWSERS)


def _is_implied(content_type: str, request: Request) -> bool:
    """Whether the client adds the same Content-Type because of the body."""
    if isinstance(request.body, MultipartBody):
        return True  # with a boundary of its own
    kind, _, parameters = content_type.partition(";")
    implied = _CONTENT_TYPES.get(type(request.body)) if request.body is not None else None
    charset = parameters.strip().lower()
    return request.body is None or (kind.strip().lower() == implied and charset in ("", "charset=utf-8"))


def share_headers(journey: Journey) -> None:
    """Moves headers that all requests send with the same value to the journey."""
    if len(journey.requests) < 2:
        return
    captured = [capture.target for capture in journey.captures()]
    first = journey.requests[0].headers
    shared = [
        header
        for header in first
        if header[0].lower() != "content-type"
        and not any(target in header[1] for target in captured)
        and all(request.headers.count(header) == 1 for request in journey.requests)
    ]
    journey.shared_headers = shared
    for request in journey.requests:
        request.headers = [header for header in request.headers if header not in shared]
