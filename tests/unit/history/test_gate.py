"""The gate: what fails a run, what does not, and how often it is wrong."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise

import pytest

from drawn_times import intervals_text, lognormal
from locust_rs.env import Environment
from locust_rs.exception import ConfigurationError
from locust_rs.history.compare import compare
from locust_rs.history.gate import Gate, find_baseline
from locust_rs.history.model import KeptRun
from locust_rs.history.record import new_run, present_run
from locust_rs.history.regressions import regressions
from locust_rs.history.store import Store

Make = Callable[..., KeptRun]

ENDPOINTS = {"/": (5, 0.3), "/cart": (20, 0.5), "/pay": (300, 0.4)}
"""Name → (median in ms, spread of the logarithm)."""


def times(seed: int, requests: int = 2000, seconds: int = 40, **slower: float) -> dict[str, list[list[float]]]:
    """The shop's response times, those of some endpoints longer by a factor."""
    chance = random.Random(seed)
    return {
        name: lognormal(chance, requests, seconds, median * slower.get(name.strip("/"), 1.0), spread)
        for name, (median, spread) in ENDPOINTS.items()
    }


@pytest.fixture
def kept_times(make_run: Make) -> Callable[[dict[str, list[list[float]]]], KeptRun]:
    """Makes runs that have only what a comparison reads: hundreds of them are needed."""
    model = make_run({name: [[1.0]] for name in ENDPOINTS})

    def make(measured: dict[str, list[list[float]]]) -> KeptRun:
        rows = []
        for row in model.rows:
            seconds = measured.get(row["name"], [])
            count = sum(map(len, seconds))
            rows.append({**row, "num_requests": count, "intervals": intervals_text(seconds)})
        rows[0]["num_requests"] = sum(row["num_requests"] for row in rows)
        return KeptRun(model.run, rows)

    return make


def test_the_same_target_passes_and_a_slower_endpoint_is_found(kept_times) -> None:
    runs = 100
    drawn = [times(seed) for seed in range(runs + 1)]
    pairs = list(pairwise(map(kept_times, drawn)))
    alarms = sum(bool(regressions(compare(before, after))) for before, after in pairs)
    assert alarms <= runs // 100
    found = []
    for seed, (before, _) in enumerate(pairs):
        slower = [[one * 1.1 for one in second] for second in drawn[seed + 1]["/cart"]]
        after = kept_times({**drawn[seed + 1], "/cart": slower})
        found.append(regressions(compare(before, after)))
    assert sum("GET /cart" in one for one in found) >= runs * 95 // 100
    assert sum(bool(one.keys() - {"GET /cart"}) for one in found) <= runs // 100


CASES = {
    "the same": (times(2), {}, {}),
    "much faster": (times(2, cart=0.5), {}, {}),
    "slower by less than matters": (times(2, 20_000, cart=1.03), {}, {}),
    "slower": (times(2, cart=1.3), {}, {"GET /cart": "typical time 1"}),
    "failing": (times(2), {"/pay": 100}, {"GET /pay": "failures 0.00% → 5.00%"}),
    "without an endpoint": ({k: v for k, v in times(2).items() if k != "/pay"}, {}, {"GET /pay": "was not requested"}),
    "with a new endpoint": ({**times(2), "/new": times(3)["/"]}, {}, {}),
}


@pytest.mark.parametrize("case", CASES)
def test_gate_judges_a_run_that_is(case: str, make_run: Make) -> None:
    measured, failures, expected = CASES[case]
    after = make_run(measured, failures)
    gate = Gate(make_run(times(1)), fails_on_regression=True)
    assert gate.failed
    gate.judge(after)
    found = gate.result()["regressions"]
    assert found.keys() == expected.keys()
    for endpoint, start in expected.items():
        assert found[endpoint].startswith(start)
    assert gate.failed is bool(expected)
    if expected:
        assert after.run.passed is False
        assert any(line.startswith("REGRESSION  ") for line in gate.lines())
    else:
        assert "No regression." in gate.lines()


UNJUDGED = {
    "no endpoint in common": ({"/other": times(1)["/"]}, "no endpoint in common"),
    "too few requests": (times(1, 10), "too few to tell"),
    "a short run": (times(1, seconds=3), "too short to tell"),
    "nothing at all": ({}, "no endpoint in common"),
}


