"""One row of the statistics as bytes, and back: counters, counts per second, and the histogram of each interval."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from typing import Any

from locust_rs.history.errors import HistoryError
from locust_rs.stats import RequestStats, StatsEntry

_COUNTERS = (
    "last_request_timestamp",
    "start_time",
    "num_requests",
    "num_none_requests",
    "num_failures",
    "total_response_time",
    "max_response_time",
    "min_response_time",
    "total_content_length",
)
_SERIES = ("num_reqs_per_sec", "num_fail_per_sec")

Row = dict[str, Any]


def row_of(entry: StatsEntry) -> Row:
    """What is kept of a row. Cheap, so that it can be taken in the event loop; `pack` need not be."""
    serialized: dict[str, Any] = {**entry.serialize()}
    precise, outcomes, seconds, phases = entry._own_parts()
    kept: Row = {name: serialized[name] for name in ("name", "method", *_COUNTERS, *_SERIES)}
    kept["response_times"] = serialized["response_times"]
    return {**kept, "precise": precise, "outcomes": outcomes, "intervals": seconds, "phases": phases}


def plain_of(row: Row) -> Row:
    """The row as JSON can express it."""
    plain = {**row, **{name: _run_length(row[name]) for name in _SERIES}}
    plain["response_times"] = [*row["response_times"].items()]
    return plain


def of_plain(plain: Row) -> Row:
    """The row of `plain_of`.

    Raises:
        ValueError, KeyError, TypeError: It is damaged.
    """
    row = {**plain, "response_times": dict(plain["response_times"])}
    for name in _SERIES:
        first, counts = plain[name]
        row[name] = {first + at: count for at, count in enumerate(counts) if count}
    return row


def pack(row: Row) -> bytes:
    """A row, compressed."""
    return zlib.compress(json.dumps(plain_of(row), separators=(",", ":")).encode(), 6)


def unpack(packed: bytes) -> Row:
    """The row of `pack`.

    Raises:
        HistoryError: The bytes are damaged.
    """
    try:
        return of_plain(json.loads(zlib.decompress(packed)))
    except (ValueError, KeyError, TypeError, zlib.error) as error:
        raise HistoryError(f"a row of the run is damaged ({error}). Delete the run") from None


def restore(rows: Iterable[Row]) -> RequestStats:
    """Statistics as they were at the end of a run. The row without name and method is the total."""
    stats = RequestStats()
    for row in rows:
        entry = StatsEntry.unserialize(row, stats)  # type: ignore[arg-type]
        outcomes = row["outcomes"]
        try:
            entry._add_own_parts(row["precise"], _as_tuple(outcomes), row["intervals"], row["phases"])
        except (ValueError, TypeError) as error:
            raise HistoryError(f"the intervals of a row are damaged ({error}). Delete the run") from None
        if (row["name"], row["method"]) == ("Aggregated", ""):
            stats.total = entry
        else:
            stats.entries[row["name"], row["method"]] = entry
    return stats


def _run_length(counts: dict[int, int]) -> tuple[int, list[int]]:
    """The first second, and the count of each second from there on."""
    if not counts:
        return 0, []
    first, last = min(counts), max(counts)
    return first, [counts.get(second, 0) for second in range(first, last + 1)]


def _as_tuple(value: Any) -> Any:
    return tuple(map(_as_tuple, value)) if isinstance(value, list) else value
