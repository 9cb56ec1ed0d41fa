"""All counters of a test as plain values, from which another process can go on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from locust_rs.stats.distributed import OWN_PARTS, ReportMerger

if TYPE_CHECKING:
    from locust_rs.stats.request_stats import RequestStats


def take_snapshot(stats: RequestStats) -> dict[str, Any]:
    """The counters of every row, the total, the errors and the history, unlike a report without resetting them."""
    counted = [row for row in stats.entries.values() if row.num_requests or row.num_failures]
    own_parts = [row._own_parts() for row in counted]
    own: dict[str, Any] = {}
    for position, (key, of_total) in enumerate(zip(OWN_PARTS, stats.total._own_parts(), strict=True)):
        own[key] = [parts[position] for parts in own_parts]
        own[f"{key}_total"] = of_total
    intended = stats.intended.rows if stats.intended is not None else []
    return {
        "stats": [row.serialize() for row in counted],
        "stats_total": stats.total.serialize(),
        "errors": stats.serialize_errors(),
        "locust_rs": own,
        "intended": [[row.serialize(), row._precise_text()] for row in intended],
        "history": list(stats.history),
        "groups": [
            [kind, name, take_snapshot(group)]
            for kind, groups in (("class", stats.by_class), ("tag", stats.by_tag))
            for name, group in groups.items()
        ],
    }


def add_snapshot(stats: RequestStats, snapshot: dict[str, Any]) -> None:
    """Adds the counters of a snapshot.

    Raises:
        Exception: It is malformed; some of it may have been added.
    """
    # The time of the taking does not matter: it was this machine's clock.
    own = {**snapshot["locust_rs"], "clock": time.time()}
    ReportMerger(stats)("", {**snapshot, "locust_rs": own})
    if stats.intended is not None:
        stats.intended.merge(snapshot["intended"])
    for kind, name, of_group in snapshot.get("groups", ()):
        groups = {"class": stats.by_class, "tag": stats.by_tag}[kind]
        if name in groups:
            add_snapshot(groups[name], of_group)
    stats.history[:0] = snapshot["history"]
