"""Metrics of the test's own in real runs: counted on workers, judged and written by the master."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import jsonschema_rs
import pytest

LOCUSTFILE = """from shop import *


class Buyer(Shopper):
    def on_start(self):
        self.environment.metrics.counter("refusals")

    @task
    def buy(self):
        metrics = self.environment.metrics
        metrics.counter("orders").add(2, shop="de")
        metrics.trend("checkout_total", unit="ms", about="Cart to receipt").add(812.5)
        metrics.gauge("queue", merge="max").set(7)
        self.record("buy")


Buyer.tasks = [Buyer.buy]
"""

THRESHOLDS = (
    "p95(metric checkout_total) < 820ms",
    "count(metric orders{shop=de}) == 80",
    "count(metric refusals) == 0",
    "value(metric queue) < 5",
    "count(metric order) > 0",
)

SCHEMA = Path(__file__).resolve().parents[3] / "docs" / "schemas" / "results-1.json"


@pytest.mark.parametrize("nodes", [(), ("--processes", "2")], ids=["local", "distributed"])
def test_metrics_are_counted_judged_and_written(shell, nodes: tuple[str, ...]) -> None:
    shell.write("locustfile.py", LOCUSTFILE)
    thresholds = [part for text in THRESHOLDS for part in ("--threshold", text)]
    files = ("--csv", "out", "--results", "out.json", "--html", "out.html")
    done = shell.run("--headless", "-u", "4", "-r", "100", "-i", "40", *nodes, *files, *thresholds, "Buyer")
    assert done.code == 99, done.err
    assert "PASSED  p95(metric checkout_total) < 820ms   81" in done.err
    assert "PASSED  count(metric orders{shop=de}) == 80  80" in done.err
    assert "PASSED  count(metric refusals) == 0" in done.err
    assert "FAILED  value(metric queue) < 5              at last 7" in done.err
    assert "no metric is called 'order'. Did you mean 'orders'?" in done.err
    assert re.search(r"^orders\{shop=de\} +80$", done.err, re.MULTILINE)

    results = json.loads((shell.folder / "out.json").read_text())
    jsonschema_rs.validate(json.loads(SCHEMA.read_text()), results)
    rows = {row["name"]: row for row in results["metrics"]}
    assert (rows["orders"]["value"], rows["queue"]["value"], rows["refusals"]["value"]) == (80, 7, 0)
    trend = rows["checkout_total"]
    assert (trend["count"], trend["max"], trend["unit"], trend["about"]) == (40, 812.5, "ms", "Cart to receipt")

    with open(shell.folder / "out_metrics.csv", newline="") as file:
        table = {row["Metric"]: row for row in csv.DictReader(file)}
    assert (table["orders"]["Value"], table["orders"]["Tags"], table["checkout_total"]["Count"]) == (
        "80",
        "shop=de",
        "40",
    )
    args = re.search(r'id="template-args">(.*?)</script>', (shell.folder / "out.html").read_text(), re.DOTALL)
    assert args
    assert json.loads(args[1])["metrics"] == results["metrics"]


def test_run_without_metrics_has_no_file_of_them(shell) -> None:
    shell.write("locustfile.py", "from shop import *\n")
    done = shell.run("--headless", "-u", "1", "-i", "2", "--csv", "out", "Shopper")
    assert done.code == 0, done.err
    assert not (shell.folder / "out_metrics.csv").exists()
    assert "Metrics of the test" not in done.err
