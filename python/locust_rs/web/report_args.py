"""What the report and an opened run of the history show, as the page takes it."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from locust_rs._tunables import html as html_tunables
from locust_rs._tunables import stats as stats_tunables
from locust_rs._version import __version__
from locust_rs.evidence.outputs import reported_evidence
from locust_rs.metrics.outputs import metric_rows
from locust_rs.runners.scenarios.rows import reported_classes
from locust_rs.stats import sort_stats, update_stats_history
from locust_rs.stats.group_rows import group_rows
from locust_rs.stats.intended import intended_rows
from locust_rs.stats.phases import phase_rows
from locust_rs.thresholds import as_plain
from locust_rs.user.inspectuser import get_ratio
from locust_rs.util.date import format_duration, format_utc_timestamp
from locust_rs.web.custom_arguments import shown_parameters
from locust_rs.web.health import health_payload
from locust_rs.web.latencies import reported_latencies
from locust_rs.web.payloads import running_users
from locust_rs.web.rows import endpoint_rows

if TYPE_CHECKING:
    from locust_rs.env import Environment
    from locust_rs.runners import Runner
    from locust_rs.stats import RequestStats, StatsEntry


class ReportArgs(dict[str, Any]):
    """The arguments of report.html. The long tables are JSON text already, and become objects only if a custom template
    reads them.
    """

    def __init__(self, args: dict[str, Any], tables: dict[str, str]) -> None:
        super().__init__(args)
        self.tables = tables

    def __missing__(self, name: str) -> Any:
        return json.loads(self.tables[name])

    def as_json(self, **options: Any) -> str:
        """All arguments as JSON."""
        tables = ",".join(f"{json.dumps(name)}:{text}" for name, text in self.tables.items())
        return f"{json.dumps(dict(self), **options)[:-1]},{tables}}}"


def report_args(environment: Environment, runner: Runner) -> ReportArgs:
    """Those of the present test."""
    stats = environment.stats
    start_s, end_s = stats.start_time, stats.last_request_timestamp or stats.start_time
    _complete_history(runner, end_s)
    args = {
        "is_report": True,
        "failures_statistics": [error.to_dict() for error in sort_stats(stats.errors)],
        "exceptions_statistics": _exceptions(runner),
        "start_time": format_utc_timestamp(start_s),
        "end_time": format_utc_timestamp(end_s),
        "duration": format_duration(start_s, end_s),
        "host": str(_host(environment)),
        "metrics": metric_rows(environment.metrics),
        "locustfile": str(environment.locustfile),
        "profile": str(environment.profile) if environment.profile else None,
        "thresholds": as_plain(environment.thresholds),
        "phase_statistics": phase_rows(stats),
        **circumstances(environment, runner),
    }
    return ReportArgs(args, statistics_tables(stats, precise=stats_tunables.PRECISE))


def circumstances(environment: Environment, runner: Runner) -> dict[str, Any]:
    """The course, settings and circumstances of the run: what neither its statistics nor its result tell."""
    stats, options = environment.stats, environment.parsed_options
    end_s = stats.last_request_timestamp or time.time()
    counts = [point["user_count"][1] for point in stats.history]
    return {
        "history": stats.history,
        "intended_statistics": intended_rows(stats),
        "groups": group_rows(stats),
        "evidence": reported_evidence(environment.evidence),
        "precise": stats_tunables.PRECISE,
        "tasks": _tasks(environment, runner),
        "percentiles_to_chart": stats_tunables.PERCENTILES_TO_CHART,
        "percentiles_to_statistics": stats_tunables.PERCENTILES_TO_STATISTICS,
        "version": __version__,
        "run_time_s": round(max(end_s - stats.start_time, 0.0), 1),
        "user_count": getattr(options, "num_users", None) or runner.target_user_count or None,
        "peak_user_count": max(counts, default=None),
        "spawn_rate": getattr(options, "spawn_rate", None),
        "worker_count": runner.worker_count if runner.is_master else 0,
        "parameters": shown_parameters(environment),
        "generator_health": health_payload(runner),
        "classes": reported_classes(runner),
    }


def statistics_tables(stats: RequestStats, *, precise: bool, since_s: float = 0.0) -> dict[str, str]:
    """The long tables, as JSON.

    Args:
        stats: The statistics.
        precise: Whether all response times are those of the precise histograms.
        since_s: How long ago they were as they are now: those of a kept run are old.
    """
    entries = [*sort_stats(stats.entries), stats.total]
    failing = [entry for entry in entries if entry.num_failures]
    return {
        "requests_statistics": f"[{','.join(endpoint_rows(stats, entries, precise=precise))}]",
        "response_time_statistics": f"[{','.join(_response_times(entries, precise))}]",
        "latencies": reported_latencies(stats, since_s),
        "outcome_statistics": f"[{','.join(endpoint_rows(stats, failing, precise=True))}]",
        "precise_response_time_statistics": f"[{','.join(_response_times(entries, precise=True))}]",
    }


def _complete_history(runner: Runner, end_s: float) -> None:
    """Adds a point for the end of the test if the charts' last point is older."""
    end = format_utc_timestamp(end_s)
    history = runner.stats.history
    if history and history[-1]["time"] < end:
        update_stats_history(runner, end)


def _response_times(entries: list[StatsEntry], precise: bool = False) -> list[str]:
    """The rows of the table of response times, as JSON."""
    fractions = [float(percentile) for percentile in html_tunables.PERCENTILES_FOR_HTML_REPORT]
    names = [json.dumps(str(percentile)) for percentile in html_tunables.PERCENTILES_FOR_HTML_REPORT]
    rows = []
    for entry in entries:
        times: list[Any] = [*entry._percentiles(fractions)]
        if precise:
            times = [round(entry.precise_percentile(fraction), 3) for fraction in fractions]
        values = zip(names, times, strict=True)
        columns = ",".join([f"{name}:{value}" for name, value in values])
        rows.append(f'{{"name":{json.dumps(entry.name)},"method":{json.dumps(entry.method)},{columns}}}')
    return rows


def _exceptions(runner: Runner) -> list[dict[str, Any]]:
    return [
        {
            "count": row["count"],
            "msg": row["msg"],
            "traceback": row["traceback"],
            "nodes": ", ".join(sorted(map(str, row["nodes"]))),
        }
        for row in runner.exceptions.values()
    ]


def _host(environment: Environment) -> str | None:
    """The host under test, if it is the same for all users."""
    if environment.host:
        return environment.host
    hosts = {user_class.host for user_class in environment.user_classes}
    return next(iter(hosts)) if len(hosts) == 1 else None


def _tasks(environment: Environment, runner: Runner) -> dict[str, Any]:
    """Task ratios by the users that run, or by weight if none runs, as after the end of a test."""
    classes = environment.user_classes
    users = running_users(runner, classes)
    if not any(users.values()):
        users = {user_class.__name__: user_class.fixed_count or user_class.weight for user_class in classes}
    return {"per_class": get_ratio(classes, users, False), "total": get_ratio(classes, users, True)}
