"""Counters, gauges and trends: what they count, what nodes tell each other, and what outputs have of them."""

from __future__ import annotations

import csv
import io
import logging
import math
import pickle
import random
from decimal import Decimal
from typing import Any

import msgpack
import pytest

from locust_rs.env import Environment
from locust_rs.metrics import Metrics, Trend
from locust_rs.metrics.kinds import MOST_SERIES
from locust_rs.metrics.outputs import FRACTIONS, metric_lines, metric_rows, metrics_csv, number_text


def sent(taken: Any) -> Any:
    """What arrives at a master."""
    return msgpack.unpackb(msgpack.packb(taken), strict_map_key=False)


def rows_of(metrics: Metrics) -> dict[tuple[str, str], dict[str, Any]]:
    return {(row["name"], ",".join(row["tags"].values())): row for row in metric_rows(metrics)}


def test_counter_adds_up_by_tags() -> None:
    metrics = Metrics()
    orders = metrics.counter("orders")
    orders.add(shop="de")
    orders.add(2.5, shop="de")
    orders.add(shop="fr", kind="card")
    assert {key: row["value"] for key, row in rows_of(metrics).items()} == {
        ("orders", "de"): 3.5,
        ("orders", "card,fr"): 1,
    }


def test_the_same_name_is_the_same_metric() -> None:
    metrics = Metrics()
    metrics.counter("orders", unit="pieces").add()
    metrics.counter("orders").add()
    (row,) = metric_rows(metrics)
    assert (row["value"], row["unit"]) == (2, "pieces")


def test_figures_of_a_trend_are_those_of_its_values() -> None:
    metrics = Metrics()
    values = [random.Random(7).lognormvariate(3, 1) for _ in range(1000)]
    for value in values:
        metrics.trend("size").add(value)
    (row,) = metric_rows(metrics)
    assert row["count"] == 1000
    assert (row["min"], row["max"]) == (pytest.approx(min(values)), pytest.approx(max(values)))
    assert row["average"] == pytest.approx(sum(values) / 1000)
    for fraction in FRACTIONS:
        assert row[str(fraction)] == pytest.approx(sorted(values)[math.ceil(fraction * 1000) - 1], rel=0.005)


WRONG = {
    "a negative amount": (lambda m: m.counter("a").add(-1), "use a gauge"),
    "no number": (lambda m: m.counter("a").add("3"), "counts finite numbers, not '3'"),
    "a truth value": (lambda m: m.gauge("a").set(True), "counts finite numbers"),
    "a decimal": (lambda m: m.gauge("a").set(Decimal(3)), "counts finite numbers"),
    "nan": (lambda m: m.trend("a").add(math.nan), "counts finite numbers"),
    "infinity": (lambda m: m.gauge("a").set(math.inf), "counts finite numbers"),
    "a negative value": (lambda m: m.trend("a").add(-0.1), "cannot count -0.1"),
    "a value beyond the histogram": (lambda m: m.trend("a").add(5e6), "in a larger unit"),
    "a name with a hyphen": (lambda m: m.counter("a-b"), "cannot be a metric's name"),
    "no name": (lambda m: m.trend(""), "cannot be a metric's name"),
    "a label of Prometheus": (lambda m: m.counter("a").add(le="3"), "cannot be a tag's name"),
    "a tag that is no word": (lambda m: m.counter("a").add(**{"a b": 1}), "cannot be a tag's name"),
    "another kind": (lambda m: (m.trend("a"), m.counter("a")), "'a' is a trend already"),
    "another way to merge": (lambda m: m.gauge("a", merge="mean"), "not 'mean'"),
}


@pytest.mark.parametrize("case", WRONG)
def test_refused_is(case: str) -> None:
    act, message = WRONG[case]
    metrics = Metrics()
    with pytest.raises(ValueError, match=message):
        act(metrics)
    assert all(not metric.series for metric in metrics)


def test_workers_add_up_to_what_one_node_would_have_counted() -> None:
    drawn, alone, master = random.Random(3), Metrics(), Metrics()
    workers = [Metrics(), Metrics(), Metrics()]
    for turn in range(300):
        worker, shop, value = drawn.choice(workers), drawn.choice(("de", "fr")), drawn.uniform(0, 5000)
        for node in (alone, worker):
            node.counter("orders", about="Placed").add(turn % 3, shop=shop)
            node.trend("checkout", unit="ms").add(value, shop=shop)
        if turn % 20 == 0:
            master.merge(sent(worker.take()), str(workers.index(worker)))
    for number, worker in enumerate(workers):
        master.merge(sent(worker.take()), str(number))
    assert metric_rows(master) == [
        {**row, **({"average": pytest.approx(row["average"])} if "average" in row else {})}
        for row in metric_rows(alone)
    ]


MERGES = {"sum": 12, "max": 7, "min": 2, "last": 3}


@pytest.mark.parametrize("merge", MERGES)
def test_gauge_of_several_workers_is_their(merge: str) -> None:
    master = Metrics()
    for node, value in (("a", 5), ("b", 7), ("c", 2), ("a", 3)):
        worker = Metrics()
        worker.gauge("queue", merge=merge).set(value)
        master.merge(sent(worker.take()), node)
    assert metric_rows(master)[0]["value"] == MERGES[merge]


