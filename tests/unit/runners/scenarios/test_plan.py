"""How many users of a class are meant at which time, checked against an oracle in fractions."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locust_rs import User
from locust_rs.runners.arrivals.schedule import Schedule
from locust_rs.runners.scenarios.plan import UserPlan, plan_text
from locust_rs.user.scenario import Window, check_scenario, window_of

USERS = st.integers(min_value=0, max_value=60)
TENTHS = st.integers(min_value=0, max_value=60).map(lambda tenths: Fraction(tenths, 10))
STAGES = st.lists(st.tuples(TENTHS, USERS), min_size=1, max_size=6)
MOMENTS = st.lists(st.integers(min_value=0, max_value=600).map(lambda tenths: Fraction(tenths, 10)), max_size=30)


def level_at(stages: list[tuple[Fraction, int]], at_s: Fraction, run_for_s: Fraction | None) -> Fraction:
    """The users at a moment of the scenario, with the part of the one that comes next."""
    if run_for_s is not None and at_s >= run_for_s:
        return Fraction(0)
    before = 0
    for duration, users in stages:
        if at_s < duration:
            return before + (users - before) * at_s / duration
        at_s -= duration
        before = users
    return Fraction(0 if run_for_s is None else before)


@settings(max_examples=300, deadline=None)
@given(STAGES, TENTHS, st.none() | TENTHS, MOMENTS)
def test_at_each_moment_as_many_are_meant_as_the_stages_say(stages, start, run_for, moments) -> None:
    window = Window(float(start), None if run_for is None else float(run_for))
    plan = UserPlan([(float(duration), users) for duration, users in stages], window)
    for moment in sorted(moments):
        # A hundredth beside the corners of the stages: there, the rounding of their sums decides.
        at_s = moment + Fraction(1, 100)
        meant = 0 if at_s < start else math.floor(level_at(stages, at_s - start, run_for))
        assert plan.meant_at(float(at_s)) == meant, (at_s, plan_text(stages, window))
    end = start + (sum((duration for duration, _ in stages), Fraction(0)) if run_for is None else run_for)
    assert plan.meant_at(float(end) + 0.01) == 0
    assert plan.is_over


def test_a_function_is_asked_by_the_seconds_since_the_class_began() -> None:
    plan = UserPlan(lambda at_s: 10 * at_s, Window(5.0, 3.0))
    assert [plan.meant_at(at_s) for at_s in (0.0, 4.9, 5.0, 6.05, 7.95, 8.0)] == [0, 0, 0, 10, 29, 0]
    assert plan.is_over


def test_a_number_of_users_lasts_as_long_as_the_run() -> None:
    plan = UserPlan(7, Window(1.0))
    assert [plan.meant_at(at_s) for at_s in (0.5, 1.0, 1e6)] == [0, 7, 7]
    assert not plan.is_over


def test_arrivals_keep_to_their_window_too() -> None:
    schedule = Schedule(10, window=Window(2.0, 1.0))
    assert schedule.until(100.0) == pytest.approx([2 + number / 10 for number in range(1, 11)])
    assert schedule.is_over


def test_arrivals_at_a_rate_that_changes_still_end_with_their_window() -> None:
    schedule = Schedule(10, window=Window(1.0, 2.0))
    before = schedule.until(2.0)
    schedule.change(100)
    assert (len(before), len(schedule.until(100.0))) == (10, 100)


def test_arrivals_keep_the_rate_of_the_last_stage_until_their_window_ends() -> None:
    times = Schedule([(1, 10), (0, 20)], window=Window(0.0, 3.0)).until(100.0)
    assert len(times) == 5 + 40
    assert all(later > sooner for sooner, later in pairwise(times))


def user_class(**attributes: Any) -> Any:
    return type("Shopper", (User,), attributes)


def test_spans_are_seconds_or_texts() -> None:
    assert window_of(user_class(start_after="1m30s", run_for=2.5)) == Window(90.0, 2.5)
    assert window_of(user_class()) == Window(0.0, None)


@pytest.mark.parametrize(
    ("attributes", "arrives", "complaint"),
    [
        ({"start_after": "soon"}, False, "Shopper.start_after is 'soon'; set it to seconds"),
        ({"run_for": -1}, False, "Shopper.run_for is -1; set it to seconds"),
        ({"graceful_stop": float("inf")}, False, "Shopper.graceful_stop is inf; set it to seconds"),
        ({"user_stages": [(1, 1)]}, True, "users of Shopper arrive, and it has user_stages as well"),
        ({"user_stages": [(1, 1)], "fixed_count": 3}, False, "Shopper has user_stages and fixed_count"),
        ({"start_after": 3}, False, "Shopper has start_after or run_for, but does not say what load it brings"),
    ],
    ids=["text", "negative", "endless", "arrivals too", "fixed count too", "no load"],
)
def test_a_contradiction_is_told_with_the_class_and_what_to_do(attributes, arrives, complaint) -> None:
    with pytest.raises(ValueError, match=re.escape(complaint)):
        check_scenario(user_class(**attributes), arrives=arrives)


@pytest.mark.parametrize(
    ("stages", "complaint"),
    [
        ([], "user_stages is empty"),
        ([(1,)], "a stage is (1,)"),
        ([(-1, 5)], "a stage takes -1.0 seconds"),
        ([(1, -5)], "a number of users is -5"),
        (lambda at_s: "many", "a number of users is 'many'"),
    ],
    ids=["empty", "stage", "duration", "users", "function"],
)
def test_stages_that_are_malformed_are_refused(stages, complaint) -> None:
    with pytest.raises(ValueError, match=re.escape(complaint)):
        UserPlan(stages, Window())
