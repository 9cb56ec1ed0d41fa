"""Values of thresholds for people."""

from __future__ import annotations

from locust_rs.metrics.outputs import number_text
from locust_rs.stats.precise import format_ms
from locust_rs.thresholds.model import Metric, Threshold, Unit


def value_text(threshold: Threshold, value: float) -> str:
    """A value in the unit of its threshold: `212 ms`, `0.50 %`, `512/s`, `1,234`."""
    if threshold.metric is Metric.VERDICT:
        return "ok" if value else "overloaded"
    if threshold.selection.metric and threshold.unit is Unit.COUNT:
        return number_text(value)
    if threshold.unit is Unit.MS:
        return f"{value:,.0f} ms" if value >= 10_000 else f"{format_ms(value)} ms"
    if threshold.unit is Unit.SHARE:
        return f"{value * 100:.2f} %"
    if threshold.unit is Unit.PER_SECOND:
        return f"{value:,.1f}/s" if value < 1000 else f"{value:,.0f}/s"
    return f"{value:,.0f}"


def time_text(at_s: float) -> str:
    """A time of the run: `0:07`, `12:05`, `1:00:00`."""
    minutes, seconds = divmod(int(at_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
