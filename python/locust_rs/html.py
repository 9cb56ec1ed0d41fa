"""The HTML report: one self-contained page. Public module `locust.html`."""

from __future__ import annotations

import functools
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from locust_rs._reexports import provide_reexports
from locust_rs._tunables import html as _tunables_html
from locust_rs._tunables import publish
from locust_rs._tunables import stats as _tunables_stats
from locust_rs._tunables.html import PERCENTILES_FOR_HTML_REPORT
from locust_rs._version import __version__
from locust_rs.evidence.outputs import reported_evidence
from locust_rs.metrics.outputs import metric_rows
from locust_rs.stats import sort_stats, update_stats_history
from locust_rs.stats.intended import intended_rows
from locust_rs.stats.phases import phase_rows
from locust_rs.thresholds import as_plain
from locust_rs.user.inspectuser import get_ratio
from locust_rs.util.date import format_duration, format_utc_timestamp

if TYPE_CHECKING:
    import jinja2

    from locust_rs.env import Environment
    from locust_rs.runners import Runner
    from locust_rs.stats import StatsEntry

__all__ = [
    "DEFAULT_BUILD_PATH",
    "PERCENTILES_FOR_HTML_REPORT",
    "get_html_report",
    "process_html_filename",
    "render_template_from",
]

DEFAULT_BUILD_PATH = str(Path(__file__).resolve().parent / "webui" / "dist")
"""Folder of the bundled web UI."""

publish(__name__, _tunables_html, ("PERCENTILES_FOR_HTML_REPORT",))


def process_html_filename(options: Any) -> None:
    """Replaces the marks in `options.html_file`: `{u}` users, `{r}` spawn rate, `{t}` run time in seconds.

    Marks without a value, and other braces, are kept.
    """
    marks = {"{u}": options.num_users, "{r}": options.spawn_rate, "{t}": options.run_time}
    for mark, value in marks.items():
        if value is not None:
            options.html_file = options.html_file.replace(mark, str(int(value) if value == int(value) else value))


@functools.lru_cache(maxsize=8)
def _templates(build_path: str) -> jinja2.Environment:
    """The templates of a build: compiled once, and again if their file changes."""
    import jinja2

    # A page that a custom build lacks comes from the bundled one.
    loader = jinja2.FileSystemLoader([build_path, DEFAULT_BUILD_PATH])
    templates = jinja2.Environment(loader=loader, autoescape=True)
    templates.policies["json.dumps_function"] = _dumps
    return templates


class _ReportArgs(dict[str, Any]):
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


def _dumps(value: Any, **options: Any) -> str:
    """Serializes a value for the filter `tojson`, which escapes the result for HTML."""
    return value.as_json(**options) if isinstance(value, _ReportArgs) else json.dumps(value, **options)


def render_template_from(file: str, build_path: str = DEFAULT_BUILD_PATH, **kwargs: Any) -> str:
    """Renders a page of a web UI build outside of a request.

    Args:
        file: `report.html`, for example.
        build_path: Folder that holds it.
        **kwargs: The template's arguments.

    Raises:
        FileNotFoundError: Neither that folder nor the bundled build has the file.
    """
    import jinja2

    try:
        return _templates(str(build_path)).get_template(file).render(**kwargs)
    except jinja2.TemplateNotFound as error:
        searched = " nor in ".join(dict.fromkeys((str(build_path), DEFAULT_BUILD_PATH)))
        raise FileNotFoundError(
            f"'{error.name}' is not in {searched}. In a checkout, build the web UI with `make setup`"
        ) from None


