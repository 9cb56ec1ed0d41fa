"""The load generator's health, as the page shows it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from locust_rs.runners import GeneratorHealth, WorkerNode
from locust_rs.web.health import health_payload
from locust_rs.web.rows import history_row, iso_time


def runner_with(health: GeneratorHealth, **more: Any) -> Any:
    return SimpleNamespace(health=health, is_master=False, **more)


def test_nothing_is_said_before_something_was_measured() -> None:
    assert health_payload(None) is None
    assert health_payload(runner_with(GeneratorHealth())) is None


def test_a_healthy_generator_has_figures_and_no_reasons() -> None:
    health = GeneratorHealth()
    health.close_second([0.1] * 50, num_requests=100, total_response_time_ms=2000.0)
    payload = health_payload(runner_with(health))
    assert payload is not None
    assert set(payload) == {"cpu_usage", "hub_lag_ms", "late_starts", "inflated", "reasons"}
    assert (payload["inflated"], payload["reasons"]) == (False, [])


def test_a_lagging_generator_says_by_how_much() -> None:
    health = GeneratorHealth()
    for second in range(1, 4):
        health.close_second([5.6] * 50, num_requests=100 * second, total_response_time_ms=1500.0 * second)
    health.cpu_usage = 97.0
    payload = health_payload(runner_with(health))
    assert payload is not None
    assert payload["inflated"] is True
    assert payload["reasons"] == [
        "This process's event loop runs 5.0 ms late, which makes response times 50% longer than they are.",
        "This process uses 97 % of a core.",
    ]


@pytest.mark.parametrize(("late", "sentences"), [(0, 1), (1, 1), (5, 5), (8, 6)])
def test_lagging_workers_are_named(late: int, sentences: int) -> None:
    health = GeneratorHealth(measures=False)
    health.close_second([0.0] * 50, num_requests=0, total_response_time_ms=0.0)
    health.workers_inflated = True
    nodes = {f"w{number}": WorkerNode(f"w{number}") for number in range(10)}
    for node in list(nodes.values())[:late]:
        node.inflated, node.hub_lag_ms, node.cpu_usage = True, 7.5, 99.0
    payload = health_payload(SimpleNamespace(health=health, is_master=True, clients=nodes))  # type: ignore[arg-type]
    assert payload is not None
    assert len(payload["reasons"]) == sentences
    if late:
        assert payload["reasons"][0].startswith("Worker w0 runs 7.5 ms late at 99 % CPU")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1_700_000_000, "2023-11-14T22:13:20Z"), (None, None), (0, None), (float("nan"), None), (1e300, None)],
)
def test_times_are_iso_8601_in_utc(seconds: float | None, text: str | None) -> None:
    assert iso_time(seconds) == text


def test_points_of_the_chart_lose_their_pairs() -> None:
    point = {"time": "t", "current_rps": ["t", 1.5], "user_count": 3}
    assert history_row(point) == {"time": "t", "current_rps": 1.5, "user_count": 3}
