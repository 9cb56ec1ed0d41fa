"""The load generator's health, as the page shows it."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest

from locust_rs.env import Environment
from locust_rs.runners import GeneratorHealth
from locust_rs.runners.blocking_calls import BlockingCall
from locust_rs.runners.inflation import Second, WorkerLateness
from locust_rs.web.endpoint_history import EndpointHistory
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
    assert set(payload) == {
        *("cpu_usage", "hub_lag_ms", "late_starts", "inflated", "inflation", "reasons", "remedies"),
        *("open_files", "most_open_files", "local_ports", "most_local_ports", "queue_length"),
        *("starts_meant", "starts_late", "starts_missed", "arrivals"),
    }
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
        "This process notices responses 5.0 ms late on average, which makes response times 50% longer than they are.",
        "This process uses 97 % of a core.",
    ]
    assert payload["remedies"] == [
        "Use FastHttpUser or HttpUser with the engine, which take times at the socket.",
        "Use more processes or workers (--processes), or fewer users.",
    ]


@pytest.mark.parametrize(("late", "sentences"), [(0, 1), (1, 1), (5, 5), (8, 6)])
def test_late_workers_are_named(late: int, sentences: int) -> None:
    health = GeneratorHealth(measures=False)
    health.close_second([0.0] * 50, num_requests=0, total_response_time_ms=0.0)
    health.cpu_usage = 0.0  # it was measured over almost no time
    health.workers_inflated = True
    for number in range(10):
        run = Second(requests=1000, measured_ms=40_000, late_ms=7_500, engine_late_ms=7_500)
        health.note_worker(f"w{number}", WorkerLateness(run, inflated=number < late))
    payload = health_payload(SimpleNamespace(health=health))  # type: ignore[arg-type]
    assert payload is not None
    assert len(payload["reasons"]) == sentences
    if late:
        assert payload["reasons"][0].startswith("Worker w0 notices responses 7.5 ms late on average")
    assert payload["inflation"] == pytest.approx(7.5 / 32.5, abs=1e-4)


def test_a_blocking_call_is_named_here_and_on_workers() -> None:
    health = GeneratorHealth()
    health.close_second([0.0] * 50, num_requests=0, total_response_time_ms=0.0)
    health.cpu_usage = 0.0  # it was measured over almost no time
    health.blocking.calls["shop.py:12 in pay"] = BlockingCall("shop.py:12 in pay", 0.25, 3)
    told = WorkerLateness.from_message(health.to_message(), inflated=False)
    health.note_worker("w1", told)
    payload = health_payload(SimpleNamespace(health=health))  # type: ignore[arg-type]
    assert payload is not None
    assert payload["reasons"] == [
        "shop.py:12 in pay held the event loop of this process for 250 ms; nobody else ran meanwhile.",
        "On worker w1, shop.py:12 in pay held the event loop for 250 ms.",
    ]
    assert payload["remedies"][0] == "Replace the blocking call at shop.py:12 in pay by one that lets others run."


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1_700_000_000, "2023-11-14T22:13:20Z"), (None, None), (0, None), (float("nan"), None), (1e300, None)],
)
def test_times_are_iso_8601_in_utc(seconds: float | None, text: str | None) -> None:
    assert iso_time(seconds) == text


def test_points_of_the_chart_lose_their_pairs() -> None:
    point = {"time": "t", "current_rps": ["t", 1.5], "user_count": 3}
    assert history_row(point) == {"time": "t", "current_rps": 1.5, "user_count": 3}


def test_points_of_an_endpoint_are_marked_where_its_times_are_too_long() -> None:
    environment = Environment()
    runner = environment.create_local_runner()
    try:
        history = EndpointHistory(environment)
        for _ in range(2):
            environment.stats.log_request("GET", "/", 10, 10)
            history.record(user_count=1)
        assert [point.get("inflation") for point in history.points("/", "GET", "")] == [None]
        runner.health.spoiled.note(time.time(), 0.25)
        assert [point.get("inflation") for point in history.points("/", "GET", "")] == [0.25]
    finally:
        runner.quit()
