"""Requests by User class and by tag on the page, in the report and in the results."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from locust_rs.ci.results import run_results
from locust_rs.html import get_html_report
from locust_rs.stats.groups import count_by_group
from locust_rs.web import WebUI

SCHEMA = Path(__file__).resolve().parents[3] / "docs" / "schemas" / "results-1.json"


class Buyer:
    pass


def count_some(ui: WebUI) -> None:
    stats = ui.environment.stats
    count_by_group(stats, {"class": ["Buyer", "Admin"], "tag": ["buy"]})
    assert stats.groups is not None
    with stats.groups.made_by(Buyer):
        for time_ms, error in ((10.5, None), (20.5, None), (30.5, ValueError()), (None, None)):
            stats.recorder.record("GET", "/cart", time_ms, 3, error)


def reported(ui: WebUI) -> dict[str, Any]:
    page = get_html_report(ui.environment, show_download_link=False)
    found = re.search(r'id="template-args">(.*?)</script>', page, re.DOTALL)
    assert found
    args: dict[str, Any] = json.loads(found[1])
    return args


def test_page_and_report_have_a_row_for_each_class_and_tag(ui: WebUI) -> None:
    client = ui.app.test_client()
    assert client.get("/stats/groups").json == {"classes": [], "tags": []} == reported(ui)["groups"]
    count_some(ui)
    groups = client.get("/stats/groups").json
    admin, buyer = groups["classes"]
    assert (buyer["name"], buyer["requests"], buyer["failures"], buyer["fail_ratio"]) == ("Buyer", 4, 1, 0.25)
    assert (buyer["average"], buyer["max"]) == (20.5, 30.5)
    assert buyer["0.5"] == pytest.approx(20.5, rel=0.005)
    assert (admin["name"], admin["requests"], admin["fail_ratio"], admin["0.95"], admin["max"]) == ("Admin", 0, 0, None, None)
    assert [tag["name"] for tag in groups["tags"]] == ["buy"]
    assert reported(ui)["groups"] == groups


def test_results_have_them_by_the_schema(ui: WebUI) -> None:
    schema = json.loads(SCHEMA.read_text())
    assert (run_results(ui.environment)["classes"], run_results(ui.environment)["tags"]) == ([], [])
    count_some(ui)
    results = run_results(ui.environment)
    jsonschema_rs.validate(schema, results)
    admin, buyer = results["classes"]
    assert (buyer["name"], buyer["requests"], buyer["failures"], buyer["max_ms"]) == ("Buyer", 4, 1, 30.5)
    assert buyer["percentiles_ms"]["0.99"] == 30.5
    assert (admin["requests"], admin["average_ms"], admin["percentiles_ms"]["0.5"]) == (0, None, None)
    del buyer["rate"]
    with pytest.raises(jsonschema_rs.ValidationError):
        jsonschema_rs.validate(schema, results)
