"""Thresholds about metrics of the test's own: their language, and what they come to."""

from __future__ import annotations

import pytest

from locust_rs.env import Environment
from locust_rs.thresholds import Check, State, ThresholdError, as_plain, outcome_text, parse
from locust_rs.thresholds.readings import Source

WRONG = {
    "counter orders > 100": ("write count(metric orders) or rate(metric orders)", "counter orders"),
    "gauge queue < 5": ("write value(metric queue)", "gauge queue"),
    "trend checkout < 5": ("such as p95(metric checkout)", "trend checkout"),
    "metric orders > 4": ("such as p95(metric orders)", "metric orders"),
    "count < 5": ("'count' needs a metric of the test", "count "),
    "value(GET /x) < 3": ("'value' needs a metric", "value(GET /x)"),
    "failures(metric x) < 1%": ("'failures' is about requests", "failures(metric x)"),
    "p95(metric a-b) < 5": ("letters, digits and _", "a-b"),
    "p95(metric a b) < 5": ("put it in quotes", "metric a b"),
    "p95(metric a{b}) < 5": ("Tags are written as", "b"),
    "p95(metric a{x=1, b}) < 5": ("Tags are written as", "b"),
    "p95(metric a{le=1}) < 5": ("cannot be a tag's name", "le=1"),
    "p95(metric a) < 5%": ("'%' is no unit of 'p95'", "5%"),
    "rate(metric a) > 5": ("'rate' needs a unit", "5"),
    "p95(metric a) < baseline * 1.1": ("A baseline says nothing about metrics", "baseline"),
    "count(metric a) > 3 for 10s": ("What can follow is 'after 1m' or 'abort'", "for"),
    "count(metric a) > 3 abort": ("Every count begins at 0", " abort"),
}


@pytest.mark.parametrize("text", WRONG)
def test_error_says_what_and_where(text: str) -> None:
    problem, place = WRONG[text]
    with pytest.raises(ThresholdError) as caught:
        parse(text)
    assert problem in str(caught.value)
    assert text[caught.value.start : caught.value.end].strip() == place.strip()


def test_endpoint_of_such_a_name_is_meant_in_quotes() -> None:
    assert parse('p95("metric orders") < 1s').selection.has("", "metric orders")
    assert parse("p95(/metric orders) < 1s").selection.has("GET", "/metric orders")


@pytest.fixture
def environment() -> Environment:
    environment = Environment()
    metrics = environment.metrics
    for value in range(1, 101):
        metrics.trend("checkout_total").add(value * 10, shop="de" if value % 2 else "fr", kind="card")
    metrics.counter("orders").add(30, shop="de")
    metrics.counter("orders").add(12, shop="fr")
    metrics.counter("errors")
    metrics.gauge("queue").set(-3)
    metrics.gauge("idle")
    return environment


def judged(environment: Environment, text: str) -> Check:
    check = Check(parse(text))
    check.close(Source(environment.stats, metrics=environment.metrics), 10.0)
    return check


OUTCOMES = {
    "max(metric checkout_total{shop=fr}) <= 1000": (State.PASSED, "1,000"),
    "max(metric checkout_total{shop=de, kind=card}) <= 990": (State.PASSED, "990"),
    "min(metric checkout_total{shop=fr}) >= 20": (State.PASSED, "20"),
    "average(metric checkout_total) < 505": (State.FAILED, "505"),
    "count(metric checkout_total) == 100": (State.PASSED, "100"),
    "count(metric orders) > 42": (State.FAILED, "42"),
    "count(metric orders{shop=de}) >= 30": (State.PASSED, "30"),
    "rate(metric orders) > 4/s": (State.PASSED, "4.2/s"),
    "count(metric errors) == 0": (State.PASSED, "0"),
    "value(metric queue) < 0": (State.PASSED, "at last -3"),
}


@pytest.mark.parametrize("text", OUTCOMES)
def test_threshold_comes_to(text: str, environment: Environment) -> None:
    state, value = OUTCOMES[text]
    check = judged(environment, text)
    assert (check.state, outcome_text(check).split(", first")[0]) == (state, value)


@pytest.mark.parametrize("limit", ["960", "0.96s", "960ms"])
def test_percentile_of_a_trend_is_compared_with_numbers_and_times(limit: str, environment: Environment) -> None:
    check = judged(environment, f"p95 of metric checkout_total < {limit}")
    assert (check.state, check.value) == (State.PASSED, pytest.approx(950, rel=0.005))
    assert judged(environment, f"p95(metric checkout_total) > {limit}").state is State.FAILED


UNMEASURED = {
    "p95(metric checkout_totl) < 1": "no metric is called 'checkout_totl'. Did you mean 'checkout_total'?",
    "p95(metric orders) < 1": "'orders' is a counter: ask for count(metric orders) or rate(metric orders)",
    "value(metric orders) < 1": "'orders' is a counter: ask for count(metric orders)",
    "count(metric queue) < 1": "'queue' is a gauge: ask for value(metric queue)",
    "value(metric checkout_total) < 1": "'checkout_total' is a trend: ask for p95",
    "count(metric orders{shop=it}) < 1": "'orders' has no values with shop=it",
    "p95(metric checkout_total{shop=it}) < 1": "'checkout_total' has no values with shop=it",
    "value(metric idle) < 1": "the gauge 'idle' has no values",
}


@pytest.mark.parametrize("text", UNMEASURED)
def test_nothing_measured_is_never_a_pass(text: str, environment: Environment) -> None:
    check = judged(environment, text)
    assert check.state is State.UNMEASURED
    assert check.problem.startswith(UNMEASURED[text].rstrip("?"))


def test_gauge_has_to_hold_at_every_look(environment: Environment) -> None:
    check = Check(parse("value(metric queue) < 5"))
    source = Source(environment.stats, metrics=environment.metrics)
    for second, value in enumerate((1, 9, 2)):
        environment.metrics.gauge("queue").set(value)
        check.look(source, float(second), second)
    check.close(source, 3.0)
    assert (check.state, outcome_text(check)) == (State.FAILED, "at last 2, first broken at 0:01, worst 9 at 0:01")


def test_window_of_a_trend_is_about_what_was_counted_in_it(environment: Environment) -> None:
    check = Check(parse("max(metric checkout_total) < 2000 for 2s after 1s"))
    for second, value in enumerate((9000, 3, 4, 5)):
        check.look(Source(environment.stats, metrics=environment.metrics), float(second), second)
        environment.metrics.trend("checkout_total").add(value)
    assert check.state is State.HOLDING
    environment.metrics.trend("checkout_total").add(9000)
    check.look(Source(environment.stats, metrics=environment.metrics), 4.0, 4)
    assert check.state is State.BROKEN


def test_result_names_the_metric(environment: Environment) -> None:
    environment.thresholds.add("count(metric orders{shop=de}) > 3")
    (plain,) = as_plain(environment.thresholds)
    assert (plain["metric"], plain["endpoint"], plain["unit"]) == ("count", "metric orders{shop=de}", "count")
