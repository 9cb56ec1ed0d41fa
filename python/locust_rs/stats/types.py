"""Types of the statistics: dictionaries that nodes exchange, and protocols of writers and rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol, TypedDict, TypeVar


class StatsBaseDict(TypedDict):
    """The keys of every serialized row."""

    name: str
    method: str


class StatsEntryDict(StatsBaseDict):
    """A `StatsEntry` as plain values; response times in ms, times in epoch seconds."""

    last_request_timestamp: float | None
    start_time: float
    num_requests: int
    num_none_requests: int
    num_failures: int
    total_response_time: float
    max_response_time: float
    min_response_time: float | None
    total_content_length: int
    response_times: dict[int, int]
    num_reqs_per_sec: dict[int, int]
    num_fail_per_sec: dict[int, int]


class StatsErrorDict(StatsBaseDict):
    """A `StatsError` as plain values; times in epoch seconds."""

    error: str
    occurrences: int
    first_seen: float | None
    last_seen: float | None


class StatsHolder(Protocol):
    """Anything with a name and a method."""

    name: str
    method: str


class CSVWriter(Protocol):
    """What the CSV functions write to, for example a `csv.writer`."""

    def writerow(self, columns: Iterable[str | int | float]) -> None:
        """Writes one row."""


S = TypeVar("S", bound=StatsHolder)


class RequestStatsAdditionError(Exception):
    """Part of Locust's interface; never raised."""


def sort_stats(stats: dict[Any, S]) -> list[S]:
    """The values, ordered by their keys."""
    return [stats[key] for key in sorted(stats)]
