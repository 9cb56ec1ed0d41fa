"""What a list shows of a run: its figures in all, and how its rate and its 95 % went, in a few dozen numbers each."""

from __future__ import annotations

import json
from typing import Any

from locust_rs.history.model import KeptRun
from locust_rs.history.rows import restore

COLUMNS = 48
"""About how many points a small chart in a line has."""


def summary_of(kept: KeptRun) -> dict[str, Any]:
    """The figures of a run that has ended. Times are in milliseconds; None where nothing was measured.

    Raises:
        HistoryError: Its statistics are damaged.
    """
    total = kept.run.result["total"]
    return {
        "duration_s": kept.run.duration_s,
        "requests": total["requests"],
        "fail_ratio": total["fail_ratio"],
        "rate": total["rate"],
        "median_ms": total["percentiles_ms"]["0.5"],
        "p95_ms": total["percentiles_ms"]["0.95"],
        **_small_charts(kept),
    }


def _small_charts(kept: KeptRun) -> dict[str, list[float | None]]:
    """Requests per second and the 95 % of each part of the run; None where there was none."""
    columns = json.loads(restore(kept.rows[:1]).total._latencies((0.95,), COLUMNS))["columns"]
    rates: list[float | None] = []
    times: list[float | None] = []
    if columns:
        first, step = columns[0][0], max(column[1] for column in columns)
        length = (columns[-1][0] - first) // step + 1
        if length > 1 and kept.run.duration_s - (length - 1) * step < step / 2:
            length -= 1  # too little of the last part belongs to the run to say a rate
        rates, times = [0.0] * length, [None] * length
        for start, _, requests, (time_ms,), _ in columns:
            at = (start - first) // step
            if at == length:
                break
            rates[at] = round((rates[at] or 0.0) + requests / step, 2)
            times[at] = max(times[at] or 0.0, time_ms)
    return {"rates": rates, "p95s_ms": times}
