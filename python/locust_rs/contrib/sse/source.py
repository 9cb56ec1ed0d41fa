"""`EventSource`: a stream of events that is requested, recorded, and requested again when it ends."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Self

import gevent

from locust_rs.contrib.sse.parser import Event, EventStreamParser
from locust_rs.contrib.sse.stream import StreamBroken, events
from locust_rs.exception import LocustError

FIRST, NEXT = "SSEFirst", "SSENext"
"""The types of the requests: the time from the request to the first event, and that between two events."""

DEFAULT_RETRY_MS = 3000
"""Before a reconnection, if the server has named no other time."""


class EventSource:
    """Requests an event stream with a user's HTTP client, and iterates its events.

    The request is recorded by the client, as any with `stream=True`: its time is that until the header. Each event is
    a request of its own, `SSEFirst` or `SSENext`, whose length is that of its data. A failure is recorded, and ends
    the iteration unless `reconnect` is set.

    Args:
        client: That of an `HttpUser` or `FastHttpUser`.
        url: As for the client.
        name: What the statistics call the request and the events instead of `url`; for the events it may be a
            function of the event.
        method: The client's method.
        reconnect: Request the stream again when it ends or breaks, after the time that the server has named, with
            the last id in `Last-Event-ID`. Status 204 ends it.
        last_event_id: The id to begin behind.
        headers: Of the request, in addition to those of an event stream.
        **kwargs: For the client: `json`, `params`, `timeout`, …
    """

    def __init__(
        self,
        client: Any,
        url: str,
        *,
        name: str | Callable[[Event], str] | None = None,
        method: str = "GET",
        reconnect: bool = False,
        last_event_id: str = "",
        headers: dict[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        self.response: Any = None
        """The response that is being read."""
        self.last_event_id = last_event_id
        self.retry_ms = DEFAULT_RETRY_MS
        self._client = client
        self._url = url
        self._name = name
        self._method = method
        self._reconnect = reconnect
        self._headers = headers or {}
        self._kwargs = kwargs
        self._is_closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[Event]:
        """The events, as they come."""
        while not self._is_closed:
            yield from self._events_of_one_response()
            if not self._reconnect or self._is_closed:
                return
            gevent.sleep(self.retry_ms / 1000)

    def close(self) -> None:
        """Ends the stream."""
        self._is_closed = True
        self._release()

    def _events_of_one_response(self) -> Iterator[Event]:
        started = time.perf_counter()
        self._release()
        self.response = response = self._request()
        if not self._is_event_stream(response):
            # As in browsers, only a lost connection is tried again. The client has recorded a failed request.
            if 200 <= response.status_code < 400 and response.status_code != 204:
                kind = response.headers.get("content-type") or "nothing"
                self._record(FIRST, started, None, LocustError(f"not an event stream: {response.status_code}, {kind}"))
            self._is_closed = response.status_code != 0
            return
        parser, kind = EventStreamParser(self.last_event_id), FIRST
        try:
            for event in events(response, parser=parser, since=started):
                self.last_event_id = event.id
                self._record(kind, started, event, None)
                kind, started = NEXT, time.perf_counter()
                yield event
        except (StreamBroken, ValueError) as error:
            self._record(kind, started, None, error)
        finally:
            self.last_event_id = parser.last_event_id
            self.retry_ms = self.retry_ms if parser.retry_ms is None else parser.retry_ms
            self._release()

    def _request(self) -> Any:
        headers = {"Accept": "text/event-stream", "Cache-Control": "no-store", **self._headers}
        if self.last_event_id:
            headers["Last-Event-ID"] = self.last_event_id.encode().decode("latin-1")
        name = None if callable(self._name) else self._name
        return self._client.request(self._method, self._url, name=name, stream=True, headers=headers, **self._kwargs)

    def _is_event_stream(self, response: Any) -> bool:
        kind = (response.headers or {}).get("content-type") or ""
        return response.status_code == 200 and kind.partition(";")[0].strip().lower() == "text/event-stream"

    def _release(self) -> None:
        response, self.response = self.response, None
        if response is not None:
            (getattr(response, "release", None) or response.close)()

    def _record(self, kind: str, started: float, event: Event | None, exception: Exception | None) -> None:
        elapsed_ms = (time.perf_counter() - started) * 1000 if event is None else event.elapsed_ms
        name = self._name
        if callable(name):
            name = name(event) if event is not None else None
        user = getattr(self._client, "user", None)
        self._client.request_event.fire(
            request_type=kind,
            name=name or self._url,
            start_time=(time.time() if event is None else event.received_at) - elapsed_ms / 1000,
            response_time=elapsed_ms,
            response_length=len(event.data.encode()) if event is not None else 0,
            response=event,
            url=self._url,
            context=user.context() if user is not None else {},
            exception=exception,
        )
