"""Reads evidence from the arguments of the `request` event, whichever client has fired it.

The two HTTP clients pass their responses, which know their requests; other clients pass whatever they like. A part that
cannot be read is left out. Nothing is read from a connection.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, TypeGuard

import gevent

from locust_rs.evidence.bodies import body_of
from locust_rs.evidence.model import Body, Piece, Received, Sent
from locust_rs.evidence.redaction import MOST_CONTEXT, MOST_HEADERS

_MOST_READ = 16_384
"""Characters of a header, which the redaction looks through before it cuts them."""

_LATEST_S = 1e11
"""Other clients may pass anything as a time; what is later than this is no time in seconds since the epoch."""

_MOST_LINKS = 10
"""Greenlets between a request and its user, and causes of an exception."""

_STARTS = {
    "resolve": "queued",
    "connect": "resolved",
    "tls": "connected",
    "first_byte": "sent",
    "last_byte": "first_byte",
}
_ENDS = {
    "queue": "queued",
    "resolve": "resolved",
    "connect": "connected",
    "tls": "tls",
    "send": "sent",
    "first_byte": "first_byte",
    "last_byte": "last_byte",
}


def read_event(event: Mapping[str, Any], error: str, user_class: str | None = None) -> Piece:
    """The evidence of a request, with its secrets.

    Args:
        event: The arguments of the event.
        error: The failure as the table of errors has it; empty for a success.
        user_class: That of the user; None: of the one in whose greenlet this is called.
    """
    exception = event.get("exception")
    response, partial = event.get("response"), _partial(exception)
    time_ms = event.get("response_time")
    took_ms = round(float(time_ms), 3) if _is_number(time_ms) else None
    began_s = event.get("start_time")
    if not (_is_number(began_s) and 0 <= began_s < _LATEST_S):
        began_s = time.time() - (took_ms or 0.0) / 1000
    return Piece(
        method=str(event.get("request_type")),
        name=str(event.get("name")),
        error=error,
        time_s=float(began_s),
        response_time_ms=took_ms,
        user_class=user_class_here() if user_class is None else user_class,
        request=_read(_sent, response, exception, event),
        response=_read(_received, response) or _read(_received, partial),
        phases_ms=_read(_phases, response) or _read(_phases, partial) or {},
        failed_in=_failed_in(exception),
        context=_read(_context, event.get("context")) or {},
    )


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and math.isfinite(value)


def _read(part: Any, *sources: Any) -> Any:
    try:
        return part(*sources)
    except Exception:  # objects of anybody's, whose attributes may raise anything
        return None


def _sent(response: Any, exception: Any, event: Mapping[str, Any]) -> Sent | None:
    request = next((one for one in (_get(response, "request"), _get(exception, "request")) if one is not None), None)
    url = next((one for one in (_get(request, "url"), _get(response, "url"), event.get("url")) if one), "")
    url = str(url)[:_MOST_READ]
    if request is None:
        return Sent(url=url) if url else None
    headers = _read(_headers, _get(request, "headers")) or []
    content = _get(request, "body")
    body = _read(body_of, content, _content_type(headers))
    return Sent(str(_get(request, "method") or ""), url, headers, body)


def _received(response: Any) -> Received | None:
    if response is None:
        return None
    if isinstance(response, (str, bytes, bytearray, Mapping, list, tuple)):
        return Received(body=body_of(response, "json"))
    status = _get(response, "status_code")
    if status is None and _get(response, "headers") is None:
        return Received(body=body_of(_described(response)))
    if status == 0:
        return None  # the dummy of a request without a response
    headers = _read(_headers, _get(response, "header_list") or _get(response, "headers")) or []
    number = int(status) if isinstance(status, (int, str)) and str(status).isdecimal() else None
    return Received(number, str(_get(response, "reason") or ""), headers, _content(response, _content_type(headers)))


def _described(response: Any) -> Any:
    """What an object of an unknown class shows of itself."""
    for attribute in ("text", "content", "body", "data"):
        content = _get(response, attribute)
        if isinstance(content, (str, bytes, bytearray, Mapping, list)) and content:
            return content
    return repr(response)


def _content(response: Any, content_type: str) -> Body | None:
    if _is_unread(response):
        return Body(note="stream")
    content = _read(lambda: response.content)
    if content is None:
        # Encoded otherwise than its header says, or incomplete.
        content = _get(response, "raw_content")
    return body_of(content, content_type)


def _is_unread(response: Any) -> bool:
    """Whether the body is, or may be, still on the wire."""
    if _get(response, "streamed"):
        return True
    state = _get(response, "__dict__") or {}
    if "_content_consumed" in state:  # requests
        return state.get("_content") is False
    if _get(response, "_response") is not None:  # geventhttpclient
        return _get(response, "_cached_content") is None
    return False


def _headers(headers: Any) -> list[tuple[str, str]]:
    pairs = headers.items() if hasattr(headers, "items") else headers
    return [(_text(name), _text(value)[:_MOST_READ]) for name, value in islice(pairs or (), MOST_HEADERS)]


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _content_type(headers: list[tuple[str, str]]) -> str:
    return next((value for name, value in headers if name.lower() == "content-type"), "")


def _phases(response: Any) -> dict[str, float]:
    """How long each phase took, from the moments at which the engine has seen them end."""
    moments = _get(response, "timings_ms")
    if not isinstance(moments, Mapping):
        return {}
    ends = {name: value for name, value in moments.items() if value is not None}
    if _get(response, "reused"):
        ends = {name: value for name, value in ends.items() if name not in ("resolved", "connected", "tls")}
    ready = max([0.0, *(ends[name] for name in ("queued", "connected", "tls") if name in ends)])
    starts = {"queue": 0.0, "send": ready, **{phase: ends.get(name) for phase, name in _STARTS.items()}}
    return {
        phase: round(max(0.0, ends[name] - starts[phase]), 3)
        for phase, name in _ENDS.items()
        if name in ends and starts[phase] is not None
    }


def _causes(exception: Any) -> Iterator[Any]:
    """An exception and what is behind it: the engine's are wrapped as the library of each client would."""
    for _ in range(_MOST_LINKS):
        if exception is None:
            return
        yield exception
        links = ("engine_error", "original", "__cause__", "__context__")
        exception = next((link for name in links if (link := _get(exception, name)) is not None), None)


def _failed_in(exception: Any) -> str:
    phases = (_get(cause, "phase") for cause in _causes(exception))
    return next((phase for phase in phases if isinstance(phase, str)), "")


def _partial(exception: Any) -> Any:
    """What had come of the response of a request that failed."""
    responses = (_get(cause, "response") for cause in _causes(exception))
    return next((response for response in responses if _get(response, "status_code")), None)


def _context(context: Any) -> dict[str, str]:
    plain = ((name, value) for name, value in context.items() if isinstance(value, (str, int, float, bool)))
    return {str(name): str(value)[:_MOST_READ] for name, value in islice(plain, MOST_CONTEXT)}


def user_class_here() -> str:
    """The class of the user in whose greenlet, or one that it has spawned, the request was made."""
    greenlet: Any = gevent.getcurrent()
    for _ in range(_MOST_LINKS):
        for argument in _get(greenlet, "args") or ():
            if hasattr(type(argument), "fullname") and hasattr(argument, "environment"):
                return type(argument).__name__
        spawner = _get(greenlet, "spawning_greenlet")
        greenlet = spawner() if callable(spawner) else None
        if greenlet is None:
            break
    return ""


def _get(source: Any, name: str) -> Any:
    try:
        return getattr(source, name, None)
    except Exception:  # see `_read`
        return None
