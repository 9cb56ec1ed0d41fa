"""The load generator's own health, as the page shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any


if TYPE_CHECKING:
    from locust_rs.runners import Runner

CPU_LIMIT = 90.0
"""Percent of a core above which the generator's CPU is named as a cause."""

MAX_NAMED_WORKERS = 5
"""Workers that are named one by one."""


def health_payload(runner: Runner | None) -> dict[str, Any] | None:
    """CPU, lag, and a verdict with its reasons in whole sentences; None as long as nothing was measured."""
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
    """Sentences that name the node that is the bottleneck, and the figure that shows it."""
    reasons = []
    if health.inflated_here:
        reasons.append(
            f"This process's event loop runs {health.hub_lag_ms:.1f} ms late, which makes response times "
            f"{health.inflation:.0%} longer than they are."
        )
    if health.workers_inflated:
        nodes = list(runner.clients.values()) if runner.is_master else []
        late = [node for node in nodes if node.inflated]
        reasons += [
            f"Worker {node.id} runs {node.hub_lag_ms:.1f} ms late at {node.cpu_usage:.0f} % CPU, which makes its "
            "response times longer than they are."
            for node in late[:MAX_NAMED_WORKERS]
        ]
        if len(late) > MAX_NAMED_WORKERS or not late:
            others = f"{len(late) - MAX_NAMED_WORKERS} more workers run late" if late else "A worker ran late before"
            reasons.append(f"{others}, with response times longer than they are.")
    if health.cpu_usage >= CPU_LIMIT:
        reasons.append(f"This process uses {health.cpu_usage:.0f} % of a core.")
    return reasons
