"""Times from the intended start, on the page and in the report."""

from __future__ import annotations

import json
import re

from locust_rs.html import get_html_report
from locust_rs.stats import RequestStats
from locust_rs.stats.intended import IntendedTimes
from locust_rs.web import WebUI


def note(ui: WebUI, times_ms: list[float]) -> None:
    """Times of an endpoint, as a runner with `intended_start` counts them."""
    stats = ui.environment.stats
    stats.intended = IntendedTimes(RequestStats())
    stats.intended.add("GET", "/paced", times_ms)


def test_the_page_gets_the_rows_that_have_them_and_the_total(ui: WebUI) -> None:
    client = ui.app.test_client()
    ui.environment.stats.log_request("GET", "/unpaced", 6.0, 450)
    assert client.get("/stats/intended").json == {"intended": []}
    note(ui, [250.0, 150.0, 50.0])
    rows = client.get("/stats/intended").json["intended"]
    assert [(row["method"], row["name"], row["count"]) for row in rows] == [("GET", "/paced", 3), ("", "Aggregated", 3)]
    assert (rows[0]["average"], rows[0]["max"]) == (150.0, 250.0)
    assert rows[0]["0.99"] == rows[1]["0.99"]


def test_the_report_has_the_same(ui: WebUI) -> None:
    ui.environment.stats.log_request("GET", "/paced", 6.0, 450)
    note(ui, [250.0])
    page = get_html_report(ui.environment, show_download_link=False)
    found = re.search(r'id="template-args">(.*?)</script>', page, re.DOTALL)
    assert found
    assert json.loads(found[1])["intended_statistics"] == ui.app.test_client().get("/stats/intended").json["intended"]
