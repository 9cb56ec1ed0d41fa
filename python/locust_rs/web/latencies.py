"""Response times over time, as curves and a heat map: of the whole run and of each endpoint."""

from __future__ import annotations

import heapq
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from locust_rs.stats import RequestStats, StatsEntry

FRACTIONS = (0.5, 0.95, 0.99, 1.0)
"""The curves."""

COLUMNS = 240
"""About how many intervals are shown of one endpoint."""

REPORTED_ENDPOINTS = 30
"""Endpoints in the report, those with most requests; each takes some kilobytes."""

REPORTED_COLUMNS = 90


def latencies_json(row: StatsEntry, columns: int = COLUMNS, since_s: float = 0.0) -> str:
    """The distribution of each interval of a row, which was so long ago as it is now.

    An object with `fractions`, `edges` (of the bands of the heat map, in ms) and `columns`: lists of start (epoch
    seconds), width (seconds), requests, times at `fractions`, and pairs of band and requests in one list.
    """
    head = json.dumps({"name": row.name, "method": row.method})
    return f"{head[:-1]},{row._latencies(FRACTIONS, columns, since_s)[1:]}"


def reported_latencies(stats: RequestStats, since_s: float = 0.0) -> str:
    """Those of the whole run and of the endpoints with most requests, as a JSON list."""
    busiest = heapq.nlargest(REPORTED_ENDPOINTS, stats.entries.values(), key=lambda row: row.num_requests)
    shown = [latencies_json(stats.total, since_s=since_s)]
    busiest.sort(key=lambda row: (row.name, row.method))
    shown += [latencies_json(row, REPORTED_COLUMNS, since_s) for row in busiest]
    return f"[{','.join(shown)}]"


def endpoint_latencies(stats: RequestStats, name: str, method: str) -> str:
    """Those of one endpoint; of the whole run for `Aggregated` without method. Nothing of an unknown one."""
    if name == "Aggregated" and not method:
        return latencies_json(stats.total)
    row = stats.entries.get((name, method)) or (None if method else stats.entries.get((name, None)))
    if row is None:
        return json.dumps({"name": name, "method": method, "fractions": [], "edges": [], "columns": []})
    return latencies_json(row)
