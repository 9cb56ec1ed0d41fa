"""The language of thresholds: each form, and each way to write one wrong."""

from __future__ import annotations

import pytest

from locust_rs.thresholds import ThresholdError, parse
from locust_rs.thresholds.model import Metric, Relative, Threshold, Unit

FORMS = {
    "p95 < 300ms": (Metric.PERCENTILE, "<", 300, Unit.MS),
    "p99.9 <= 1.5s": (Metric.PERCENTILE, "<=", 1500, Unit.MS),
    "median < 20 ms": (Metric.PERCENTILE, "<", 20, Unit.MS),
    "average < 20us": (Metric.AVERAGE, "<", 0.02, Unit.MS),
    "avg < 20µs": (Metric.AVERAGE, "<", 0.02, Unit.MS),
    "mean < 1min": (Metric.AVERAGE, "<", 60_000, Unit.MS),
    "max < 1s": (Metric.MAX, "<", 1000, Unit.MS),
    "min > 1ms": (Metric.MIN, ">", 1, Unit.MS),
    "rate > 500/s": (Metric.REQUESTS, ">", 500, Unit.PER_SECOND),
    "rate >= 60/min": (Metric.REQUESTS, ">=", 1, Unit.PER_SECOND),
    "rate >= 3600/h": (Metric.REQUESTS, ">=", 1, Unit.PER_SECOND),
    "requests > 1_000": (Metric.REQUESTS, ">", 1000, Unit.COUNT),
    "requests > 5/s": (Metric.REQUESTS, ">", 5, Unit.PER_SECOND),
    "failures < 1%": (Metric.FAILURES, "<", 0.01, Unit.SHARE),
    "failures == 0": (Metric.FAILURES, "==", 0, Unit.COUNT),
    "failures < 2/s": (Metric.FAILURES, "<", 2, Unit.PER_SECOND),
    "exceptions == 0": (Metric.EXCEPTIONS, "==", 0, Unit.COUNT),
    "late starts < 1%": (Metric.LATE_STARTS, "<", 0.01, Unit.SHARE),
    "dropped starts == 0": (Metric.DROPPED_STARTS, "==", 0, Unit.COUNT),
    "overload < 150%": (Metric.OVERLOAD, "<", 1.5, Unit.SHARE),
    "generator is ok": (Metric.VERDICT, "==", 1, Unit.COUNT),
    "Generator OK": (Metric.VERDICT, "==", 1, Unit.COUNT),
}


@pytest.mark.parametrize("text", FORMS)
def test_metric_limit_and_unit_are_read(text: str) -> None:
    metric, comparison, limit, unit = FORMS[text]
    threshold = parse(text)
    assert (threshold.metric, threshold.comparison, threshold.unit) == (metric, comparison, unit)
    assert threshold.limit == pytest.approx(limit)


BASELINES = {
    "p95 < baseline": (1.0, 0.0, Unit.MS),
    "p99.9(GET /cart) < baseline * 1.1 + 20ms": (1.1, 20.0, Unit.MS),
    "average < Baseline*2-1s for 30s": (2.0, -1000.0, Unit.MS),
    "failures <= baseline + 1%": (1.0, 0.01, Unit.SHARE),
    "failures <= baseline + 3": (1.0, 3.0, Unit.COUNT),
    "rate > baseline * 0.9 after 1m": (0.9, 0.0, Unit.PER_SECOND),
    "requests > baseline": (1.0, 0.0, Unit.COUNT),
    "p99.9 of class Shopper < baseline * 1.1 + 20ms": (1.1, 20.0, Unit.MS),
    "failures(GET /cart) of tag buy < baseline": (1.0, 0.0, Unit.SHARE),
}


@pytest.mark.parametrize("text", BASELINES)
def test_limit_that_follows_from_a_baseline_is_read(text: str) -> None:
    factor, offset, unit = BASELINES[text]
    threshold = parse(text)
    assert threshold.relative == Relative(pytest.approx(factor), pytest.approx(offset))
    assert threshold.unit is unit
    assert threshold.with_baseline(50.0).limit == pytest.approx(50 * factor + offset)


