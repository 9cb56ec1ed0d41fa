"""What a session tells the `request` event: names, times and context, for both sessions alike."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from locust_rs.http.common import base_url as urls


class ReportingSession:
    """The part of a session that names its requests and describes them to the `request` event."""

    base_url: str | None
    request_event: Any
    user: Any

    request_name: str | None = None
    """Name of the requests that are given none."""

    def _build_url(self, path: str) -> str:
        return urls.join(self.base_url, path)

    @contextmanager
    def rename_request(self, name: str) -> Generator[None]:
        """Names the requests of a with-block that are given no name of their own."""
        outer, self.request_name = self.request_name, name
        try:
            yield
        finally:
            self.request_name = outer

    def _context_of(self, own: dict[str, Any]) -> dict[str, Any]:
        """The context of a request: the user's and, over it, its own."""
        return {**self.user.context(), **own} if self.user else own


def request_meta(
    method: Any,
    name: Any,
    url: Any,
    response: Any,
    context: dict[str, Any],
    start_time: float,
    response_time_ms: float,
    response_length: int,
    exception: BaseException | None = None,
) -> dict[str, Any]:
    """The arguments of the `request` event.

    Args:
        start_time: Seconds since the epoch.
        response_length: Bytes of the decoded body.
    """
    return {
        "request_type": method,
        "name": name,
        "context": context,
        "response": response,
        "exception": exception,
        "start_time": start_time,
        "url": url,
        "response_time": response_time_ms,
        "response_length": response_length,
    }


def announced_length(headers: Any) -> int:
    """The length of a streamed body, in bytes, as its header announces it; 0 where it does not."""
    return int((headers or {}).get("content-length") or 0)


def chain_span(response: Any, history: Any) -> tuple[float, float]:
    """When the first request of a chain of redirects began (epoch, s), and how long the chain took (ms).

    Args:
        response: The last response, from the engine.
        history: The responses before it, oldest first.
    """
    if not history:
        return response.start_time, response.response_time_ms
    start = history[0].start_time
    return start, (response.start_time - start) * 1000 + response.response_time_ms


def failure_span(error: Any, start_time: float, response_time_ms: float) -> tuple[float, float]:
    """When a failed request began (epoch, s) and how long it took (ms): as the engine measured it, else as given.

    Args:
        error: The exception; the engine's is looked for among its causes.
    """
    source = error
    while source is not None and not hasattr(source, "phase"):
        source = getattr(source, "engine_error", None) or getattr(source, "original", None) or source.__cause__
    if source is None:
        return start_time, response_time_ms
    return source.start_time, source.response_time_ms
