"""Thresholds: what has to hold in a test, such as `p95(GET /cart) < 300ms`. Public module `locust.thresholds`."""

from __future__ import annotations

from locust_rs.thresholds.check import Check, State
from locust_rs.thresholds.declared import add
from locust_rs.thresholds.errors import ThresholdError
from locust_rs.thresholds.model import Threshold
from locust_rs.thresholds.parser import parse
from locust_rs.thresholds.run import Thresholds
from locust_rs.thresholds.summary import as_plain, outcome_text, summary_lines

__all__ = [
    "Check",
    "State",
    "Threshold",
    "ThresholdError",
    "Thresholds",
    "add",
    "as_plain",
    "outcome_text",
    "parse",
    "summary_lines",
]