BAD_BASELINES = {
    "p95 < baseline + 10%": "'baseline * 1.1'",
    "p95 < baseline *": "A number is missing here",
    "p95 < baseline * x": "A number is missing here",
    "p95 < baseline + 5": "'p95' needs a unit",
    "p95 < baseline / 2": "'/' has no meaning here",
    "exceptions == baseline": "says nothing about 'exceptions'",
    "overload < baseline": "says nothing about 'overload'",
    "requests > baseline abort": "'> baseline after 1m abort'",
}


@pytest.mark.parametrize("text", BAD_BASELINES)
def test_baseline_that_is_written_wrong_is_refused(text: str) -> None:
    with pytest.raises(ThresholdError) as refused:
        parse(text)
    assert BAD_BASELINES[text] in str(refused.value)


FRACTIONS = {"p50 < 1s": 0.5, "p95 < 1s": 0.95, "p99.9 < 1s": 0.999, "P99.99 < 1s": 0.9999, "median < 1s": 0.5}


@pytest.mark.parametrize("text", FRACTIONS)
def test_percentile_is_read_without_rounding(text: str) -> None:
    assert parse(text).fraction == FRACTIONS[text]


MODIFIERS = {
    "p95 < 1s": (None, 0, False),
    "p95 < 1s for 30s": (30, 0, False),
    "p95 < 1s over 1m30s": (90, 0, False),
    "p95 < 1s after 1h": (None, 3600, False),
    "p95 < 1s abort": (None, 0, True),
    "rate > 500/s for 30s after 1m": (30, 60, False),
    "p95 < 1s abort after 5s for 2min": (120, 5, True),
    "generator is ok after 10s abort": (None, 10, True),
}


@pytest.mark.parametrize("text", MODIFIERS)
def test_window_delay_and_abort_are_read_in_any_order(text: str) -> None:
    threshold = parse(text)
    assert (threshold.window_s, threshold.after_s, threshold.aborts) == MODIFIERS[text]


SELECTIONS = {
    "p95(GET /cart) < 1s": ({"GET /cart"}, {"POST /cart", "GET /cart/1"}),
    "p95 of GET /cart < 1s": ({"GET /cart"}, {"POST /cart", "GET /cart/1"}),
    "p95(/cart) < 1s": ({"GET /cart", "POST /cart"}, {"GET /cart/1"}),
    "p95(GET *) < 1s": ({"GET /cart", "GET /a b"}, {"POST /cart"}),
    "p95(* /item/*/price) < 1s": ({"GET /item/3/price"}, {"GET /item/3"}),
    "p95(/item?id=[id]) < 1s": ({"GET /item?id=[id]"}, {"GET /item?id=i"}),
    "p95(/a(b)) < 1s": ({"GET /a(b)"}, {"GET /ab"}),
    'p95("/a (b") < 1s': ({"GET /a (b"}, {"GET /a b"}),
    "p95('GET /*') < 1s": ({"GET /*"}, {"GET /cart"}),
    "p95 of 'a < b' < 1s": ({"GET a < b"}, {"GET a"}),
    "p95 of GET /x=1 < 1s": ({"GET /x=1"}, {"GET /x"}),
    r"p95(~^/item/\d+$) < 1s": ({"GET /item/12"}, {"GET /item/x"}),
    r'p95(~"GET /(a|b)\)") < 1s': ({"GET /a)"}, {"GET /c)"}),
    "p95(~ cart) < 1s": ({"GET /cart", "POST /my/cart"}, {"GET /item"}),
    "p95(*) < 1s": ({"GET /cart", " "}, set()),
    'p95("class room") < 1s': ({"GET class room"}, {"GET room"}),
}


