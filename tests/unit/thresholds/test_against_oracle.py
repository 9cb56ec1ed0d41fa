"""The evaluator against the oracle: any threshold over any run."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from locust_rs.stats import RequestStats
from locust_rs.stats.groups import count_by_group
from locust_rs.thresholds import Check, parse
from locust_rs.thresholds.model import Threshold
from locust_rs.thresholds.readings import Source
from threshold_oracle import Request, judge

EPOCH = 1_700_000_000

TOLERANCE = 0.006
"""A precise percentile is off by at most 0.5 %, or a microsecond."""

NAMES = ("/cart", "/item/1", "/item/2")

REQUESTS = st.builds(
    Request,
    at_s=st.integers(0, 1199).map(lambda hundredths: hundredths / 100 + 0.001),
    name=st.sampled_from(NAMES),
    time_ms=st.none() | st.floats(0.5, 5000),
    failed=st.booleans(),
    user_class=st.sampled_from(["Shopper", "Visitor"]),
    tags=st.frozensets(st.sampled_from(["buy", "slow"])),
)

METRICS = ("p50", "p90", "p99.9", "median", "average", "max", "min")
SELECTIONS = (
    *("", "(GET /cart)", "(/item/*)", "(~/item/[12]$)", "(GET *)", "(/none)"),
    *(" of class Shopper", "(tag buy)", "(/item/*) of class Visitor", "(GET /cart) of tag slow", " of tag none"),
)
WINDOWS = ("", " for 1s", " for 3s", " over 7s", " for 1m")
DELAYS = ("", " after 2s", " after 1.5s", " after 1m")

TIMES = st.tuples(st.sampled_from(METRICS), st.sampled_from(SELECTIONS), st.sampled_from(["1ms", "700ms", "3s"]))
COUNTS = st.one_of(
    st.tuples(st.just("failures"), st.sampled_from(SELECTIONS), st.sampled_from(["10%", "50%", "3", "1/s", "0"])),
    st.tuples(st.just("requests"), st.sampled_from(SELECTIONS), st.sampled_from(["7", "2/s", "0"])),
    st.tuples(st.just("rate"), st.sampled_from(SELECTIONS), st.sampled_from(["1/s", "90/min"])),
)
THRESHOLDS = st.builds(
    lambda what, comparison, window, delay: parse(f"{what[0]}{what[1]} {comparison} {what[2]}{window}{delay}"),
    TIMES | COUNTS,
    st.sampled_from(["<", "<=", ">", ">="]),
    st.sampled_from(WINDOWS),
    st.sampled_from(DELAYS),
)


def evaluated(threshold: Threshold, requests: list[Request], seconds: int) -> Check:
    """The check after a run that was recorded and looked at second by second."""
    stats, check = RequestStats(), Check(threshold)
    count_by_group(stats, {"class": ["Shopper", "Visitor"], "tag": ["buy", "slow"]})
    pending = sorted(requests, key=lambda one: one.at_s)
    for second in range(1, seconds + 1):
        while pending and pending[0].at_s < second:
            record(stats, pending.pop(0))
        source = Source(stats)
        if second < seconds or (threshold.window_s and threshold.unit.value == "per second"):
            check.look(source, float(second), EPOCH + second)
    check.close(Source(stats), float(seconds))
    return check


def record(stats: RequestStats, request: Request) -> None:
    """Counts a request as if it had just ended."""
    of_groups = [stats.by_class[request.user_class], *(stats.by_tag[tag] for tag in request.tags)]
    for counted in (stats, *of_groups):
        for row in (counted.total, counted.get(request.name, "GET")):
            row._record(EPOCH + request.at_s, request.time_ms, 0)
            if request.failed:
                row._record_failure(EPOCH + request.at_s)


@settings(max_examples=400, deadline=None)
@given(THRESHOLDS, st.lists(REQUESTS, max_size=60), st.integers(1, 12))
def test_evaluator_agrees_with_the_oracle(threshold: Threshold, requests: list[Request], seconds: int) -> None:
    requests = [one for one in requests if one.at_s < seconds]
    expected = judge(threshold, requests, seconds)
    if threshold.metric.is_time:
        # Within the histogram's tolerance of the limit both answers are right.
        assume(all(abs(value - threshold.limit) > TOLERANCE * value for value in expected.values.values()))
    found = evaluated(threshold, requests, seconds)
    assert found.state.value == expected.state, threshold.text
    if expected.final is None:
        assert found.value is None
        assert found.problem
        return
    assert found.value == pytest.approx(expected.final, rel=TOLERANCE, abs=0.001)
    breaches = [second for second, value in expected.values.items() if not threshold.holds(value)]
    assert (found.first_breach.at_s if found.first_breach else None) == (breaches[0] if breaches else None)
    pick = max if threshold.comparison in ("<", "<=") else min
    assert found.worst is not None
    assert found.worst.value == pytest.approx(pick(expected.values.values()), rel=TOLERANCE, abs=0.001)
