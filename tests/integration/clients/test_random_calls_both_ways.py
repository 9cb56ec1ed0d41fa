"""Generated calls and answers through the engine and the old way: bytes, results, events and statistics agree."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recorder.harness import RecordingServer

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)
WORD = st.text("abcdefghijklmnopqrstuvwxyzABCXYZ0123456789_-", min_size=1, max_size=8)
SAFE_VALUE = st.text("abcXYZ 019;,=/\"'()<>@:é", max_size=16).map(str.strip)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)

HEADER_NAMES = st.sampled_from(
    ["X-One", "x-two", "Accept", "user-agent", "User-Agent", "Content-Type", "content-type", "Accept-Encoding",
     "Referer", "Cookie", "If-None-Match", "Authorization", "X-Requested-With"]
)  # fmt: skip

KNOWN_PATHS = st.sampled_from(
    ["/", "/json", "/text", "/404", "/500", "/204", "/redirect", "/redirect-301", "/redirect-303", "/redirect-307",
     "/redirect-308", "/redirect-port", "/redirect-host", "/redirect-twice", "/redirect-relative", "/redirect-quoted",
     "/redirect-404", "/redirect-loop", "/redirect-cookie", "/cookie", "/cookie-path", "/cookie-expire",
     "/cookie-domain", "/cookie-secure", "/gzip", "/chunked", "/duplicate-headers", "/close", "/short", "/deep/er"]
)  # fmt: skip


@st.composite
def raw_answers(draw: st.DrawFn) -> str:
    """The path that makes the server answer with bytes made here."""
    status = draw(
        st.sampled_from([200, 200, 200, 201, 202, 203, 206, 226, 400, 401, 403, 404, 409, 429, 500, 502, 503])
    )
    body = draw(st.binary(max_size=60) | JSON.map(lambda value: repr(value).encode()))
    lines = [f"HTTP/1.1 {status} {draw(st.sampled_from(['OK', 'Odd Words', '']))}"]
    lines += [
        f"{name}: {value}"
        for name, value in draw(st.lists(st.tuples(WORD, SAFE_VALUE), max_size=3))
        if name.lower() not in ("content-length", "connection", "location")
    ]
    kinds = ["text/html; charset=utf-8", "text/plain", "application/json", "image/png", "text/html; charset=latin-1"]
    lines += draw(st.sampled_from([[]] + [[f"Content-Type: {kind}"] for kind in kinds]))
    if draw(st.booleans()):
        name, value = draw(WORD), draw(WORD)
        attributes = draw(st.sampled_from(["", "; Path=/", "; Path=/raw", "; HttpOnly", "; Max-Age=1000", "; Secure"]))
        lines.append(f"Set-Cookie: {name}={value}{attributes}")
    if draw(st.booleans()):
        body = gzip.compress(body, mtime=0)
        lines.append("Content-Encoding: gzip")
    if draw(st.booleans()):
        lines.append(f"Content-Length: {len(body)}")
    else:
        lines.append("Transfer-Encoding: chunked")
        half = len(body) // 2
        body = (
            b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:half], body[half:]) if part) + b"0\r\n\r\n"
        )
    raw = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body
    return "/raw/" + base64.urlsafe_b64encode(raw).decode()


PATHS = (
    KNOWN_PATHS
    | raw_answers()
    | st.builds(lambda parts, query: "/" + "/".join(parts) + (f"?{query}" if query else ""),
                st.lists(WORD | TEXT.map(lambda text: text.replace("/", "").strip(". ")), min_size=1, max_size=3), TEXT)
)  # fmt: skip

PARAMS = (
    st.none()
    | st.dictionaries(WORD, WORD | st.integers() | st.lists(WORD, max_size=2), max_size=2)
    | st.lists(st.tuples(WORD, TEXT), max_size=2)
)

BODIES = (
    st.just({})
    | st.builds(lambda value: {"json": value}, JSON)
    | st.builds(lambda value: {"data": value}, TEXT)
    | st.builds(lambda value: {"data": value}, st.binary(max_size=40))
    | st.builds(lambda value: {"data": value}, st.dictionaries(WORD, TEXT | st.integers(), max_size=3))
)


@st.composite
def calls(draw: st.DrawFn) -> tuple[str, str, dict[str, Any]]:
    """A method, a path and keywords."""
    keywords: dict[str, Any] = dict(draw(BODIES))
    headers = draw(st.none() | st.dictionaries(HEADER_NAMES, SAFE_VALUE, max_size=3))
    if headers is not None and len({name.lower() for name in headers}) == len(headers):
        keywords["headers"] = headers
    params = draw(PARAMS)
    if params:
        keywords["params"] = params
    if draw(st.integers(0, 5)) == 0:
        keywords["auth"] = (draw(WORD), draw(WORD))
    if draw(st.integers(0, 4)) == 0:
        keywords["allow_redirects"] = draw(st.booleans())
    if draw(st.integers(0, 4)) == 0:
        keywords["name"] = draw(WORD)
    method = draw(st.sampled_from(["GET", "GET", "GET", "POST", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"]))
    path = draw(PATHS)
    if method == "HEAD" and (path in ("/gzip", "/short") or path.startswith("/raw/")):
        # geventhttpclient tries to unzip the body that a HEAD response has not; and a connection that the server
        # closes after a complete response is noticed in time, or not.
        method = "GET"
    return method, path, keywords


def perform(session: Any, call: tuple[str, str, dict[str, Any]], via_method: bool) -> Any:
    """What a call returns or raises, as values to compare.

    Args:
        via_method: Call `get`, `post` and so on, and not `request`.
    """
    method, path, keywords = call
    try:
        send = getattr(session, method.lower(), None) if via_method else None
        response = send(path, **keywords) if send else session.request(method, path, **keywords)
    except Exception as error:
        return type(error).__name__, str(error)
    try:
        content, text = response.content, response.text
    except Exception as error:
        content, text = type(error).__name__, None
    headers = None if response.headers is None else sorted(response.headers.items())
    failed = type(getattr(response, "error", None)).__name__
    # geventhttpclient forgets the redirects before a status that it refuses.
    history = [] if failed != "NoneType" else [(hop.status_code, hop.content) for hop in response.history]
    sent = None if response.request is None else (response.request.method, response.request.url, response.request.body)
    return (response.status_code, content, text, headers, response.url, failed, history, sent,
            type(response).__name__)  # fmt: skip


def statistics(session: Any) -> Any:
    """What was counted: requests, failures and bytes per name, and the errors."""
    stats = session.user.environment.stats
    rows = sorted(
        (entry.method, entry.name, entry.num_requests, entry.num_failures, entry.total_content_length)
        for entry in stats.entries.values()
    )
    errors = sorted(
        (error.method, error.name, str(error.error)[:60], error.occurrences) for error in stats.errors.values()
    )
    return rows, errors


def without_repeats(wire: list[str]) -> list[str]:
    """The requests, a dropped connection's repeats left out: connection management may differ."""
    return [raw for index, raw in enumerate(wire) if index == 0 or raw != wire[index - 1]]


