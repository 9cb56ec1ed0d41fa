"""Answers of the routes that other programs read, with Locust's keys."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any

from locust_rs._states import STATE_MISSING
from locust_rs._tunables import stats as stats_tunables
from locust_rs._tunables import web as tunables
from locust_rs.stats import sort_stats
from locust_rs.user.inspectuser import get_ratio
from locust_rs.web.rows import endpoint_rows

if TYPE_CHECKING:
    from locust_rs.env import Environment


def stats_requests_json(environment: Environment) -> bytes:
    """The body of `/stats/requests`. The aggregated row is always last; rows over the limit are left out."""
    runner = environment.runner
    if runner is None:
        return _encode(_without_runner())
    stats = runner.stats
    limit = tunables.MAX_ROWS_IN_STATS_REQUESTS
    total = stats.total
    report: dict[str, Any] = {
        "errors": [error.serialize() for error in islice(stats.errors.values(), limit)],
        "current_rps": total.current_rps,
        "current_fail_per_sec": total.current_fail_per_sec,
        "total_rps": total.total_rps,
        "total_fail_per_sec": total.total_fail_per_sec,
        "fail_ratio": total.fail_ratio,
        "current_response_time_percentiles": {
            f"response_time_percentile_{percentile}": total.get_current_response_time_percentile(percentile) or 0
            for percentile in stats_tunables.PERCENTILES_TO_CHART
        },
        # Keys of earlier versions, which the most used Prometheus exporter still reads.
        "current_response_time_percentile_50": total.get_current_response_time_percentile(0.5) or 0,
        "current_response_time_percentile_95": total.get_current_response_time_percentile(0.95) or 0,
        "state": runner.state,
        "user_count": runner.user_count,
    }
    if runner.is_master:
        report["workers"] = workers_payload(runner)
        report["worker_count"] = runner.worker_count
    # Rows are JSON already.
    rows = ",".join(endpoint_rows(stats, [*islice(sort_stats(stats.entries), limit), total]))
    return b'{"stats":[%s],%s' % (rows.encode(), _encode(report)[1:])


def _without_runner() -> dict[str, Any]:
    return {
        "stats": [],
        "errors": [],
        "total_rps": 0.0,
        "total_fail_per_sec": 0.0,
        "fail_ratio": 0.0,
        "current_response_time_percentile_1": None,
        "current_response_time_percentile_2": None,
        "state": STATE_MISSING,
        "user_count": 0,
    }


def _encode(report: dict[str, Any]) -> bytes:
    return json.dumps(report, default=str, separators=(",", ":")).encode()


def workers_payload(runner: Any) -> list[dict[str, Any]]:
    """One row per worker that the master knows."""
    return [
        {
            "id": worker.id,
            "state": worker.state,
            "user_count": worker.user_count,
            "cpu_usage": worker.cpu_usage,
            "memory_usage": worker.memory_usage,
        }
        for worker in list(runner.clients.values())
    ]


def exceptions_payload(environment: Environment) -> dict[str, Any]:
    """The body of `/exceptions`."""
    runner = environment.runner
    exceptions = {} if runner is None else runner.exceptions
    return {
        "exceptions": [
            {
                "count": row["count"],
                "msg": row["msg"],
                "traceback": row["traceback"],
                "nodes": ", ".join(sorted(map(str, row["nodes"]))),
            }
            for row in list(exceptions.values())
        ]
    }


def tasks_payload(environment: Environment) -> dict[str, Any]:
    """How often each task runs, according to the users that run now: per class, and over all classes."""
    runner = environment.runner
    if runner is None:
        return {"per_class": {}, "total": {}}
    users = running_users(runner, environment.user_classes)
    return {
        "per_class": get_ratio(environment.user_classes, users, False),
        "total": get_ratio(environment.user_classes, users, True),
    }


def running_users(runner: Any, user_classes: list[Any]) -> dict[str, int]:
    """The number of users of each class that run, here or on the workers."""
    counts = runner.reported_user_classes_count if runner.is_master else runner.user_classes_count
    return {user_class.__name__: counts.get(user_class.__name__, 0) for user_class in user_classes}