def get_html_report(environment: Environment, show_download_link: bool = True, theme: str = "") -> str:
    """The report of the environment's statistics as one self-contained page.

    Args:
        environment: An environment with a runner.
        show_download_link: Whether the page offers itself for download, as in the web UI.
        theme: `dark`, `light`, or empty to follow the reader's settings.

    Raises:
        ValueError: The environment has no runner.
    """
    from locust_rs.web.latencies import reported_latencies
    from locust_rs.web.rows import endpoint_rows

    runner = environment.runner
    if runner is None:
        raise ValueError("There is no report without a runner: call environment.create_local_runner() first")
    stats = environment.stats
    start_s, end_s = stats.start_time, stats.last_request_timestamp or stats.start_time
    _complete_history(runner, end_s)
    entries = [*sort_stats(stats.entries), stats.total]
    failing = [entry for entry in entries if entry.num_failures]
    precise = _tunables_stats.PRECISE
    args = {
        "is_report": True,
        "failures_statistics": [error.to_dict() for error in sort_stats(stats.errors)],
        "exceptions_statistics": _exceptions(runner),
        "start_time": format_utc_timestamp(start_s),
        "end_time": format_utc_timestamp(end_s),
        "duration": format_duration(start_s, end_s),
        "host": str(_host(environment)),
        "history": stats.history,
        "phase_statistics": phase_rows(stats),
        "intended_statistics": intended_rows(stats),
        "metrics": metric_rows(environment.metrics),
        "evidence": {"failures": reported_evidence(environment.evidence)},
        "precise": precise,
        "show_download_link": show_download_link,
        "locustfile": str(environment.locustfile),
        "tasks": _tasks(environment, runner),
        "percentiles_to_chart": _tunables_stats.PERCENTILES_TO_CHART,
        "percentiles_to_statistics": _tunables_stats.PERCENTILES_TO_STATISTICS,
        "profile": str(environment.profile) if environment.profile else None,
        "thresholds": as_plain(environment.thresholds),
        **_circumstances(environment, runner),
    }
    tables = {
        "requests_statistics": f"[{','.join(endpoint_rows(stats, entries, precise=precise))}]",
        "response_time_statistics": f"[{','.join(_response_times(entries, precise))}]",
        "latencies": reported_latencies(stats),
        "outcome_statistics": f"[{','.join(endpoint_rows(stats, failing, precise=True))}]",
        "precise_response_time_statistics": f"[{','.join(_response_times(entries, precise=True))}]",
    }
    build_path = environment.web_ui.build_path if environment.web_ui is not None else None
    return render_template_from(
        "report.html", build_path or DEFAULT_BUILD_PATH, template_args=_ReportArgs(args, tables), theme=theme
    )


def _complete_history(runner: Runner, end_s: float) -> None:
    """Adds a point for the end of the test if the charts' last point is older."""
    end = format_utc_timestamp(end_s)
    history = runner.stats.history
    if history and history[-1]["time"] < end:
        update_stats_history(runner, end)


def _response_times(entries: list[StatsEntry], precise: bool = False) -> list[str]:
    """The rows of the table of response times, as JSON."""
    fractions = [float(percentile) for percentile in _tunables_html.PERCENTILES_FOR_HTML_REPORT]
    names = [json.dumps(str(percentile)) for percentile in _tunables_html.PERCENTILES_FOR_HTML_REPORT]
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
    from locust_rs.web.payloads import running_users

    classes = environment.user_classes
    users = running_users(runner, classes)
    if not any(users.values()):
        users = {user_class.__name__: user_class.fixed_count or user_class.weight for user_class in classes}
    return {"per_class": get_ratio(classes, users, False), "total": get_ratio(classes, users, True)}


def _circumstances(environment: Environment, runner: Runner) -> dict[str, Any]:
    """The settings and circumstances of the run, which a reader needs to trust or repeat it."""
    from locust_rs.web.custom_arguments import shown_parameters
    from locust_rs.web.health import health_payload

    stats, options = environment.stats, environment.parsed_options
    end_s = stats.last_request_timestamp or time.time()
    counts = [point["user_count"][1] for point in stats.history]
    return {
        "version": __version__,
        "run_time_s": round(max(end_s - stats.start_time, 0.0), 1),
        "user_count": getattr(options, "num_users", None) or runner.target_user_count or None,
        "peak_user_count": max(counts, default=None),
        "spawn_rate": getattr(options, "spawn_rate", None),
        "worker_count": runner.worker_count if runner.is_master else 0,
        "parameters": shown_parameters(environment),
        "generator_health": health_payload(runner),
    }


provide_reexports(__name__)
