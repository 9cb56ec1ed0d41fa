"""Wait times."""

from __future__ import annotations

import random
from types import SimpleNamespace
from typing import Any

import pytest

from locust_rs.user import wait_time as module
from locust_rs.user.wait_time import between, constant, constant_pacing, constant_throughput, poisson


def test_between_stays_between_and_uses_all_of_it() -> None:
    random.seed(3)
    wait = between(3, 10.5)
    waits = [wait(None) for _ in range(2000)]
    assert 3 <= min(waits) < 3.1
    assert 10.4 < max(waits) <= 10.5


def test_constant_is_constant() -> None:
    wait = constant(13)
    assert [wait(None) for _ in range(3)] == [13, 13, 13]


class Clock:
    """The module's clock, set by the test."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr(module, "monotonic", lambda: self.now)


def user_at(clock: Clock) -> Any:
    return SimpleNamespace(_cp_last_run=clock.now, _cp_last_wait_time=0)


def test_constant_pacing_waits_for_what_the_task_left(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    user, wait = user_at(clock), constant_pacing(1)
    clock.now += 0.3  # the task
    assert wait(user) == pytest.approx(0.7)
    clock.now += 0.7 + 0.4  # the wait, and the next task
    assert wait(user) == pytest.approx(0.6)


def test_constant_pacing_does_not_wait_after_a_long_task(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    user, wait = user_at(clock), constant_pacing(0.1)
    clock.now += 0.5
    assert wait(user) == 0
    clock.now += 0.05
    assert wait(user) == pytest.approx(0.05)


def test_a_late_wake_up_shortens_the_next_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    user, wait = user_at(clock), constant_pacing(1)
    clock.now += 0.2
    assert wait(user) == pytest.approx(0.8)
    clock.now += 0.8 + 0.1 + 0.2  # waited, woken late, next task
    assert wait(user) == pytest.approx(0.7)


def test_constant_throughput_is_the_inverse_of_constant_pacing(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    user, wait = user_at(clock), constant_throughput(4)
    clock.now += 0.05
    assert wait(user) == pytest.approx(0.2)


def test_poisson_has_the_mean_of_its_rate() -> None:
    random.seed(5)
    wait = poisson(4)
    waits = [wait(None) for _ in range(20_000)]
    assert sum(waits) / len(waits) == pytest.approx(0.25, rel=0.03)
    assert min(waits) >= 0


@pytest.mark.parametrize("rate", [0, -1])
@pytest.mark.parametrize("function", [poisson, constant_throughput])
def test_a_rate_must_be_positive(function: Any, rate: float) -> None:
    with pytest.raises(ValueError, match=f"requires a positive rate, got: {rate}"):
        function(rate)