@pytest.mark.parametrize("text", SELECTIONS)
def test_endpoints_are_selected_by_name_glob_and_expression(text: str) -> None:
    chosen, others = SELECTIONS[text]
    selection = parse(text).selection
    for endpoint in chosen:
        assert selection.has(*endpoint.split(" ", 1))
    for endpoint in others:
        assert not selection.has(*endpoint.split(" ", 1))


GROUPS = {
    "p95 of class Shopper < 1s": ("class", "Shopper", "class Shopper"),
    "p99.9(class Shopper) < 1s for 30s": ("class", "Shopper", "class Shopper"),
    "failures of Class Shopper < 1% abort": ("class", "Shopper", "class Shopper"),
    "rate of class Käufer2 > 5/s": ("class", "Käufer2", "class Käufer2"),
    "p95 of class 'Shopper' < 20ms": ("class", "Shopper", "class Shopper"),
    "failures of tag checkout < 1%": ("tag", "checkout", "tag checkout"),
    "requests(tag check out) > 3": ("tag", "check out", "tag check out"),
    "max of tag 'a < b' < 1s": ("tag", "a < b", "tag a < b"),
    'max(tag "a) b") < 1s': ("tag", "a) b", "tag a) b"),
    "p95(GET /cart) of class Shopper < 1s": ("class", "Shopper", "GET /cart of class Shopper"),
    "p95(*) of tag buy < 1s": ("tag", "buy", "tag buy"),
    "p95(~^/c) of tag 'x>y' < 1s": ("tag", "x>y", "~^/c of tag x>y"),
}


@pytest.mark.parametrize("text", GROUPS)
def test_class_and_tag_are_read(text: str) -> None:
    selection = parse(text).selection
    assert (selection.kind, selection.group, selection.text) == GROUPS[text]


def test_endpoints_within_a_class_are_selected_by_name() -> None:
    selection = parse("p95(GET /cart) of class Shopper < 1s").selection
    assert selection.has("GET", "/cart")
    assert not selection.has("GET", "/item")
    assert parse("p95 of class Shopper < 1s").selection.has("GET", "/item")


ENDPOINTS = (
    "p95('class') < 1s",
    'p95("tag buy") < 1s',
    "p95(classes) < 1s",
    "p95(GET class) < 1s",
    "p95(taggy x) < 1s",
)


@pytest.mark.parametrize("text", ENDPOINTS)
def test_name_that_only_resembles_a_class_or_tag_is_an_endpoint(text: str) -> None:
    assert parse(text).selection.kind == ""
    assert parse(text).selection.pattern is not None


