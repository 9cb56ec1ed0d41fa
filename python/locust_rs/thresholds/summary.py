"""The result of a run's thresholds: lines for the console, and plain values for JSON, page and report."""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from locust_rs.thresholds.check import Check, Moment, State
from locust_rs.thresholds.values import time_text, value_text

if TYPE_CHECKING:
    from locust_rs.thresholds.run import Thresholds

_WORDS = {State.PASSED: "PASSED", State.FAILED: "FAILED", State.UNMEASURED: "ERROR"}
_ORDER = (State.FAILED, State.PASSED, State.UNMEASURED)
WIDEST = 100


def summary_lines(thresholds: Thresholds) -> list[str]:
    """What passed and what failed, the first breach and the worst value; empty without thresholds."""
    checks = list(thresholds)
    if not checks:
        return []
    width = min(shutil.get_terminal_size().columns, WIDEST)
    longest = max(len(check.threshold.text) for check in checks)
    lines = [" thresholds ".center(width, "=")]
    for check in checks:
        word = _WORDS.get(check.state, check.state.value)
        lines.append(f"{word:<7} {check.threshold.text:<{longest}}  {outcome_text(check)}".rstrip())
    counts = Counter(check.state for check in checks)
    counted = ", ".join(f"{counts[state]} {state.value}" for state in _ORDER if counts[state])
    lines.append(f" {counted} in {thresholds.run_time_s:.1f}s ".center(width, "="))
    return ["", *lines, ""]


def outcome_text(check: Check) -> str:
    """What a threshold came to, as in `412 ms, first broken at 0:14, worst 512 ms at 0:20`."""
    threshold, worst, breach = check.threshold, check.worst, check.first_breach
    if check.value is None or worst is None:
        return f"nothing measured: {check.problem}" if check.problem else ""
    value = value_text(threshold, check.value)
    parts = [f"at last {value}" if threshold.holds_throughout else value]
    if threshold.relative is not None:
        parts.append(f"the limit is {value_text(threshold, threshold.limit)}")
    if breach is not None:
        parts.append(f"first broken at {time_text(breach.at_s)}")
    if value_text(threshold, worst.value) != value and not threshold.is_sum:
        parts.append(f"worst {value_text(threshold, worst.value)} at {time_text(worst.at_s)}")
    return ", ".join(parts)


def as_plain(thresholds: Thresholds) -> list[dict[str, Any]]:
    """The thresholds as plain values.

    `limit` and the values are in `unit`: milliseconds, a share (0.01 is 1 %), a number per second, or a number.
    """
    return [_check_as_plain(check, thresholds.begun_at) for check in thresholds]


def _check_as_plain(check: Check, begun_at: float) -> dict[str, Any]:
    threshold = check.threshold
    return {
        "threshold": threshold.text,
        "state": check.state.value,
        "metric": threshold.metric.value,
        "endpoint": threshold.selection.text,
        "comparison": threshold.comparison,
        "limit": threshold.limit if check.has_limit else None,
        "unit": threshold.unit.value,
        "abort": threshold.aborts,
        "value": check.value,
        "worst": _moment(check.worst, begun_at),
        "first_breach": _moment(check.first_breach, begun_at),
        "outcome": outcome_text(check),
    }


def _moment(moment: Moment | None, begun_at: float) -> dict[str, Any] | None:
    if moment is None:
        return None
    time = datetime.fromtimestamp(begun_at + moment.at_s, UTC).isoformat(timespec="milliseconds")
    return {"value": moment.value, "at_s": round(moment.at_s, 1), "time": time.replace("+00:00", "Z")}
