"""Rows as the page shows them: one JSON object per endpoint, error, worker and point of the chart."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from locust_rs._core import stats_page_rows
from locust_rs._tunables import stats as stats_tunables
from locust_rs.stats.entry import STALL_S

if TYPE_CHECKING:
    from locust_rs.stats import RequestStats, StatsEntry, StatsError


def endpoint_rows(
    stats: RequestStats, entries: Sequence[StatsEntry], extra: Sequence[str] = (), precise: bool = False
) -> list[str]:
    """Rows as JSON text, with the values of `StatsEntry.to_dict`.

    Args:
        stats: The statistics that the entries belong to.
        entries: The entries to show.
        extra: Percentiles in addition to `PERCENTILES_TO_STATISTICS`, as the client wrote the fractions.
        precise: Whether the response times are those of the precise histograms.
    """
    texts = list(dict.fromkeys([*map(str, stats_tunables.PERCENTILES_TO_STATISTICS), *extra]))
    last = stats.last_request_timestamp
    return stats_page_rows(
        entries,
        stats.total,
        last is None or time.time() - last >= STALL_S,
        [float(text) for text in texts],
        [f"response_time_percentile_{text}" for text in texts],
        precise,
    )


def error_row(error: StatsError) -> dict[str, Any]:
    """The row of one kind of failure."""
    return {
        "method": error.method,
        "name": error.name,
        "error": error.parse_error(error.error),
        "occurrences": error.occurrences,
        "first_seen": iso_time(error.first_seen),
        "last_seen": iso_time(error.last_seen),
    }


def iso_time(seconds: float | None) -> str | None:
    """Seconds since the epoch as ISO 8601 in UTC; None if they are not a valid time."""
    if not seconds or not math.isfinite(seconds):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return None


def history_row(point: dict[str, Any]) -> dict[str, Any]:
    """A point of the chart, with values in place of the pairs of time and value in Locust's history."""
    return {
        key: value[1] if isinstance(value, list | tuple) and len(value) == 2 else value for key, value in point.items()
    }
