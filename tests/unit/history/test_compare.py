"""What is said about two runs, and how often it is wrong."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

import pytest

import bootstrap_oracle
from drawn_times import intervals_text, lognormal
from locust_rs.history.bootstrap import LEAST_BLOCKS, MEASURES, Sample, critical, log_errors
from locust_rs.history.compare import compare
from locust_rs.history.comparison_text import console, html, json_text, markdown
from locust_rs.history.differences import Counts, failures_direction
from locust_rs.history.findings import finding
from locust_rs.history.model import KeptRun

Make = Callable[..., KeptRun]


def times(seed: int, median_ms: float = 20, requests: int = 2000, seconds: int = 30) -> list[list[float]]:
    return lognormal(random.Random(seed), requests, seconds, median_ms, 0.4)


CASES = {
    "the same": ({"/a": times(2)}, {}, "no difference that these runs can show"),
    "a tenth slower": ({"/a": times(2, 22)}, {}, "slower by "),
    "twice as fast": ({"/a": times(2, 10)}, {}, "faster by "),
    "more failures": ({"/a": times(2)}, {"/a": 60}, "; more of it fails"),
    "few requests": ({"/a": times(2, 60, 40)}, {}, "fewer than 50 requests: too few to tell"),
    "a short run": ({"/a": times(2, 60, 2000, 3)}, {}, "too short to tell"),
    "gone": ({"/b": times(2)}, {}, "gone: the second run did not request it"),
}


@pytest.mark.parametrize("case", CASES)
def test_finding_about_an_endpoint_that_is(case: str, make_run: Make) -> None:
    after, failures, expected = CASES[case]
    comparison = compare(make_run({"/a": times(1)}), make_run(after, failures))
    assert expected in finding(comparison.differences[0])
    if case == "gone":
        assert finding(comparison.differences[1]) == "new: the first run did not request it"


def test_every_form_tells_the_same(make_run: Make) -> None:
    comparison = compare(make_run({"/<b>|": times(1)}), make_run({"/<b>|": times(2, 30)}))
    said = finding(comparison.differences[0])
    assert said in console(comparison)
    assert said in markdown(comparison)
    assert r"/&lt;b&gt;\|" in markdown(comparison)
    page = html(comparison)
    assert said in page
    assert "/&lt;b&gt;|" in page
    plain = json.loads(json_text(comparison))["endpoints"][0]
    assert plain["finding"] == said
    change = plain["times_ms"]["typical"]
    assert change["low"] < 0.5 < change["high"]
    assert change["certain"]


def test_comparison_tells_what_makes_it_doubtful(make_run: Make) -> None:
    before, after = make_run({"/a": times(1)}), make_run({"/a": times(2)}, locustfile="other.py")
    after.run.result["generator"]["overloaded"] = True
    assert compare(before, after).warnings == [
        f"The load generator was overloaded in {after.run.title}: its response times are too long",
        "The runs differ in their locustfile: shop.py and other.py",
    ]


def test_the_same_runs_always_compare_alike(make_run: Make) -> None:
    runs = make_run({"/a": times(1)}), make_run({"/a": times(2)})
    assert json_text(compare(*runs)) == json_text(compare(*runs))


def test_percentile_is_that_of_all_requests() -> None:
    chance = random.Random(3)
    drawn = sorted(chance.lognormvariate(3, 0.5) for _ in range(5000))
    sample = Sample(intervals_text([[one] for one in drawn]))
    for fraction in (0.5, 0.95, 0.99):
        assert sample.times[str(fraction)] == pytest.approx(drawn[int(fraction * 5000)], rel=0.01)


@pytest.mark.parametrize("seconds", [8, 30, 200])
def test_certainty_is_that_of_the_slow_oracle(seconds: int) -> None:
    texts = [intervals_text(times(seed, 20, 3000, seconds)) for seed in (1, 2)]
    samples = Sample(texts[0]), Sample(texts[1])
    slow = [bootstrap_oracle.Sample(bootstrap_oracle.read_intervals(text)) for text in texts]
    dice = random.Random("GET /ä")
    for sample, oracle, errors in zip(samples, slow, log_errors(samples, "GET /ä"), strict=True):
        drawn = oracle.draws(dice)
        assert sample.blocks == len(oracle.blocks) >= LEAST_BLOCKS
        assert sample.times == pytest.approx(oracle.times, rel=1e-9)
        for measure in MEASURES:
            expected = bootstrap_oracle.log_error(drawn[measure], len(oracle.blocks))
            assert errors[measure] == pytest.approx(expected, rel=1e-6), measure


STUDENT = {(0.025, 9): 2.262, (0.005, 30): 2.750, (0.0005, 60): 3.460, (0.025, 10_000): 1.960}


@pytest.mark.parametrize(("chance", "freedom"), STUDENT)
def test_critical_values_are_those_of_student(chance: float, freedom: int) -> None:
    assert critical(chance, freedom) == pytest.approx(STUDENT[chance, freedom], rel=0.01)


FAILURES = {
    "none at all": (Counts(2000, 0), Counts(2000, 0), 0),
    "a single one": (Counts(2000, 0), Counts(2000, 1), 0),
    "one in a hundred": (Counts(2000, 0), Counts(2000, 20), 1),
    "fewer than before": (Counts(2000, 40), Counts(2000, 2), -1),
    "all": (Counts(2000, 2000), Counts(2000, 2000), 0),
}


@pytest.mark.parametrize("case", FAILURES)
def test_failures_are_compared(case: str) -> None:
    before, after, direction = FAILURES[case]
    assert failures_direction(before, after, 0.001) == direction
