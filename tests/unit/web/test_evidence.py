"""The evidence of failures, on the page and in the report."""

from __future__ import annotations

import json
import re

from locust_rs.html import get_html_report
from locust_rs.web import WebUI


def test_page_and_report_have_the_evidence_of_a_failure(ui: WebUI) -> None:
    event = {"request_type": "GET", "response_time": 5, "response_length": 0, "context": {}}
    for name, error in (("/a", "</script>"), ("/a", "other"), ("/b", "</script>")):
        ui.environment.events.request.fire(**event, name=name, exception=error, response={"token": "hidden", "name": name})
    client = ui.app.test_client()
    found = client.get("/stats/evidence", query_string={"method": "GET", "name": "/a", "error": "</script>"}).json
    assert [(row["name"], row["error"]) for row in found["evidence"]] == [("/a", "</script>")]
    assert found["evidence"][0]["response"]["body"]["text"] == '{"token": "[redacted]", "name": "/a"}'
    slowest = client.get("/stats/evidence?method=GET&name=/a").json["evidence"]
    assert [(row["name"], row["error"]) for row in slowest] == [("/a", "</script>"), ("/a", "other")]
    assert client.get("/stats/evidence?name=/nowhere").json == {"evidence": []}
    page = get_html_report(ui.environment, show_download_link=False)
    args = re.search(r'id="template-args">(.*?)</script>', page, re.DOTALL)
    assert args
    reported = json.loads(args[1])["evidence"]["failures"]
    assert reported[0] == found["evidence"][0]
    assert len(reported) == 3
    assert json.loads(args[1])["evidence"]["slowest"][:2] == slowest
