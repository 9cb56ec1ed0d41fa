"""Where the time of the requests went, on the page and in the report."""

from __future__ import annotations

import json
import re

from locust_rs.html import get_html_report
from locust_rs.stats.phases import PHASES
from locust_rs.web import WebUI

TOLD = [2, 1, 0, 240, 900, *[1, 3_000_000, 3_000_000] * len(PHASES)]


def log_some(ui: WebUI) -> None:
    """A row whose requests told their phases, and one whose didn't."""
    stats = ui.environment.stats
    for name in ("/a", "/silent"):
        stats.log_request("GET", name, 6.0, 450)
    for row in (stats.get("/a", "GET"), stats.total):
        row._add_own_parts("", None, "", TOLD)


def test_the_page_gets_the_rows_that_told_and_the_total(ui: WebUI) -> None:
    client = ui.app.test_client()
    assert client.get("/stats/phases").json == {"phases": []}
    log_some(ui)
    rows = client.get("/stats/phases").json["phases"]
    assert [(row["method"], row["name"], row["requests"]) for row in rows] == [("GET", "/a", 2), ("", "Aggregated", 2)]
    assert rows[0]["first_byte"] == {"count": 1, "avg": 3.0, "max": 3.0}


def test_the_report_has_the_same(ui: WebUI) -> None:
    log_some(ui)
    page = get_html_report(ui.environment, show_download_link=False)
    found = re.search(r'id="template-args">(.*?)</script>', page, re.DOTALL)
    assert found
    assert json.loads(found[1])["phase_statistics"] == ui.app.test_client().get("/stats/phases").json["phases"]
