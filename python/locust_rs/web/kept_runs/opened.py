"""A kept run as the report's page takes it, so that the same components draw it."""

from __future__ import annotations

from typing import Any

from locust_rs.history.listing import sources
from locust_rs.history.model import KeptRun
from locust_rs.history.record import PAGE
from locust_rs.history.rows import restore
from locust_rs.stats.phases import phase_rows
from locust_rs.util.date import format_duration
from locust_rs.web.kept_runs.course import Users, age_s, course
from locust_rs.web.kept_runs.labels import labels
from locust_rs.web.report_args import ReportArgs, statistics_tables

LEAST_POINTS = 3
"""Points that a chart needs; where a short run has fewer, its intervals are drawn instead."""


def opened(kept: KeptRun) -> ReportArgs:
    """All that the page shows of a run.

    Raises:
        HistoryError: Its statistics are damaged.
    """
    run, result, page = kept.run, kept.run.result, kept.parts.get(PAGE, {})
    stats, total = restore(kept.rows), kept.rows[0]
    since_s = age_s(page, total)
    history = page.get("history", [])
    if len(history) < LEAST_POINTS:
        history = course(total, Users(history), since_s)
    precise = bool(page.get("precise", False))
    args = {
        **page,
        "run": {**labels(run), "sources": sources(run)},
        "is_report": True,
        "history": history,
        "precise": precise,
        "failures_statistics": result["errors"],
        "exceptions_statistics": [_exception(row) for row in result["exceptions"]],
        "start_time": result["run"]["start"],
        "end_time": result["run"]["end"],
        "duration": format_duration(0, run.duration_s),
        "host": run.host,
        "metrics": result.get("metrics", []),
        "locustfile": run.locustfile,
        "profile": run.profile or None,
        "thresholds": result["thresholds"],
        "phase_statistics": phase_rows(stats),
    }
    args.setdefault("tasks", None)
    return ReportArgs(args, statistics_tables(stats, precise=precise, since_s=since_s))


def _exception(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "count": row["count"],
        "msg": row["message"],
        "traceback": row["traceback"],
        "nodes": ", ".join(row["nodes"]),
    }
