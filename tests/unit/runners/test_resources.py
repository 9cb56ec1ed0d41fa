"""GeneratorHealth: when the generator itself is the bottleneck."""

from __future__ import annotations

import time

import gevent
import pytest

from locust_rs.runners.resources import TIMER_RESOLUTION_MS, CpuWarning, GeneratorHealth
from locust_rs.stats import RequestStats


def lag_for(health: GeneratorHealth, seconds: int, lag_ms: float, response_ms: float) -> None:
    """Simulates seconds with 1,000 requests each; `lag_ms` is the lateness of timers beyond their resolution."""
    for second in range(1, seconds + 1):
        lags_ms = [lag_ms + TIMER_RESOLUTION_MS] * 50
        health.close_second(lags_ms, num_requests=1000 * second, total_response_time_ms=1000 * response_ms * second)


def test_lag_is_weighed_against_the_response_times_it_lengthened():
    health = GeneratorHealth()
    lag_for(health, seconds=3, lag_ms=2.0, response_ms=22.0)
    assert health.hub_lag_ms == pytest.approx(2.0)
    assert health.inflation == pytest.approx(0.1)
    assert health.inflated


def test_the_resolution_of_timers_is_not_lag():
    health = GeneratorHealth()
    lag_for(health, seconds=20, lag_ms=0.0, response_ms=0.2)
    assert health.hub_lag_ms == pytest.approx(0.0)
    assert (health.inflation, health.inflated) == (0.0, False)


def test_less_lag_than_response_times_can_show_is_not_inflation():
    health = GeneratorHealth()
    lag_for(health, seconds=20, lag_ms=0.8, response_ms=1.0)
    assert not health.inflated


def test_a_moment_of_lag_is_not_a_bottleneck():
    health = GeneratorHealth()
    lag_for(health, seconds=2, lag_ms=50.0, response_ms=100.0)
    assert health.inflation > 0.5
    assert not health.inflated


def test_a_little_lag_on_long_responses_is_not_inflation():
    health = GeneratorHealth()
    lag_for(health, seconds=20, lag_ms=2.0, response_ms=100.0)
    assert not health.inflated


def test_seconds_without_requests_change_nothing():
    health = GeneratorHealth()
    health.close_second([50.0] * 20, num_requests=0, total_response_time_ms=0.0)
    assert (health.inflation, health.late_starts, health.late_start_ratio) == (0.0, 20, 1.0)


def test_the_run_as_a_whole_counts():
    health = GeneratorHealth()
    lag_for(health, seconds=3, lag_ms=50.0, response_ms=150.0)
    assert health.inflated
    for second in range(4, 80):
        health.close_second([0.0] * 50, 1000 * second, 150_000.0 * second)
    assert not health.inflated
    health.reset()
    assert health.inflation == 0.0


def test_a_worker_s_inflation_marks_the_whole_test():
    health = GeneratorHealth()
    health.workers_inflated = True
    assert health.to_dict()["inflated"] is True


def test_the_lag_of_a_process_that_measures_nothing_inflates_nothing():
    master = GeneratorHealth(measures=False)
    master.close_second([50.0] * 50, num_requests=100, total_response_time_ms=200.0)
    assert (master.inflation, master.inflated) == (0.0, False)
    assert master.hub_lag_ms > 0


def test_a_blocked_event_loop_is_noticed():
    health = GeneratorHealth()
    watching = gevent.spawn(health.watch, RequestStats())
    try:
        with gevent.Timeout(60):
            while health.hub_lag_max_ms < 150:
                gevent.sleep(0)
                busy_until = time.perf_counter() + 0.2
                while time.perf_counter() < busy_until:
                    pass
        assert health.hub_lag_ms > 20
        assert health.late_starts > 0
        assert health.memory_usage > 1_000_000
    finally:
        watching.kill()


def test_the_cpu_warning_needs_three_seconds_in_a_row():
    warning = CpuWarning()
    assert [warning.is_due(cpu) for cpu in (95, 99, 20, 95, 95, 95)] == [False] * 5 + [True]
