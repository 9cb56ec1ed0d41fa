"""What the page shows of the generator's own condition."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from locust_rs.runners import Runner

CPU_LIMIT = 90.0
"""Percent of a core from which on the generator's CPU is named as a cause."""


def health_payload(runner: Runner | None) -> dict[str, Any] | None:
    """CPU, lag and verdict with its reasons in whole sentences; None while nothing was measured."""
    health = getattr(runner, "health", None)
    if health is None or not health.samples:
        return None
    return {
        "cpu_usage": health.cpu_usage,
        "hub_lag_ms": round(health.hub_lag_ms, 3),
        "late_starts": health.late_starts,
        "inflated": health.inflated,
        "reasons": _reasons(runner, health) if health.inflated else [],
    }


def _reasons(runner: Any, health: Any) -> list[str]:
    """Which node is the bottleneck, and by what figure one sees it."""
    reasons = []
    if health.inflation > 0.05:
        reasons.append(
            f"This process's event loop runs {health.hub_lag_ms:.1f} ms late, which makes response times "
            f"{health.inflation:.0%} longer than they are."
        )
    if health.workers_inflated:
        workers = list(runner.clients.values()) if getattr(runner, "is_master", False) else []
        busy = [f"{worker.id} ({worker.cpu_usage:.0f} % CPU)" for worker in workers if worker.cpu_usage >= CPU_LIMIT]
        named = f": {', '.join(busy)}" if busy else ""
        reasons.append(f"At least one worker reports inflated response times{named}.")
    if health.cpu_usage >= CPU_LIMIT:
        reasons.append(f"This process uses {health.cpu_usage:.0f} % of a core. Add workers or --processes.")
    return reasons
