"""The metrics of the exporters that dashboards read: names, labels and units are theirs, times are in milliseconds.

`locust_exporter` (dashboard 11985) has `locust_requests_…` by method and name, boomer's `prometheus_exporter.py`
(dashboard 12081) `locust_stats_…` by method and path. `locust_errors`, which both have, carries the labels of both.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from locust_rs._states import STATE_MISSING, STATE_RUNNING, STATE_SPAWNING
from locust_rs.web.metrics.exposition import Exposition, labels

if TYPE_CHECKING:
    from locust_rs.env import Environment
    from locust_rs.web.metrics.reading import Endpoints

PER_NAME = {
    "num_requests": ("num_requests", "Requests"),
    "num_failures": ("num_failures", "Failed requests"),
    "avg_response_time": ("avg_response_time", "Mean response time in ms"),
    "min_response_time": ("min_response_time", "Shortest response time in ms"),
    "max_response_time": ("max_response_time", "Longest response time in ms"),
    "median_response_time": ("median_response_time", "Median response time in ms"),
    "current_rps": ("current_rps", "Requests per second in the last seconds"),
    "current_fail_per_sec": ("current_fail_per_sec", "Failed requests per second in the last seconds"),
    "avg_content_length": ("avg_content_length", "Mean length of responses in bytes"),
}
"""Keys of a row that both families have, under the same name."""

PER_METHOD_AND_NAME = PER_NAME | {
    "response_time_percentile_95": ("response_time_percentile_0.95", "95th percentile of response times in ms"),
    "response_time_percentile_99": ("response_time_percentile_0.99", "99th percentile of response times in ms"),
}

PER_METHOD_AND_PATH = PER_NAME | {
    "ninetieth_response_time": ("response_time_percentile_0.9", "90th percentile of response times in ms"),
}

_RUNNING = {STATE_SPAWNING: 1, STATE_RUNNING: 2}


def write(text: Exposition, environment: Environment, endpoints: Endpoints, scrapes: int) -> None:
    """Writes both families."""
    runner: Any = environment.runner
    state = STATE_MISSING if runner is None else runner.state
    users = 0 if runner is None else runner.user_count
    workers = list(runner.clients.values()) if runner is not None and runner.is_master else []
    fail_ratio = environment.stats.total.fail_ratio
    _write_errors(text, environment)

    text.gauge("locust_up", "Whether Locust could be asked", 1)
    text.gauge("locust_running", "The state of the test: 0 stopped, 1 spawning, 2 running", _RUNNING.get(state, 0))
    text.gauge("locust_users", "Users that run", users)
    _write_workers(text, workers)
    for percentile in (50, 95):
        text.gauge(
            f"locust_requests_current_response_time_percentile_{percentile}",
            f"{percentile}th percentile of response times in the last seconds, in ms",
            environment.stats.total.get_current_response_time_percentile(percentile / 100) or 0,
        )
    text.gauge("locust_requests_fail_ratio", "Failed requests per request", fail_ratio)
    text.oddly_named_counter("locust_total_scrapes", "How often the metrics were asked for", scrapes)
    for name, (key, about) in PER_METHOD_AND_NAME.items():
        text.gauges(f"locust_requests_{name}", about, zip(endpoints.by_name, endpoints.columns[key], strict=True))

    text.gauge("locust_user_count", "Users that run", users)
    text.gauge("locust_slave_count", "Workers that are connected", 0 if runner is None else len(workers))
    text.gauge("locust_fail_ratio", "Failed requests per request", fail_ratio)
    text.gauges("locust_state", "1 for the state of the test", [(labels(state=state), 1)])
    for name, (key, about) in PER_METHOD_AND_PATH.items():
        text.gauges(f"locust_stats_{name}", about, zip(endpoints.by_path, endpoints.columns[key], strict=True))


def _write_errors(text: Exposition, environment: Environment) -> None:
    occurrences: Counter[str] = Counter()
    for error in list(environment.stats.errors.values()):
        told = error.parse_error(error.error)
        occurrences[labels(method=error.method, name=error.name, path=error.name, error=told)] += error.occurrences
    text.gauges("locust_errors", "How often each error occurred", occurrences.items())


def _write_workers(text: Exposition, workers: list[Any]) -> None:
    states = Counter(worker.state for worker in workers)
    text.gauge("locust_workers_count", "Workers", len(workers))
    for name, state in (("running", STATE_RUNNING), ("hatching", STATE_SPAWNING), ("missing", STATE_MISSING)):
        text.gauge(f"locust_workers_{name}_count", f"Workers in the state {state}", states[state])
    text.gauges(
        "locust_worker_detail",
        "Users of each worker",
        [(labels(id=worker.id, state=worker.state), worker.user_count) for worker in workers],
    )
