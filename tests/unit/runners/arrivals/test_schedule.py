"""When users arrive: an exact sequence of times, checked against the integral of the rate."""

from __future__ import annotations

import itertools
import math
import random
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locust_rs.runners.arrivals.profile import check
from locust_rs.runners.arrivals.schedule import Schedule

RATES = st.fractions(min_value=0, max_value=60, max_denominator=8)
DURATIONS = st.fractions(min_value=0, max_value=6, max_denominator=4)
STAGES = st.lists(st.tuples(DURATIONS, RATES), min_size=1, max_size=5)


def floats(stages: list[tuple[Fraction, Fraction]]) -> list[tuple[float, float]]:
    return [(float(duration), float(rate)) for duration, rate in stages]


def integral(stages: list[tuple[Fraction, Fraction]], at_s: Fraction) -> Fraction:
    """How many arrive up to a moment, with the part of the last one."""
    arrived, before = Fraction(0), Fraction(0)
    for duration, rate in stages:
        inside = min(at_s, duration)
        if inside > 0:
            arrived += (before + (rate - before) / duration * inside / 2) * inside
            at_s -= inside
        before = rate
    return arrived


@settings(max_examples=40, deadline=None)
@given(STAGES)
def test_as_many_arrive_as_the_integral_says(stages) -> None:
    end = sum((duration for duration, _ in stages), Fraction(0))
    schedule = Schedule(floats(stages))
    times = schedule.until(float(end) + 1)
    assert len(times) == math.floor(integral(stages, end))
    assert times == sorted(times)
    for number, time_s in list(enumerate(times, 1))[:: 1 + len(times) // 40]:
        assert float(integral(stages, Fraction(time_s))) == pytest.approx(number, abs=1e-6)
    assert schedule.is_over
    assert schedule.until(float(end) + 100) == []


@settings(max_examples=60, deadline=None)
@given(STAGES, st.lists(st.floats(min_value=0, max_value=30), max_size=20), st.sampled_from(["constant", "poisson"]))
def test_it_does_not_matter_when_the_times_are_taken(stages, moments, distribution) -> None:
    schedule = Schedule(floats(stages), distribution, "seed")
    parts = [time_s for moment in [*sorted(moments), 200.0] for time_s in schedule.until(moment)]
    assert parts == Schedule(floats(stages), distribution, "seed").until(200.0)


@settings(max_examples=40, deadline=None)
@given(st.integers(min_value=0, max_value=2**32), st.integers(min_value=1, max_value=2000))
def test_random_times_are_those_of_the_seed(seed, rate) -> None:
    draws, at_s, expected = random.Random(f"{seed}/Visitor"), 0.0, []
    while at_s <= 2 * rate:
        at_s -= math.log(1.0 - draws.random())
        expected.append(at_s / rate)
    times = Schedule(rate, "poisson", f"{seed}/Visitor").until(2.0)
    assert times == pytest.approx([time_s for time_s in expected if time_s <= 2.0])


def test_random_arrivals_of_ten_thousand_seconds_are_as_many_as_meant() -> None:
    times = Schedule(10, "poisson", "7").until(10_000)
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert len(times) == pytest.approx(100_000, rel=0.02)
    # With an exponential distribution the deviation is the mean.
    mean = sum(gaps) / len(gaps)
    assert math.sqrt(sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) == pytest.approx(mean, rel=0.03)


def test_a_constant_rate_does_not_drift() -> None:
    schedule = Schedule(20_000.0)
    counts = [len(schedule.until(second)) for second in range(1, 61)]
    assert counts == [20_000] * 60


def test_a_function_is_asked_for_the_rate_as_time_goes_on() -> None:
    asked: list[float] = []

    def rate(run_time: float) -> float:
        asked.append(run_time)
        return 10 * run_time

    schedule = Schedule(rate)
    assert len(schedule.until(10.0)) == pytest.approx(500, abs=1)
    assert max(asked) < 10.5


@pytest.mark.parametrize("distribution", ["constant", "poisson"])
def test_a_changed_rate_holds_from_what_was_taken(distribution: str) -> None:
    schedule, unchanged = (Schedule(100, distribution, "a") for _ in range(2))
    assert schedule.until(1.0) == unchanged.until(1.0)
    schedule.change(1000)
    later = schedule.until(2.0)
    assert len(later) == pytest.approx(1000, rel=0.2)
    assert all(1.0 <= time_s <= 2.0 for time_s in later)
    if distribution == "constant":
        assert len(later) == 1000


def test_a_change_brings_arrivals_back_after_the_last_stage() -> None:
    schedule = Schedule([(0, 10), (1, 10)])
    assert len(schedule.until(5.0)) == 10
    assert schedule.is_over
    schedule.change(20)
    assert len(schedule.until(6.0)) == 20


@pytest.mark.parametrize(
    ("rate", "complaint"),
    [
        (-1, "0 or more"),
        (float("nan"), "0 or more"),
        ("200", "number of arrivals"),
        ([(1, 2, 3)], "(seconds, rate)"),
        ([(-1, 5)], "0 or more"),
        ([(1, -5)], "0 or more"),
        (lambda _run_time: None, "number of arrivals"),
    ],
    ids=["negative", "nan", "text", "three parts", "negative time", "negative stage", "function of nothing"],
)
def test_a_malformed_rate_is_refused(rate, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint.replace("(", r"\(").replace(")", r"\)")):
        check(rate)


def test_an_unknown_distribution_is_refused() -> None:
    with pytest.raises(ValueError, match="'constant' or 'poisson'"):
        Schedule(5, "gaussian")
