"""The generator's verdict on its own measurements, in whole sentences: why they are distorted, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from locust_rs.runners.resources import GeneratorHealth

CPU_LIMIT = 90.0
"""Percent of a core above which the generator's CPU is named as a cause."""

MAX_NAMED_WORKERS = 5
"""Workers that are named one by one."""


def reasons_here(health: GeneratorHealth) -> list[str]:
    """The reasons why this process measures badly, with the figures that show them."""
    reasons = []
    if health.inflated_here:
        late_ms = health.run.late_ms / max(1, health.run.requests)
        reasons.append(
            f"This process notices responses {late_ms:.1f} ms late on average, which makes response times "
            f"{health.run.inflation:.0%} longer than they are."
        )
    worst = health.blocking.worst
    if worst is not None:
        reasons.append(
            f"{worst.where} held the event loop of this process for {worst.longest_s * 1000:,.0f} ms; "
            "nobody else ran meanwhile."
        )
    if health.inflated and health.cpu_usage >= CPU_LIMIT:
        reasons.append(f"This process uses {health.cpu_usage:.0f} % of a core.")
    return reasons + health.start_warnings + health.limits.warnings()


def reasons_of_workers(health: GeneratorHealth) -> list[str]:
    """The reasons why the workers of a master measure badly."""
    reasons = []
    late = {worker_id: worker for worker_id, worker in health.workers.items() if worker.inflated}
    for worker_id, worker in list(late.items())[:MAX_NAMED_WORKERS]:
        late_ms = worker.run.late_ms / max(1, worker.run.requests)
        reasons.append(
            f"Worker {worker_id} notices responses {late_ms:.1f} ms late on average, which makes its response times "
            f"{worker.run.inflation:.0%} longer than they are."
        )
    if len(late) > MAX_NAMED_WORKERS:
        reasons.append(f"{len(late) - MAX_NAMED_WORKERS} more workers are late, with response times too long.")
    elif health.workers_inflated and not late:
        reasons.append("A worker was late before, with response times longer than they are.")
    blocked = [(worker_id, worker.blocking) for worker_id, worker in health.workers.items() if worker.blocking]
    reasons += [f"On worker {worker_id}, {blocking}." for worker_id, blocking in blocked[:MAX_NAMED_WORKERS]]
    return reasons


def remedies(health: GeneratorHealth) -> list[str]:
    """What to do about it, the most effective remedy first."""
    found = []
    worst = health.blocking.worst
    if worst is not None:
        found.append(f"Replace the blocking call at {worst.where} by one that lets others run.")
    elif any(worker.blocking for worker in health.workers.values()):
        found.append("Replace the blocking calls by ones that let others run.")
    run = health.all_nodes
    if run.late_ms > 2 * run.engine_late_ms:
        found.append("Use FastHttpUser or HttpUser with the engine, which take times at the socket.")
    found.append("Use more processes or workers (--processes), or fewer users.")
    return found
