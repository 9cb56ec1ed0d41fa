"""The test's own metrics as plain values, as CSV and as lines for the console."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from locust_rs.metrics.kinds import Counter, Gauge, Metric, Trend
from locust_rs.metrics.tags import tags_text
from locust_rs.stats.csv_report import without_formula

if TYPE_CHECKING:
    from locust_rs.metrics.table import Metrics

FRACTIONS = (0.5, 0.9, 0.95, 0.99)

FIGURES = ("value", "count", "average", "min", *map(str, FRACTIONS), "max")


def number_text(value: float) -> str:
    """A number for people: `1,234`, `0.25`, `12.5`."""
    if float(value).is_integer() or abs(value) >= 10_000:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def _tidy(value: float) -> float | int:
    return int(value) if float(value).is_integer() else round(value, 6)


def figures(metric: Metric, tags: Any) -> dict[str, float | int]:
    """The figures of one series: `value` of counters and gauges; of trends the others of `FIGURES`."""
    if isinstance(metric, (Counter, Gauge)):
        return {"value": _tidy(metric.value(tags))}
    assert isinstance(metric, Trend)
    row = metric.row(tags)
    return {
        "count": row.num_requests,
        "average": _tidy(row.avg_response_time),
        "min": _tidy(row.min_response_time or 0),
        **{str(fraction): _tidy(row.precise_percentile(fraction)) for fraction in FRACTIONS},
        "max": _tidy(row.max_response_time),
    }


def metric_rows(metrics: Metrics) -> list[dict[str, Any]]:
    """A row per series; a metric without values has one without figures."""
    return [row for metric in metrics for row in _rows(metric)]


def _rows(metric: Metric) -> Iterator[dict[str, Any]]:
    head = {"name": metric.name, "kind": metric.kind, "unit": metric.unit, "about": metric.about}
    if not metric.series:
        yield {**head, "tags": {}, **({"value": 0} if isinstance(metric, Counter) else {})}
    for tags in metric.series:
        yield {**head, "tags": dict(tags), **figures(metric, tags)}


def metrics_csv(metrics: Metrics) -> str:
    """The file `…_metrics.csv`: a row per series; figures that a kind does not have are empty."""
    text = io.StringIO()
    writer = csv.writer(text)
    titles = ["Value", "Count", "Average", "Min", *(f"{fraction * 100:g}%" for fraction in FRACTIONS), "Max"]
    writer.writerow(["Metric", "Kind", "Unit", "Tags", *titles])
    for row in metric_rows(metrics):
        tags = without_formula(tags_text(row["tags"].items()))
        values = [row.get(figure, "") for figure in FIGURES]
        writer.writerow([row["name"], row["kind"], without_formula(row["unit"]), tags, *values])
    return text.getvalue()


def metric_lines(metrics: Metrics) -> list[str]:
    """The lines of the console's table; an empty list without metrics."""
    rows = metric_rows(metrics)
    if not rows:
        return []
    titles = ["value", "count", "avg", "50%", "95%", "max"]
    lines = ["Metrics of the test", _line("Metric", "Unit", titles)]
    for row in rows:
        tags = tags_text(row["tags"].items())
        name = f"{row['name']}{{{tags}}}" if tags else row["name"]
        cells = [row.get(key) for key in ("value", "count", "average", "0.5", "0.95", "max")]
        lines.append(_line(name, row["unit"], ["" if cell is None else number_text(cell) for cell in cells]))
    return [*lines, ""]


def _line(name: str, unit: str, cells: list[str]) -> str:
    return f"{name[:50]:<50} {unit[:8]:<8} " + " ".join(f"{cell:>9}" for cell in cells).rstrip()
