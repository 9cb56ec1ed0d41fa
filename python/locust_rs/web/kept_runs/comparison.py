"""Differences of two kept runs for the page."""

from __future__ import annotations

from typing import Any

from locust_rs.history.compare import compare
from locust_rs.history.findings import as_plain
from locust_rs.history.store import Store
from locust_rs.web.kept_runs.labels import labels


def comparison(store: Store, before: str, after: str) -> dict[str, Any]:
    """What `locust-rs compare --format json` says of two runs, and their labels.

    Raises:
        HistoryError: One of them cannot be read, or there is none.
    """
    runs = [store.find(name) for name in (before, after)]
    plain = as_plain(compare(*(store.load(run) for run in runs)))
    return {**plain, "before": labels(runs[0]), "after": labels(runs[1])}
