"""Late and missed starts of paced users, against the schedule written out."""

from __future__ import annotations

import random
from types import SimpleNamespace
from typing import Any

import pytest

from locust_rs.runners.inflation import Second, WorkerLateness
from locust_rs.runners.resources import GeneratorHealth
from locust_rs.user import wait_time
from locust_rs.user.paced_starts import PacedStarts


class Clock:
    """Seconds that pass when somebody says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def run(monkeypatch: pytest.MonkeyPatch, pace_s: float, durations_s: list[float]) -> tuple[PacedStarts, float]:
    """A user runs tasks of these durations at a pace; the counts, and how long it took from the first end to the last.

    The first wait has nothing before it to be measured against.
    """
    clock = Clock()
    monkeypatch.setattr(wait_time, "monotonic", clock)
    starts = PacedStarts()
    user: Any = SimpleNamespace(environment=SimpleNamespace(paced_starts=starts))
    paced = wait_time.constant_pacing(pace_s)
    begun_at = clock.now
    for duration_s in durations_s:
        clock.now += paced(user)
        clock.now += duration_s
    return starts, clock.now - durations_s[-1] - begun_at


@pytest.mark.parametrize("seed", range(20))
def test_begun_and_missed_starts_are_those_of_the_schedule(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    chance = random.Random(seed)
    pace_s = chance.uniform(0.01, 2)
    durations_s = [chance.expovariate(1 / pace_s) for _ in range(200)]
    starts, took_s = run(monkeypatch, pace_s, durations_s)
    assert starts.begun == 200
    # The first start is one pace after the first call.
    assert starts.meant == pytest.approx(took_s / pace_s, abs=1.001)


@pytest.mark.parametrize(
    ("pace_s", "duration_s", "late", "missed"),
    [
        pytest.param(0.1, 0.05, 0, 0, id="tasks that fit"),
        pytest.param(0.1, 0.3, 9, 18, id="tasks three times as long"),
        pytest.param(1.0, 1.1, 9, 0, id="a tenth too long: late each time, and not yet one missed"),
        pytest.param(0.1, 0.105, 0, 0, id="a little too long"),
    ],
)
def test_tasks_that_take_too_long_make_starts_late_and_missed(
    monkeypatch: pytest.MonkeyPatch, pace_s: float, duration_s: float, late: int, missed: int
) -> None:
    starts, _ = run(monkeypatch, pace_s, [duration_s] * 10)
    assert (starts.begun, starts.late) == (10, late)
    assert abs(starts.missed - missed) <= 1  # of a sum of floats


def test_users_without_an_environment_are_paced_all_the_same() -> None:
    assert wait_time.constant_pacing(5)(SimpleNamespace()) == 5


@pytest.mark.parametrize(
    ("starts", "is_told"),
    [(PacedStarts(), False), (PacedStarts(1000, 50, 5), False), (PacedStarts(15, 10, 35), True)],
    ids=["no paced users", "hardly any", "most"],
)
def test_missed_starts_are_told(starts: PacedStarts, is_told: bool) -> None:
    assert (starts.warning() is not None) is is_told


def test_a_master_adds_up_its_workers() -> None:
    worker, master = GeneratorHealth(), GeneratorHealth(measures=False)
    worker.starts_here.begun, worker.starts_here.late, worker.starts_here.missed = 10, 3, 20
    for worker_id in ("a", "b"):
        master.note_worker(worker_id, WorkerLateness.from_message(worker.to_message(), inflated=False))
    assert master.starts == PacedStarts(20, 6, 40)
    assert master.run == Second()