WRONG = {
    "": ("This threshold is empty", ""),
    "  ": ("This threshold is empty", "  "),
    "3 < p95": ("begins with a metric", "3"),
    "failure < 1%": ("Did you mean 'failures'?", "failure"),
    "late start < 1%": ("Did you mean 'late starts'?", "late start"),
    "latency < 1s": ("There is no metric 'latency'", "latency"),
    "p < 1s": ("is no percentile", "p"),
    "p9.9.9 < 1s": ("is no percentile", "p9.9.9"),
    "p0 < 1s": ("write min", "p0"),
    "p100 < 1s": ("write max", "p100"),
    "p95 GET /cart < 1s": ("Put the endpoint in parentheses: p95(GET /path)", " GET"),
    "p95(GET /cart < 1s": ("parenthesis is not closed", "(GET /cart < 1s"),
    'p95("GET /cart) < 1s': ("A quote or the parenthesis is not closed", '("GET /cart) < 1s'),
    'p95 of "GET /cart < 1s': ("This quote is not closed", '"GET /cart < 1s'),
    "p95() < 1s": ("An endpoint is missing", "("),
    "p95(~) < 1s": ("A regular expression is missing", "~"),
    "p95(~[a) < 1s": ("unterminated character set", "["),
    "p95(class) < 1s": ("The name of the class is missing", "class"),
    "p95 of tag < 1s": ("The name of the tag is missing: tag checkout", "tag"),
    "p95 of class GET /cart < 1s": ("has a name such as Shopper", "GET /cart"),
    "p95 of class 3rd < 1s": ("has a name such as Shopper", "3rd"),
    'p95 of tag "buy < 1s': ("its quote is not closed", '"buy < 1s'),
    "p95 of tag '' < 1s": ("is empty", "''"),
    "p95(GET /cart) of Shopper < 1s": ("A class or tag is missing here", "Shopper"),
    "p95(GET /cart) of < 1s": ("A class or tag is missing here", "<"),
    "p95(class Shopper) of tag buy < 1s": ("Only endpoints", "(class Shopper)"),
    "p95(metric x) of class Shopper < 1s": ("Only endpoints", "(metric x)"),
    "exceptions of class Shopper == 0": ("is about the whole run", "of class Shopper"),
    "late starts(class Shopper) == 0": ("is about the whole run", "(class Shopper)"),
    "count of class Shopper > 3": ("'count' needs a metric", "count of class Shopper"),
    "overload(GET /cart) < 5%": ("cannot be asked for an endpoint", "(GET /cart)"),
    "p95": ("A comparison is missing", ""),
    "p95 300ms": ("A comparison is missing", "300ms"),
    "p95 of GET /cart": ("A comparison is missing", ""),
    "p95 = 1s": ("Write ==", "="),
    "p95 =< 1s": ("Write <=", "=<"),
    "p95 => 1s": ("Write >=", "=>"),
    "p95 != 1s": ("Write one of <", "!="),
    "p95 <": ("A number of 0 or more is missing here, such as 300ms", ""),
    "p95 < fast": ("A number of 0 or more is missing", "fast"),
    "p95 < -3ms": ("A number of 0 or more is missing", "-3ms"),
    "p95 < 1,000ms": ("Write 1000 or 1_000", "1,000ms"),
    "p95 < 300": ("'p95' needs a unit: write 300ms", "300"),
    "p95 < 3%": ("'%' is no unit of 'p95'", "3%"),
    "p95 < 3sm": ("There is no unit 'sm'. Did you mean 's'?", "3sm"),
    "rate > 3": ("'rate' needs a unit: write 500/s", "3"),
    "requests > 3ms": ("write a plain number such as 1000 or 500/s", "3ms"),
    "failures < 101%": ("at most 100%", "101%"),
    "p95 < 3ms fro 3s": ("Did you mean 'for'?", "fro"),
    "p95 < 3ms for": ("needs a duration", "for"),
    "p95 < 3ms for ever": ("is no duration", "ever"),
    "p95 < 3ms for 30": ("A duration needs a unit", "30"),
    "p95 < 3ms for 3x": ("There is no unit 'x'", "3x"),
    "p95 < 3ms for 0.1s": ("a window has at least 1s", "0.1s"),
    "p95 < 3ms abort abort": ("is there twice", "abort"),
    "p95 < 3ms for 3s over 3s": ("is there twice", "over"),
    "generator is ok for 3s": ("has no meaning here", "for"),
    "generator is fine": ("Did you mean 'generator is ok'?", "generator is fine"),
    "requests > 10 abort": ("Every count begins at 0", "abort"),
}


@pytest.mark.parametrize("text", WRONG)
def test_error_names_problem_and_place(text: str) -> None:
    problem, place = WRONG[text]
    with pytest.raises(ThresholdError) as caught:
        parse(text)
    error = caught.value
    assert problem in str(error)
    assert text[error.start : error.end].strip() == place.strip()
    marks = str(error).splitlines()[-1]
    assert marks.index("^") == error.start + 4
    assert marks.count("^") == error.end - error.start


def test_text_is_kept_without_superfluous_spaces() -> None:
    assert parse("  p95(GET  /cart)   < 300ms ").text == "p95(GET /cart) < 300ms"


def test_threshold_is_equal_to_the_same_text_read_again() -> None:
    assert parse("p95(GET /cart) < 300ms for 3s") == parse("p95(GET /cart) < 300ms for 3s")
    assert isinstance(parse("p95 < 1s"), Threshold)
