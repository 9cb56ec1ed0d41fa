"""The events of a response, as they arrive."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import gevent
from requests import RequestException, Response
from urllib3.exceptions import HTTPError

from locust_rs._core import HttpResponse
from locust_rs.contrib.sse.parser import Event, EventStreamParser
from locust_rs.exception import LocustError
from locust_rs.http.fast.agent import FAILURE_EXCEPTIONS
from locust_rs.http.requests.failures import ENGINE_FAILURES

_READ_BYTES = 65536
_READS_PER_TURN = 8
"""Reading lets nobody else run while there are bytes, and a server may send faster than they are read."""

# A gevent.Timeout is the user's own.
_FAILURES = (
    RequestException,
    HTTPError,
    *ENGINE_FAILURES,
    *(failure for failure in FAILURE_EXCEPTIONS if issubclass(failure, Exception)),
)


class StreamBroken(LocustError):
    """The stream ended otherwise than the server ends a response."""


def events(response: Any, *, parser: EventStreamParser | None = None, since: float | None = None) -> Iterator[Event]:
    """Returns the events of a response as they arrive, until the server ends it.

    Args:
        response: Of a request with `stream=True`, by either HTTP user.
        parser: Continues with its state; None: a new stream.
        since: When the request began, by `time.perf_counter`, for the `elapsed_ms` of the first event; None: now.

    Raises:
        StreamBroken: The connection was lost, or nothing came within the timeout of the request.
    """
    parser = parser or EventStreamParser()
    previous = time.perf_counter() if since is None else since
    for number, piece in enumerate(pieces(response), 1):
        arrived, received_at = time.perf_counter(), time.time()
        for event in parser.feed(piece):
            yield replace(event, received_at=received_at, elapsed_ms=(arrived - previous) * 1000)
            previous = arrived
        if not number % _READS_PER_TURN:
            gevent.sleep(0)


def pieces(response: Any) -> Iterator[bytes]:
    """The decoded body of a stream, in whatever pieces it comes.

    Raises:
        StreamBroken: As `events`.
    """
    try:
        if isinstance(response, Response):
            # `iter_content` waits until it has as many bytes as it is asked for.
            read1 = getattr(response.raw, "read1", None)
            if read1 is None:  # urllib3 1.x
                yield from response.iter_content(1)
            while read1 is not None and (piece := read1(_READ_BYTES, decode_content=True)):
                yield piece
        elif isinstance(response, HttpResponse) and response.streaming:
            while piece := HttpResponse.read(response, _READ_BYTES):
                yield piece
        elif isinstance(response, HttpResponse):
            yield response.content
        else:
            yield from response.iter_content(1, decode_content=False)
    except _FAILURES as error:
        raise StreamBroken(f"the event stream broke: {error or type(error).__name__}") from error