@pytest.mark.parametrize("case", UNJUDGED)
def test_run_that_cannot_be_compared_does_not_pass(case: str, make_run: Make) -> None:
    measured, problem = UNJUDGED[case]
    gate = Gate(make_run(times(1)), fails_on_regression=True)
    gate.judge(make_run(measured))
    assert gate.failed
    assert problem in gate.result()["problem"]


def test_comparison_alone_fails_no_run(make_run: Make) -> None:
    gate, after = Gate(make_run(times(1)), fails_on_regression=False), make_run(times(2, cart=2))
    gate.judge(after)
    assert gate.result()["regressions"]
    assert not gate.failed
    assert after.run.passed


def test_first_run_does_not_pass_but_is_the_next_baseline(make_run: Make) -> None:
    gate, first = Gate(None, fails_on_regression=True), make_run(times(1))
    gate.judge(first)
    assert gate.failed
    assert first.run.passed
    assert "there is no earlier run" in "\n".join(gate.lines())


FIRST = {
    "p50 < baseline": True,
    "p50 < baseline; p50 < 1s": True,
    "p50(GET /none) < baseline": True,
    "p50 < baseline; p50 < 1ms": False,
    "p50(GET /none) < 1s": False,
}


@pytest.mark.parametrize("texts", FIRST)
def test_a_run_whose_thresholds_lack_a_baseline_can_be_the_next_one(texts: str, make_run: Make) -> None:
    gate = Gate(None, fails_on_regression=False)
    environment = Environment(locustfile="shop.py", host="https://shop.example")
    environment.thresholds.baseline = gate.baseline
    for text in texts.split("; "):
        environment.thresholds.add(text)
    environment.thresholds.begin()
    run = new_run(environment)
    environment.stats.log_request("GET", "/cart", 20.5, 100)
    environment.thresholds.close()
    kept = present_run(environment, run)
    gate.judge(kept)
    assert not kept.run.result["passed"]
    assert kept.run.passed is FIRST[texts]


def test_last_is_the_latest_of_its_kind_that_has_passed(store: Store, make_run: Make) -> None:
    small = {"/": [[1.0]]}
    for settings, passed in (({}, True), ({}, False), ({"profile": "big"}, True), ({"locustfile": "b.py"}, True)):
        kept = make_run(small, **settings)
        kept.run.passed = passed
        store.finish(kept)
    found = find_baseline(store, "last", "shop.py", "")
    assert found is not None
    assert found.run.number == 1
    assert find_baseline(store, "last", "shop.py", "none") is None


@pytest.mark.parametrize("name", ["none", "none.json", "./none"])
def test_missing_baseline_is_refused(name: str, store: Store, make_run: Make) -> None:
    store.finish(make_run({"/": [[1.0]]}))
    with pytest.raises(ConfigurationError):
        find_baseline(store, name, "shop.py", "")


THRESHOLDS = {
    "p50(GET /cart) < baseline * 1.1": "passed",
    "p50(GET /cart) < baseline * 0.9": "failed",
    "p50(GET /cart) < baseline - 5ms": "failed",
    "p50(GET /cart) < BASELINE+5ms": "passed",
    "failures <= baseline": "passed",
    "failures < baseline + 1% for 1s": "not measured",
    "requests >= baseline * 0.99": "passed",
    "p95(GET /none) < baseline * 2": "not measured",
    "p95(GET /cart) < 1s": "passed",
}


@pytest.mark.parametrize("text", THRESHOLDS)
def test_threshold_against_a_baseline(text: str, make_run: Make) -> None:
    gate = Gate(make_run({"/cart": [[20.0] * 100]}), fails_on_regression=False)
    environment = Environment(locustfile="shop.py")
    environment.thresholds.baseline = gate.baseline
    environment.thresholds.add(text)
    environment.thresholds.begin()
    for _ in range(100):
        environment.stats.log_request("GET", "/cart", 20.5, 100)
    environment.thresholds.close()
    (check,) = environment.thresholds
    assert check.state.value == THRESHOLDS[text], check.problem
    assert environment.thresholds.failed is (THRESHOLDS[text] != "passed")


def test_threshold_without_any_baseline_does_not_pass() -> None:
    environment = Environment()
    environment.thresholds.add("max < baseline")
    environment.thresholds.begin()
    environment.stats.log_request("GET", "/cart", 1, 100)
    environment.thresholds.close()
    (check,) = environment.thresholds
    assert environment.thresholds.failed
    assert "--baseline" in check.problem
