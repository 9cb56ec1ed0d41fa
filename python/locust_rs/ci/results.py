"""The result of a run as plain values; every output of this package is made from them.

`docs/schemas/results-1.json` is their schema. A change that breaks readers raises `VERSION`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from locust_rs._version import __version__, distribution_version
from locust_rs.evidence.outputs import evidence_rows
from locust_rs.metrics.outputs import metric_rows
from locust_rs.stats import sort_stats
from locust_rs.stats.inflation import run_warnings
from locust_rs.thresholds import as_plain
from locust_rs.util.date import format_utc_timestamp

if TYPE_CHECKING:
    from locust_rs.env import Environment
    from locust_rs.runners.resources import GeneratorHealth
    from locust_rs.stats import RequestStats, StatsEntry, StatsError

VERSION = 1

FRACTIONS = (0.5, 0.75, 0.9, 0.95, 0.99, 0.999)


def run_results(environment: Environment) -> dict[str, Any]:
    """The result of the run that has ended.

    Times are in milliseconds, and `None` where nothing was measured; shares are fractions of 1.
    """
    stats, runner = environment.stats, environment.runner
    errors = [_error(error) for error in sort_stats(stats.errors)]
    exceptions = [_exception(row) for row in runner.exceptions.values()] if runner is not None else []
    thresholds = as_plain(environment.thresholds)
    health = runner.health if runner is not None else None
    return {
        "version": VERSION,
        "locust": {"version": __version__, "distribution": distribution_version},
        "passed": _has_passed(environment, bool(errors), bool(exceptions)),
        "failures_are_judged": environment.thresholds.judge_failures,
        "run": _run(environment),
        "thresholds": thresholds,
        "total": _row(stats.total),
        "endpoints": [_row(row) for row in sort_stats(stats.entries) if row.num_requests or row.num_failures],
        "classes": [_group(name, group) for name, group in sorted(stats.by_class.items())],
        "tags": [_group(name, group) for name, group in sorted(stats.by_tag.items())],
        "errors": errors,
        "exceptions": exceptions,
        "metrics": metric_rows(environment.metrics),
        "evidence": {
            "failures": evidence_rows(environment.evidence.failures),
            "slowest": evidence_rows(environment.evidence.slowest),
        },
        "generator": {
            "overloaded": bool(health is not None and health.inflated),
            "overload": round(health.inflation, 4) if health is not None else 0.0,
            "warnings": run_warnings(health),
        },
        "arrivals": _arrivals(health),
    }


def _arrivals(health: GeneratorHealth | None) -> dict[str, Any]:
    """What became of the arrivals, by class."""
    return {name: counts.to_plain() for name, counts in health.measure_arrivals().items()} if health else {}


def _has_passed(environment: Environment, has_errors: bool, has_exceptions: bool) -> bool:
    failures_count = has_errors and not environment.thresholds.judge_failures
    return not (environment.thresholds.failed or failures_count or has_exceptions)


def _run(environment: Environment) -> dict[str, Any]:
    stats, runner, options = environment.stats, environment.runner, environment.parsed_options
    start_s = stats.start_time
    end_s = stats.last_request_timestamp or start_s
    return {
        "start": format_utc_timestamp(start_s),
        "end": format_utc_timestamp(end_s),
        "duration_s": round(max(0.0, end_s - start_s), 3),
        "host": environment.host or None,
        "locustfile": environment.locustfile,
        "profile": environment.profile or None,
        "users": getattr(options, "num_users", None) or (runner.target_user_count if runner is not None else None),
        # Those that are left do not count: workers leave at the end of the run.
        "workers": len(getattr(runner, "worker_indexes", ())),
    }


def _row(row: StatsEntry) -> dict[str, Any]:
    return {"method": row.method, "name": row.name, **_figures(row)}


def _group(name: str, group: RequestStats) -> dict[str, Any]:
    return {"name": name, **_figures(group.total)}


def _figures(row: StatsEntry) -> dict[str, Any]:
    has_times = row.num_requests > row.num_none_requests
    return {
        "requests": row.num_requests,
        "failures": row.num_failures,
        "fail_ratio": round(row.fail_ratio, 6),
        "rate": round(row.total_rps, 3),
        "failures_per_s": round(row.total_fail_per_sec, 3),
        "average_ms": round(row.avg_response_time, 3) if has_times else None,
        "min_ms": _rounded(row.min_response_time) if has_times else None,
        "max_ms": _rounded(row.max_response_time) if has_times else None,
        "percentiles_ms": {
            str(fraction): round(row.precise_percentile(fraction), 3) if has_times else None for fraction in FRACTIONS
        },
        "average_bytes": round(row.avg_content_length, 1),
    }


def _rounded(time_ms: float | None) -> float | None:
    return None if time_ms is None else round(time_ms, 3)


def _error(error: StatsError) -> dict[str, Any]:
    plain = error.serialize()
    return {
        "method": plain["method"],
        "name": plain["name"],
        "error": str(plain["error"]),
        "occurrences": plain["occurrences"],
        "first_seen": format_utc_timestamp(plain["first_seen"]) if plain["first_seen"] else None,
        "last_seen": format_utc_timestamp(plain["last_seen"]) if plain["last_seen"] else None,
    }


def _exception(row: Any) -> dict[str, Any]:
    return {
        "count": row["count"],
        "message": str(row["msg"]),
        "traceback": str(row["traceback"]),
        "nodes": sorted(map(str, row["nodes"])),
    }
