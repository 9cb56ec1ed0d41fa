"""Times from the intended start, against the schedule written out."""

from __future__ import annotations

import random
from types import SimpleNamespace
from typing import Any

import gevent
import pytest

from locust_rs.stats import RequestStats
from locust_rs.stats.intended import IntendedTimes, intended_csv, intended_lines, with_intended
from locust_rs.stats.json_report import statistics_as_json
from locust_rs.user import intended_start, turnstile, wait_time
from locust_rs.user.intended_start import Due, FirstAnswers
from locust_rs.user.paced_starts import PacedStarts


class Noted(list):
    """Takes the place of the table, to see each time."""

    def add(self, method: str, name: str, times_ms: list[float]) -> None:
        self.extend(times_ms)


def run(monkeypatch: pytest.MonkeyPatch, pace_s: float, durations_s: list[float]) -> list[float]:
    """A user runs tasks of these durations, each with one request; the times in seconds, in order."""
    now = [1000.0]
    for module in (wait_time, intended_start):
        monkeypatch.setattr(module, "monotonic", lambda: now[0])
    environment = SimpleNamespace(paced_starts=PacedStarts(), intended_start=True)
    user: Any = SimpleNamespace(environment=environment, _cp_last_run=now[0], _cp_last_wait_time=0)
    paced = wait_time.constant_pacing(pace_s)
    noted = Noted()
    answers = FirstAnswers(noted)  # type: ignore[arg-type]

    def live() -> None:
        for duration_s in durations_s:
            now[0] += duration_s
            answers("GET", "/")
            answers("GET", "/second of the same iteration")
            now[0] += paced(user)

    gevent.spawn(live).get(timeout=30)
    return [time_ms / 1000 for time_ms in noted]


def written_out(pace_s: float, durations_s: list[float]) -> list[float]:
    """The same, slot by slot: an iteration takes all slots that have come since the one before took some."""
    expected: list[float] = []
    begin, slot, is_first = 0.0, None, True
    for duration_s in durations_s:
        end = begin + duration_s
        if slot is not None:
            taken = []
            while slot <= begin + 1e-9:
                taken.append(end - slot)
                slot += pace_s
            expected += sorted(taken)
        on_time = begin + pace_s
        if end < on_time or is_first:
            # On time: the schedule begins anew with the next start. What the first one took is nobody's delay.
            begin = max(end, on_time)
            slot = begin
        else:
            begin = end
        is_first = False
    return expected


@pytest.mark.parametrize("seed", range(20))
def test_times_are_those_of_the_schedule(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    chance = random.Random(seed)
    pace_s = chance.uniform(0.01, 2)
    durations_s = [chance.expovariate(1 / pace_s) for _ in range(100)]
    assert run(monkeypatch, pace_s, durations_s) == pytest.approx(written_out(pace_s, durations_s), abs=1e-6)


@pytest.mark.parametrize(
    ("durations_s", "expected"),
    [
        pytest.param([0.02, 0.02, 0.02], [0.02, 0.02], id="tasks that fit"),
        pytest.param([0.02, 0.25, 0.02, 0.02], [0.25, 0.07, 0.17, 0.02], id="a stall, and what would have come in it"),
        pytest.param([0.02, 0.3, 0.3], [0.3, 0.3, 0.4, 0.5], id="tasks three times as long as the pace"),
    ],
)
def test_missed_starts_count_from_their_own_time(monkeypatch, durations_s, expected) -> None:
    assert run(monkeypatch, 0.1, durations_s) == pytest.approx(expected)


def test_a_pause_moves_the_intended_start() -> None:
    def hold() -> float:
        current: Any = gevent.getcurrent()
        current.locust_due = Due(at=10.0, missed=0, pace_s=1.0)
        turnstile.postpone(5.0)
        return float(current.locust_due.at)

    assert gevent.spawn(hold).get(timeout=30) == 15.0


def test_workers_add_up_exactly() -> None:
    chance = random.Random(3)
    times_ms = [chance.expovariate(1 / 40) for _ in range(2000)]
    alone, together = table(), table()
    workers = [table() for _ in range(3)]
    for number, time_ms in enumerate(times_ms):
        name = f"/{number % 4}"
        alone.add("GET", name, [time_ms])
        workers[chance.randrange(3)].add("GET", name, [time_ms])
        if number % 500 == 0:
            together.merge(workers[1].take())
    for worker in workers:
        together.merge(worker.take())
        assert worker.take() == []
    for ours, theirs in zip([*together.rows, together.total], [*alone.rows, alone.total], strict=True):
        assert ours.num_requests == theirs.num_requests
        for fraction in (0.5, 0.9, 0.99, 1.0):
            assert ours.precise_percentile(fraction) == theirs.precise_percentile(fraction)


def table() -> IntendedTimes:
    return IntendedTimes(RequestStats(use_response_times_cache=False))


def test_outputs_have_them_only_if_they_are_asked_for() -> None:
    stats = RequestStats()
    stats.log_request("GET", "=1+1", 5, 0)
    assert "from_intended_start" not in statistics_as_json(stats)
    stats.intended = table()
    assert intended_lines(stats.intended) == []
    stats.intended.add("GET", "=1+1", [5.0, 105.0])
    assert '"count": 2' in with_intended(statistics_as_json(stats), stats.intended)
    assert "from_intended_start" in statistics_as_json(stats)
    header, row, total = intended_csv(stats.intended).splitlines()
    assert header.startswith("Type,Name,Intended Count,Average,50%")
    assert row.startswith("GET,'=1+1,2,55.0,")
    assert total.startswith(",Aggregated,2,55.0,")
    assert [line.split()[-2] for line in intended_lines(stats.intended)[2:4]] == ["2", "2"]
    stats.reset_all()
    assert stats.intended.rows == []