@pytest.mark.parametrize("kind", ["http", "fast"])
@settings(
    max_examples=120,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(script=st.lists(calls(), min_size=1, max_size=3), listening=st.booleans(), via_method=st.booleans())
def test_any_calls_give_the_same_either_way(
    kind: str,
    script: list[tuple[str, str, dict[str, Any]]],
    listening: bool,
    via_method: bool,
    recorder: RecordingServer,
    make_session: Callable[..., Any],
) -> None:
    seen: list[Any] = []
    recorder.drain()
    for http_engine in (True, False):
        session = make_session(kind, recorder.url, http_engine, **({"max_redirects": 4} if kind == "fast" else {}))
        events: list[Any] = []
        if listening:
            session.request_event.add_listener(
                lambda events=events, **event: events.append(
                    {name: event[name] for name in ("request_type", "name", "response_length", "context", "url")}
                    | {"exception": type(event["exception"]).__name__}
                )
            )
        # Each twice, as the first call may prepare what the second one uses.
        results = [perform(session, call, via_method) for call in script for _ in range(2)]
        wire = without_repeats([raw.replace("\r\n", "\n") for raw in recorder.wire()])
        (session.client if kind == "fast" else session).close()
        seen.append({"results": results, "wire": wire, "events": events, "statistics": statistics(session)})
    engine, old_way = seen
    for part in ("wire", "results", "events", "statistics"):
        assert engine[part] == old_way[part]
