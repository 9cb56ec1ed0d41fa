"""The figures of a run for Prometheus, at `/metrics` of the web UI and of `--metrics-port`.

docs/observability.md lists them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from locust_rs.web.metrics import declared, exporters, own
from locust_rs.web.metrics.exposition import Exposition
from locust_rs.web.metrics.reading import Endpoints

if TYPE_CHECKING:
    from locust_rs.env import Environment


def render(environment: Environment, open_metrics: bool, scrapes: int) -> bytes:
    """All metrics as text.

    Args:
        environment: The environment; without a runner, the metrics are those of a test that has not begun.
        open_metrics: Whether to write OpenMetrics instead of Prometheus' own format.
        scrapes: How often the metrics have been asked for, this time included.
    """
    text = Exposition(open_metrics)
    endpoints = Endpoints(environment.stats)
    exporters.write(text, environment, endpoints, scrapes)
    own.write(text, environment, endpoints)
    declared.write(text, environment.metrics)
    return text.encode()
