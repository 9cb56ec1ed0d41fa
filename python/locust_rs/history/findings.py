"""A comparison in words, and as rows that every form of it shows."""

from __future__ import annotations

from typing import Any

from locust_rs.history.compare import Comparison
from locust_rs.history.differences import LEAST_REQUESTS, Change, Counts, Difference
from locust_rs.history.listing import ms_text

TITLES = ("endpoint", "requests", "median", "change", "95 %", "change", "failed", "finding")
NUMBERS = (1, 2, 3, 4, 5, 6)
"""Columns that are aligned right."""

ARROW = " → "


def finding(difference: Difference) -> str:
    """What can be said about an endpoint."""
    if difference.before is None:
        return "new: the first run did not request it"
    if difference.after is None:
        return "gone: the second run did not request it"
    failing = {1: "more of it fails", -1: "less of it fails", 0: ""}[difference.failures]
    return "; ".join(filter(None, (_of_times(difference), failing)))


def _of_times(difference: Difference) -> str:
    if not difference.times:
        counts = [one.requests for one in (difference.before, difference.after) if one is not None]
        if min(counts) < LEAST_REQUESTS:
            return f"fewer than {LEAST_REQUESTS} requests: too few to tell"
        return "too short to tell: less than 8 seconds with requests"
    typical, slow = difference.times["typical"], difference.times["0.95"]
    if typical.direction:
        return f"{_word(typical)} by {_range(typical)}"
    if slow.direction:
        return f"95 % {_word(slow)} by {_range(slow)}"
    return f"no difference that these runs can show ({typical.low:+.1%} to {typical.high:+.1%})"


_NAMES = {"typical": "typical time", "0.5": "median", "0.95": "95 %", "0.99": "99 %"}


def change_text(measure: str, change: Change) -> str:
    """A change of a time with its certainty: `typical time 20.1 ms → 22.3 ms (+9.2% to +12.5%)`."""
    times = f"{ms_text(change.before_ms)}{ARROW}{ms_text(change.after_ms)}"
    return f"{_NAMES[measure]} {times} ({change.low:+.1%} to {change.high:+.1%})"


def share_text(difference: Difference) -> str:
    """The share of failures in both runs."""
    return _both(difference, lambda counts: f"{counts.share:.2%}")


def _word(change: Change) -> str:
    return "slower" if change.direction > 0 else "faster"


def _range(change: Change) -> str:
    low, high = sorted((abs(change.low), abs(change.high)))
    return f"{low:.1%} to {high:.1%}"


def shown_rows(comparison: Comparison) -> list[list[str]]:
    """The cells of each endpoint, and of all requests."""
    return [_cells(difference) for difference in [*comparison.differences, comparison.total]]


def _cells(difference: Difference) -> list[str]:
    cells = [difference.endpoint, _both(difference, lambda counts: f"{counts.requests:,}")]
    for fraction in ("0.5", "0.95"):
        change = difference.times.get(fraction)
        if change is None:
            cells += ["", ""]
        else:
            cells += [f"{ms_text(change.before_ms)}{ARROW}{ms_text(change.after_ms)}", f"{change.share:+.1%}"]
    return [*cells, _both(difference, lambda counts: f"{counts.share:.2%}"), finding(difference)]


def _both(difference: Difference, shown: Any) -> str:
    both: tuple[Counts | None, Counts | None] = (difference.before, difference.after)
    texts = ["–" if counts is None else shown(counts) for counts in both]
    return texts[0] if texts[0] == texts[1] else ARROW.join(texts)


def as_plain(comparison: Comparison) -> dict[str, Any]:
    """The comparison as plain values: times in milliseconds, shares as fractions of 1."""
    return {
        "before": _run(comparison.before),
        "after": _run(comparison.after),
        "warnings": comparison.warnings,
        "endpoints": [_plain(difference) for difference in comparison.differences],
        "total": _plain(comparison.total),
    }


def _run(run: Any) -> dict[str, Any]:
    return {"uid": run.uid, "number": run.number or None, "tag": run.tag, "started_s": run.started_s}


def _plain(difference: Difference) -> dict[str, Any]:
    counts = {"before": difference.before, "after": difference.after}
    return {
        "method": difference.method,
        "name": difference.name,
        "requests": {when: None if one is None else one.requests for when, one in counts.items()},
        "failures": {when: None if one is None else one.failures for when, one in counts.items()},
        "times_ms": {
            measure: {
                "before": round(change.before_ms, 3),
                "after": round(change.after_ms, 3),
                "change": round(change.share, 5),
                "low": round(change.low, 5),
                "high": round(change.high, 5),
                "certain": bool(change.direction),
            }
            for measure, change in difference.times.items()
        },
        "more_failures": difference.failures > 0,
        "finding": finding(difference),
    }
