"""The chart's points: one every few seconds while a test runs, fewer for the distant past."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import gevent

from locust_rs import _tunables
from locust_rs.stats.entry import STALL_S, StatsEntry
from locust_rs.util.date import format_utc_timestamp
from locust_rs.util.rounding import proper_round

if TYPE_CHECKING:
    from locust_rs.runners import Runner
    from locust_rs.stats.request_stats import RequestStats

MOST_POINTS = 1440
"""Points at which the older half is thinned to every other one: two hours at the default interval."""


def stats_history(runner: Runner) -> None:
    """Adds a point to `runner.stats.history` every `HISTORY_STATS_INTERVAL_SEC` while a test runs; a greenlet."""
    while True:
        if not runner.stats:
            break
        if runner.state not in ("ready", "stopped"):
            update_stats_history(runner)
        gevent.sleep(_tunables.stats.HISTORY_STATS_INTERVAL_SEC)


def update_stats_history(runner: Runner, timestamp: str | None = None) -> None:
    """Adds the present figures to `runner.stats.history`.

    Args:
        runner: The runner whose statistics are charted.
        timestamp: ISO 8601 in UTC; None: now.
    """
    stats = runner.stats
    at = timestamp or format_utc_timestamp(time.time())
    total = stats.total
    point: dict[str, Any] = {
        **{
            f"response_time_percentile_{fraction}": [at, _recent_percentile(total, fraction)]
            for fraction in _tunables.stats.PERCENTILES_TO_CHART
        },
        **_precise_percentiles(stats, at),
        "current_rps": [at, total.current_rps or 0],
        "current_fail_per_sec": [at, total.current_fail_per_sec or 0],
        "total_avg_response_time": [at, proper_round(total.avg_response_time, digits=2)],
        "user_count": [at, runner.user_count or 0],
        "time": at,
    }
    # Programs also pass runners of their own, which need not have it.
    users = getattr(runner, "running_by_class", {})
    if len(users) > 1:
        point["users_by_class"] = [at, dict(users)]
    inflation = _inflation_since_last_point(stats)
    if inflation:
        point["inflation"] = [at, round(inflation, 4)]
    stats.history.append(point)
    _thin(stats.history)


def _inflation_since_last_point(stats: RequestStats) -> float:
    """By what share the generator has lengthened response times, at worst; 0 where they can be trusted."""
    if stats.health is None:
        return 0.0
    now = time.time()
    return stats.health.spoiled.between(now - _tunables.stats.HISTORY_STATS_INTERVAL_SEC, now)


def _precise_percentiles(stats: RequestStats, at: str) -> dict[str, Any]:
    """The precise percentiles of what was counted since the point before; None, a gap, where nothing was."""
    fractions = _tunables.stats.PERCENTILES_TO_CHART
    total, mark = stats.total, stats.history_mark
    values = total._precise_since(mark, fractions) if mark is not None else None
    if mark is None and total.num_requests:
        values = [total.precise_percentile(fraction) for fraction in fractions]
    stats.history_mark = total._precise_mark()
    return {
        f"precise_response_time_percentile_{fraction}": [at, None if values is None else round(value, 3)]
        for fraction, value in zip(fractions, values or [0.0] * len(fractions), strict=True)
    }


def _recent_percentile(total: StatsEntry, fraction: float) -> int | None:
    """The percentile of the last seconds; None, which is a gap in the chart, once requests have stopped."""
    last = total.last_request_timestamp
    if last is not None and time.time() - last >= STALL_S:
        return None
    return total.get_current_response_time_percentile(fraction) or 0


def _thin(history: list[dict[str, Any]]) -> None:
    """Drops every other point of the older half if there are too many points."""
    if len(history) > MOST_POINTS:
        half = len(history) // 2
        history[:half] = history[:half:2]
