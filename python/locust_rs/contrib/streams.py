"""Bodies that are read while they come, with `stream=True`: the time to their first piece, and between pieces.

with TimedStream(self.client, "/export", name="export") as stream:
    for piece in stream:
        self.length += len(piece)
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

from requests import Response

from locust_rs._core import HttpResponse
from locust_rs.contrib.sse.stream import StreamBroken, pieces
from locust_rs.exception import LocustError

__all__ = ["FIRST", "NEXT", "StreamBroken", "TimedStream"]

FIRST, NEXT = "StreamFirst", "StreamNext"
"""The types of the requests: the time from the request to the first piece of the body, and that between two pieces."""


class TimedStream:
    """Requests a response with a user's HTTP client, and iterates its decoded body in the pieces in which it comes.

    The request is recorded by the client, as any with `stream=True`: its time is that until the header. Each piece is a
    request of its own, `StreamFirst` or `StreamNext`, whose length is its bytes. A body that breaks off is a failure of
    the piece that did not come, and ends the iteration.

    Args:
        client: That of an `HttpUser` or `FastHttpUser`.
        url: As for the client.
        name: What the statistics call the request and its pieces instead of `url`.
        method: The client's method.
        **kwargs: For the client: `json`, `params`, `headers`, …

    Raises:
        LocustError: This way of sending does not tell one piece from the next: `FastHttpUser` beside the engine, and
            `HttpUser` beside it with urllib3 1.x.
    """

    def __init__(self, client: Any, url: str, *, name: str | None = None, method: str = "GET", **kwargs: Any) -> None:
        self._client, self._url, self._name = client, url, name
        self._started = time.perf_counter()
        self.response = client.request(method, url, name=name, stream=True, **kwargs)
        """The client's response. Its status tells whether there is a body to be read."""
        if not _comes_in_pieces(self.response):
            self.close()
            raise LocustError("TimedStream sees bytes, not pieces, beside the engine; unset LOCUST_HTTP_ENGINE=off")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[bytes]:
        """The pieces, as they come. Of a response with an error status they are not recorded."""
        kind, before = FIRST, self._started
        is_recorded = self.response.status_code < 400
        try:
            for piece in pieces(self.response) if self.response.status_code else ():
                now = time.perf_counter()
                if is_recorded:
                    self._record(kind, (now - before) * 1000, len(piece), None)
                kind, before = NEXT, now
                yield piece
        except StreamBroken as error:
            if is_recorded:
                self._record(kind, (time.perf_counter() - before) * 1000, 0, error)
        finally:
            self.close()

    def close(self) -> None:
        """Gives up what was not read."""
        if self.response.status_code:  # 0 stands for no response
            (getattr(self.response, "release", None) or self.response.close)()

    def _record(self, kind: str, elapsed_ms: float, length: int, exception: Exception | None) -> None:
        user = getattr(self._client, "user", None)
        self._client.request_event.fire(
            request_type=kind,
            name=self._name or self._url,
            start_time=time.time() - elapsed_ms / 1000,
            response_time=elapsed_ms,
            response_length=length,
            response=None,
            url=self._url,
            context=user.context() if user is not None else {},
            exception=exception,
        )


def _comes_in_pieces(response: Any) -> bool:
    if not response.status_code or isinstance(response, HttpResponse):
        return True
    return isinstance(response, Response) and hasattr(response.raw, "read1")
