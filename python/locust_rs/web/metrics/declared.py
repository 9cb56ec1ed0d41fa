"""The metrics that the test itself declares (`environment.metrics`), as `locust_metric_NAME`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from locust_rs.metrics import Counter, Gauge, Trend
from locust_rs.metrics.outputs import FRACTIONS
from locust_rs.web.metrics.exposition import Exposition, labels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from locust_rs.metrics import Metric, Metrics


_SAMPLES = {"counter": ("", "_total", "_created"), "gauge": ("",), "trend": ("", "_sum", "_count", "_created")}
"""What the names of a kind's samples end with."""


def write(text: Exposition, metrics: Metrics) -> None:
    """Writes a family per metric: trends are summaries."""
    taken: set[str] = set()
    for metric in metrics:
        name = _free_name(metric, taken)
        about = " ".join(metric.about.replace("\\", "/").split()) or f"The {metric.kind} {metric.name} of the test"
        if isinstance(metric, Counter):
            samples = [(_labels(tags), metric.value(tags)) for tags in metric.series]
            text.counters(name, about, samples or [("", 0)])
        elif isinstance(metric, Gauge):
            text.gauges(name, about, [(_labels(tags), metric.value(tags)) for tags in metric.series])
        elif isinstance(metric, Trend):
            text.summaries(name, about, _summary(name, metric))


def _free_name(metric: Metric, taken: set[str]) -> str:
    """The family's name: with the kind behind it if samples of another family are called like that."""
    name = f"locust_metric_{metric.name}"
    if isinstance(metric, Counter):
        # The samples of a counter end in `_total` by themselves.
        name = name.removesuffix("_total")
    while taken & (samples := {f"{name}{suffix}" for suffix in _SAMPLES[metric.kind]}):
        name += f"_{metric.kind}"
    taken |= samples
    return name


def _labels(tags: tuple[tuple[str, str], ...]) -> str:
    return labels(**dict(tags)) if tags else ""


def _summary(name: str, trend: Trend) -> Iterator[str]:
    for tags in trend.series:
        row = trend.row(tags)
        for fraction in FRACTIONS:
            label = labels(**dict(tags), quantile=fraction)
            yield f"{name}{label} {row.precise_percentile(fraction)}\n"
        yield f"{name}_sum{_labels(tags)} {row.total_response_time}\n"
        yield f"{name}_count{_labels(tags)} {row.num_requests}\n"
