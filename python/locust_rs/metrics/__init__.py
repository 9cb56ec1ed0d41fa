"""Metrics of the test's own, `environment.metrics`: counters, gauges and trends with tags. See docs/metrics.md."""

from __future__ import annotations

from locust_rs.metrics.kinds import Counter, Gauge, Metric, Trend
from locust_rs.metrics.table import Metrics

__all__ = ["Counter", "Gauge", "Metric", "Metrics", "Trend"]
