"""The slowest requests of each endpoint.

The statistics compare every response time with a limit that is kept beside the row, and offer what passes it. The limit
rises with what has been offered, so that soon hardly any request is. What is offered is read at once, and redacted only
when somebody asks: most of it is replaced by slower requests before.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import gevent

from locust_rs.evidence.model import Piece
from locust_rs.evidence.reading import read_event, user_class_here

MOST_OF_AN_ENDPOINT = 3
MOST_ENDPOINTS = 100

MARGIN = 1.02
"""A request has to be so much slower than one that is kept. Otherwise each request would be read while a target gets
slower and slower."""

EVERY, NONE = -math.inf, math.inf
"""Limits in milliseconds."""

Endpoint = tuple[str, str]


@dataclass
class Slow:
    """One request that is, or was, among the slowest.

    Attributes:
        time_ms: Its response time.
        event: What is known of it, until it is read.
        piece: What has been read.
    """

    time_ms: float
    event: Mapping[str, Any] | None = None
    error: str = ""
    user_class: str = ""
    piece: Piece | None = None
    is_redacted: bool = False
    is_told: bool = False


class Slowest:
    """The slowest requests; part of an `Evidence`.

    Args:
        redact: Takes the secrets out of a piece.
        attempt: Does what may fail for the sake of somebody's responses and rules; returns whether it was done.
    """

    def __init__(self, redact: Callable[[Piece], None], attempt: Callable[[Callable[[], None]], bool]) -> None:
        self._redact = redact
        self._attempt = attempt
        self._slow: dict[Endpoint, list[Slow]] = {}
        self._unread: list[Slow] = []

    def reset(self) -> None:
        """Drops everything."""
        self._slow.clear()
        self._unread.clear()

    def limit_ms(self, endpoint: Endpoint) -> float:
        """How long a request has to take to be kept."""
        slow = self._slow.get(endpoint)
        if slow is None:
            return EVERY if len(self._slow) < MOST_ENDPOINTS else NONE
        if len(slow) < MOST_OF_AN_ENDPOINT:
            return EVERY
        return max(slow[-1].time_ms * MARGIN, slow[-1].time_ms + 0.001)

    def offer(self, event: Mapping[str, Any], error: str) -> None:
        """Keeps a request if it is slow enough.

        Args:
            event: The arguments of the `request` event.
            error: Its failure as the table of errors has it; empty for a success.
        """
        slow = self._placed(event, error)
        if slow is not None:
            self._read(slow)

    def offer_response(self, event: Mapping[str, Any]) -> None:
        """As `offer`, for a response that does not know yet what was sent: it is read in the next turn of the loop."""
        slow = self._placed(event, "")
        if slow is not None:
            if not self._unread:
                gevent.get_hub().loop.run_callback(self._read_all)
            self._unread.append(slow)

    def _placed(self, event: Mapping[str, Any], error: str) -> Slow | None:
        endpoint = str(event["request_type"]), str(event["name"])
        time_ms = float(event["response_time"])
        if time_ms < self.limit_ms(endpoint):
            return None
        slow = Slow(time_ms, event, error, user_class_here())
        self._put(endpoint, slow)
        return slow

    def _put(self, endpoint: Endpoint, slow: Slow) -> None:
        of_endpoint = self._slow.setdefault(endpoint, [])
        of_endpoint.append(slow)
        of_endpoint.sort(key=lambda one: -one.time_ms)
        for replaced in of_endpoint[MOST_OF_AN_ENDPOINT:]:
            replaced.event = None
        del of_endpoint[MOST_OF_AN_ENDPOINT:]

    def _read_all(self) -> None:
        unread, self._unread = self._unread, []
        for slow in unread:
            self._attempt(partial(self._read, slow))

    def _read(self, slow: Slow) -> None:
        event, slow.event = slow.event, None
        if event is not None:
            slow.piece = read_event(event, slow.error, slow.user_class)

    def _pieces(self, chosen: Iterable[Slow]) -> list[Piece]:
        self._read_all()
        pieces = []
        for slow in chosen:
            if slow.piece is not None and not slow.is_redacted:
                slow.is_redacted = self._attempt(partial(self._redact, slow.piece))
            if slow.piece is not None and slow.is_redacted:
                pieces.append(slow.piece)
        return pieces

    def all(self) -> list[Piece]:
        """All of them by endpoint, the slowest first."""
        return self._pieces([slow for endpoint in sorted(self._slow) for slow in self._slow[endpoint]])

    def of_endpoint(self, method: str, name: str) -> list[Piece]:
        """Those of one endpoint, the slowest first."""
        return self._pieces(self._slow.get((method, name), ()))

    def take(self, most: int) -> list[Piece]:
        """Those that have not been taken yet."""
        untold = [slow for of_endpoint in self._slow.values() for slow in of_endpoint if not slow.is_told][:most]
        for slow in untold:
            slow.is_told = True
        return self._pieces(untold)

    def add(self, piece: Piece) -> None:
        """Adds one of another node, which may have the rules of this one."""
        endpoint, time_ms = (piece.method, piece.name), piece.response_time_ms
        if time_ms is not None and time_ms >= min(self.limit_ms(endpoint), self._least_ms(endpoint)):
            self._put(endpoint, Slow(time_ms, piece=piece))

    def _least_ms(self, endpoint: Endpoint) -> float:
        """The shortest time that is kept of an endpoint: between nodes there is no margin."""
        slow = self._slow.get(endpoint)
        return slow[-1].time_ms if slow else NONE
