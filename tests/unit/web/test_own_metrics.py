"""Metrics of the test's own, on the page, in the report and at `/metrics`."""

from __future__ import annotations

import json
import re

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_open_metrics
from prometheus_client.parser import text_string_to_metric_families as parse_prometheus

from locust_rs.html import get_html_report
from locust_rs.web import WebUI
from locust_rs.web.metrics import render


def count_some(ui: WebUI) -> None:
    metrics = ui.environment.metrics
    metrics.counter("orders", about="Orders\nthat were placed").add(3, shop='d"e')
    metrics.counter("orders_total").add(4)
    metrics.counter("refusals_total")
    metrics.gauge("queue").set(-2.5)
    metrics.gauge("queue_sum").set(9)
    for value in (1, 2, 3):
        metrics.trend("checkout").add(value, shop="de")


def test_page_and_report_have_the_same_rows(ui: WebUI) -> None:
    client = ui.app.test_client()
    assert client.get("/stats/metrics").json == {"metrics": []}
    count_some(ui)
    rows = client.get("/stats/metrics").json["metrics"]
    assert [row["name"] for row in rows] == ["checkout", "orders", "orders_total", "queue", "queue_sum", "refusals_total"]
    page = get_html_report(ui.environment, show_download_link=False)
    found = re.search(r'id="template-args">(.*?)</script>', page, re.DOTALL)
    assert found
    assert json.loads(found[1])["metrics"] == rows


@pytest.mark.parametrize("is_open", [True, False], ids=["OpenMetrics", "Prometheus"])
def test_a_scrape_has_them(ui: WebUI, is_open: bool) -> None:
    count_some(ui)
    parse = parse_open_metrics if is_open else parse_prometheus
    families = list(parse(render(ui.environment, is_open, 1).decode()))
    own = {family.name: family for family in families if family.name.startswith("locust_metric_")}
    samples = {
        (sample.name, *sample.labels.values()): sample.value for family in own.values() for sample in family.samples
    }
    assert {own[f"locust_metric_{name}"].type for name in ("orders", "queue", "checkout")} == {"counter", "gauge", "summary"}
    assert own["locust_metric_orders"].documentation == "Orders that were placed"
    assert samples["locust_metric_orders_total", 'd"e'] == 3
    assert samples["locust_metric_orders_counter_total",] == 4
    assert samples["locust_metric_queue_sum",] == 9
    assert samples["locust_metric_refusals_total",] == 0
    assert samples["locust_metric_queue",] == -2.5
    assert samples["locust_metric_checkout", "de", "0.5"] == pytest.approx(2, rel=0.005)
    assert samples["locust_metric_checkout_count", "de"] == 3
    assert samples["locust_metric_checkout_sum", "de"] == 6
