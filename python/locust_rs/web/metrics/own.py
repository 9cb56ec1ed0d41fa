"""The metrics of locust-rs itself, `locust_rs_…`: counters and histograms, in seconds, bytes and ratios.

They have no row of the total, so that sums over all names are right, and count from 0 when the statistics are reset.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from locust_rs import _states
from locust_rs._version import __version__, distribution_version
from locust_rs.web.metrics.exposition import Exposition, labels
from locust_rs.web.metrics.reading import BOUNDS_MS, Endpoints

if TYPE_CHECKING:
    from locust_rs.env import Environment
    from locust_rs.runners.resources import GeneratorHealth

STATES = sorted(value for name, value in vars(_states).items() if name.startswith("STATE_"))


def write(text: Exposition, environment: Environment, endpoints: Endpoints) -> None:
    """Writes the family."""
    text.gauges(
        "locust_rs_build_info",
        "1; the labels are the versions of locust-rs and of the Locust that it implements",
        [(labels(version=distribution_version, locust_version=__version__), 1)],
    )
    _write_requests(text, endpoints)
    text.gauge(
        "locust_rs_start_time_seconds",
        "When the statistics began, in seconds since 1970",
        environment.stats.start_time,
    )
    runner: Any = environment.runner
    if runner is not None:
        _write_run(text, runner)
        _write_health(text, runner.health)
        if runner.is_master:
            _write_workers(text, list(runner.clients.values()))


def _write_requests(text: Exposition, endpoints: Endpoints) -> None:
    entries = endpoints.entries
    samples = (
        (label, entry._response_times_up_to(BOUNDS_MS), entry.total_response_time / 1000)
        for label, entry in zip(endpoints.labels, entries, strict=True)
    )
    bounds = [bound / 1000 for bound in BOUNDS_MS]
    text.histograms("locust_rs_response_time_seconds", "Response times of requests", bounds, samples)
    for name, about, values in (
        ("requests", "Requests, those without a response time included", [entry.num_requests for entry in entries]),
        ("failures", "Failed requests", [entry.num_failures for entry in entries]),
        ("response_bytes", "Length of all responses", [entry.total_content_length for entry in entries]),
    ):
        text.counters(f"locust_rs_{name}", about, zip(endpoints.by_name, values, strict=False))


def _write_run(text: Exposition, runner: Any) -> None:
    text.gauges(
        "locust_rs_state",
        "1 for the state of the test, 0 for the others",
        [(labels(state=state), int(state == runner.state)) for state in STATES],
    )
    classes = runner.reported_user_classes_count if runner.is_master else runner.user_classes_count
    text.gauges(
        "locust_rs_users",
        "Users that run",
        [(labels(user_class=name), count) for name, count in sorted(classes.items())],
    )
    text.gauge("locust_rs_target_users", "Users that are to run", runner.target_user_count)
    raised = sum(row["count"] for row in list(runner.exceptions.values()))
    text.counter("locust_rs_task_exceptions", "Exceptions that tasks raised", raised)


def _write_health(text: Exposition, health: GeneratorHealth) -> None:
    for name, about, value in (
        ("cpu_ratio", "Cores that this process used in the last second", health.cpu_usage / 100),
        ("memory_bytes", "Resident memory of this process", health.memory_usage),
        ("loop_lag_seconds", "Mean lateness of the event loop in the last second", health.hub_lag_ms / 1000),
        ("loop_lag_max_seconds", "Worst lateness of the event loop in the last second", health.hub_lag_max_ms / 1000),
        ("inflation_ratio", "Share by which the generator itself made response times too long", health.inflation),
        ("inflated", "1 if response times are too long by more than 5 %, here or on a worker", int(health.inflated)),
    ):
        text.gauge(f"locust_rs_generator_{name}", about, value)


def _write_workers(text: Exposition, workers: list[Any]) -> None:
    states = Counter(worker.state for worker in workers)
    text.gauges(
        "locust_rs_workers",
        "Workers by state",
        [(labels(state=state), states[state]) for state in STATES],
    )
    for name, about, read in (
        ("users", "Users of each worker", lambda worker: worker.user_count),
        ("cpu_ratio", "Cores that each worker uses", lambda worker: (worker.cpu_usage or 0) / 100),
        ("memory_bytes", "Resident memory of each worker", lambda worker: worker.memory_usage or 0),
    ):
        text.gauges(f"locust_rs_worker_{name}", about, [(labels(worker=worker.id), read(worker)) for worker in workers])
