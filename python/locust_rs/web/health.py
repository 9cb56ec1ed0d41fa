"""The load generator's own health, as the page shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from locust_rs.runners.verdict import reasons_here, reasons_of_workers, remedies

if TYPE_CHECKING:
    from locust_rs.runners import Runner


def health_payload(runner: Runner | None) -> dict[str, Any] | None:
    """CPU, lag, and a verdict with its reasons in whole sentences; None as long as nothing was measured."""
    health = getattr(runner, "health", None)
    if health is None or not health.samples:
        return None
    reasons = reasons_here(health) + reasons_of_workers(health)
    return {
        "cpu_usage": health.cpu_usage,
        "hub_lag_ms": round(health.hub_lag_ms, 3),
        "late_starts": health.late_starts,
        "inflated": health.inflated,
        "inflation": round(health.inflation, 4),
        "open_files": health.limits.open_files,
        "most_open_files": health.limits.most_open_files,
        "local_ports": health.limits.local_ports,
        "most_local_ports": health.limits.most_local_ports,
        "queue_length": health.queue_length,
        "starts_meant": health.starts.meant,
        "starts_late": health.starts.late,
        "starts_missed": health.starts.missed,
        "arrivals": {name: counts.to_plain() for name, counts in health.measure_arrivals().items()},
        "reasons": reasons,
        "remedies": remedies(health) if health.inflated or reasons else [],
    }
