"""Rows of `/stats/updates`: one dictionary per endpoint, error, worker and point of the chart."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from locust_rs.stats import StatsEntry, StatsError


def endpoint_row(entry: StatsEntry, extra: tuple[str, ...]) -> dict[str, Any]:
    """The row of one endpoint.

    Args:
        entry: Its counters.
        extra: Further percentiles, as the client wrote the fractions.
    """
    row: dict[str, Any] = entry.to_dict()
    row.pop("safe_name", None)
    if extra:
        values = entry._percentiles([float(text) for text in extra])
        row.update(zip((f"response_time_percentile_{text}" for text in extra), values, strict=True))
    return row


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
    """ISO 8601 in UTC of seconds since the epoch."""
    if not seconds or not math.isfinite(seconds):
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        return None


def history_row(point: dict[str, Any]) -> dict[str, Any]:
    """A point of the chart with plain values where Locust's history has pairs of time and value."""
    return {
        key: value[1] if isinstance(value, list | tuple) and len(value) == 2 else value for key, value in point.items()
    }
