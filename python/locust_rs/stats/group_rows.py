"""Requests by User class and by tag as plain values, for page and report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from locust_rs.stats.request_stats import RequestStats

FRACTIONS = (0.5, 0.95, 0.99)


def group_rows(stats: RequestStats) -> dict[str, list[dict[str, Any]]]:
    """A row for each User class and each tag, sorted; both lists are empty where requests are not counted so.

    Rates are per second; times are milliseconds from the precise histograms, and None where nothing was measured.
    """
    return {"classes": _rows(stats.by_class), "tags": _rows(stats.by_tag)}


def _rows(groups: dict[str, RequestStats]) -> list[dict[str, Any]]:
    return [_row(name, group) for name, group in sorted(groups.items())]


def _row(name: str, group: RequestStats) -> dict[str, Any]:
    total = group.total
    has_times = total.num_requests > total.num_none_requests
    times = {str(fraction): round(total.precise_percentile(fraction), 3) for fraction in FRACTIONS}
    figures = {"average": round(total.avg_response_time, 3), **times, "max": round(total.max_response_time, 3)}
    return {
        "name": name,
        "requests": total.num_requests,
        "failures": total.num_failures,
        "fail_ratio": round(total.fail_ratio, 6),
        "current_rate": round(total.current_rps, 3),
        "rate": round(total.total_rps, 3),
        **{key: value if has_times else None for key, value in figures.items()},
    }