def test_master_learns_of_a_counter_that_never_counted() -> None:
    worker, master = Metrics(), Metrics()
    worker.counter("errors")
    master.merge(sent(worker.take()), "w")
    assert [(row["name"], row["value"]) for row in metric_rows(master)] == [("errors", 0)]
    assert worker.take() == []


DAMAGED = {
    "no list": {"orders": 3},
    "no parts": [7],
    "an unknown kind": [["a", "rainbow", "", "", "", []]],
    "another kind": [["orders", "gauge", "", "", "sum", [[[], 3]]]],
    "an impossible name": [["a b", "counter", "", "", "", [[[], 3]]]],
    "a negative text": [["a", "counter", "", "", "", [[[], "x"]]]],
    "half a histogram": [["a", "trend", "", "", "", [[[], [{}, ""]]]]],
    "tags without values": [["a", "counter", "", "", "", [[["x"], 3]]]],
}


@pytest.mark.parametrize("case", DAMAGED)
def test_damaged_report_changes_nothing_and_is_told_once(case: str, caplog: pytest.LogCaptureFixture) -> None:
    master = Metrics()
    master.counter("orders").add(4)
    before = metric_rows(master)
    with caplog.at_level(logging.WARNING):
        master.merge(DAMAGED[case], "w")
        master.merge(DAMAGED[case], "w")
    assert metric_rows(master) == before
    assert len([line for line in caplog.messages if "of worker w is not counted" in line]) == 1


def test_too_many_sets_of_tags_are_counted_together(caplog: pytest.LogCaptureFixture) -> None:
    metrics = Metrics()
    for number in range(MOST_SERIES + 50):
        metrics.counter("orders").add(user=number)
        metrics.trend("size").add(1, user=number)
    rows = rows_of(metrics)
    assert rows["orders", "others"]["value"] == rows["size", "others"]["count"] == 50
    assert len(rows) == 2 * (MOST_SERIES + 1)
    assert sum("more than 1000 sets of tags" in line for line in caplog.messages) == 2


@pytest.mark.parametrize("value", ["\ud800", "x" * 10_000, b"\xff", None], ids=["surrogate", "long", "bytes", "None"])
def test_any_tag_can_be_sent(value: object) -> None:
    worker, master = Metrics(), Metrics()
    worker.counter("orders").add(shop=value)
    master.merge(sent(worker.take()), "w")
    assert metric_rows(master) == metric_rows(worker)


RESETS = ("reset_all", "clear_all")


@pytest.mark.parametrize("reset", RESETS)
def test_metrics_are_reset_with_the_statistics(reset: str) -> None:
    environment = Environment()
    trend, orders = environment.metrics.trend("size"), environment.metrics.counter("orders")
    trend.add(3)
    orders.add(3)
    getattr(environment.stats, reset)()
    assert [row.get("value") for row in metric_rows(environment.metrics)] == [0, None]
    trend.add(4)
    assert rows_of(environment.metrics)["size", ""]["max"] == 4


def test_statistics_can_still_be_pickled() -> None:
    environment = Environment()
    assert pickle.loads(pickle.dumps(environment.stats)).reset_too == []


def test_csv_has_a_row_for_each_series_and_no_formula() -> None:
    metrics = Metrics()
    metrics.counter("orders", unit="=1+1").add(7, shop="de")
    metrics.trend("size").add(5)
    rows = list(csv.DictReader(io.StringIO(metrics_csv(metrics))))
    assert [(row["Metric"], row["Kind"], row["Tags"], row["Value"], row["Count"], row["95%"]) for row in rows] == [
        ("orders", "counter", "shop=de", "7", "", ""),
        ("size", "trend", "", "", "1", "5"),
    ]
    assert rows[0]["Unit"] == "'=1+1"


def test_console_has_a_table_only_with_metrics() -> None:
    metrics = Metrics()
    assert metric_lines(metrics) == []
    metrics.counter("orders", unit="pieces").add(1234, shop="de")
    lines = metric_lines(metrics)
    assert lines[2].split() == ["orders{shop=de}", "pieces", "1,234"]


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (1234, "1,234"), (0.25, "0.25"), (-2.5, "-2.5"), (1e5 + 0.5, "100,000")]
)
def test_number_is_written(value: float, text: str) -> None:
    assert number_text(value) == text


def test_trend_keeps_no_values_of_before_a_report() -> None:
    """What a worker has told is not told again."""
    trend = Trend("size")
    trend.add(3)
    assert len(trend.take()) == 1
    assert trend.take() == []


def test_another_node_goes_on_with_what_was_kept() -> None:
    metrics = Metrics()
    metrics.counter("orders", unit="pieces").add(3, shop="de")
    metrics.counter("refusals")
    metrics.merge([["queue", "gauge", "", "", "max", [[[["line", "a"]], 5]]]], "worker 1")
    metrics.merge([["queue", "gauge", "", "", "max", [[[["line", "a"]], 7]]]], "worker 2")
    for value in (10, 20, 4000):
        metrics.trend("size").add(value)
    another = Metrics()
    another.restore(sent(metrics.kept()))
    assert metric_rows(another) == metric_rows(metrics)
    # It tells workers apart, and goes on.
    another.merge([["queue", "gauge", "", "", "max", [[[["line", "a"]], 1]]]], "worker 2")
    another.counter("orders").add(1, shop="de")
    assert (rows_of(another)["queue", "a"]["value"], rows_of(another)["orders", "de"]["value"]) == (5, 4)
