"""Thresholds in the web UI: the field of the form, the updates, the page's arguments and the report."""

from __future__ import annotations

import json
from typing import Any

import pytest

from locust_rs.html import get_html_report
from locust_rs.web import WebUI
from polling import until

START = {"user_count": "1", "spawn_rate": "1", "host": "http://target.example"}


def texts(ui: WebUI) -> list[str]:
    return [check.threshold.text for check in ui.environment.thresholds]


def swarm(client: Any, **fields: str) -> dict[str, Any]:
    return client.post("/swarm", data={**START, **fields}).json


def test_form_puts_its_thresholds_in_place_of_the_others(ui: WebUI, client: Any) -> None:
    ui.environment.thresholds.add("max < 1s")
    assert swarm(client, thresholds="p95 < 300ms\r\n\r\n failures  < 1%")["success"]
    assert texts(ui) == ["p95 < 300ms", "failures < 1%"]


def test_form_without_the_field_keeps_them_and_an_empty_field_drops_them(ui: WebUI, client: Any) -> None:
    ui.environment.thresholds.add("max < 1s")
    assert swarm(client)["success"]
    assert texts(ui) == ["max < 1s"]
    client.get("/stop")
    assert swarm(client, thresholds="")["success"]
    assert texts(ui) == []


def test_edit_of_a_running_test_keeps_them(ui: WebUI, client: Any) -> None:
    ui.environment.thresholds.add("max < 1s")
    swarm(client)
    until(lambda: ui.environment.runner.state == "running", "the test runs")
    swarm(client, thresholds="min < 1s")
    assert texts(ui) == ["max < 1s"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("p95 < 300ms\np95 < fast", "A number of 0 or more is missing here"),
        ("x" * 20_001, "longer than 20000 characters"),
        ("p95 < 300ms\np95 of class Shoper < 1s", "There is no User class 'Shoper'"),
        ("failures of tag nothing < 1%", "There is no tag 'nothing'"),
    ],
    ids=["malformed", "too long", "a class that is not there", "a tag that is not there"],
)
def test_form_refuses_what_it_cannot_read_and_changes_nothing(ui: WebUI, client: Any, text: str, problem: str) -> None:
    ui.environment.thresholds.add("max < 1s")
    answer = swarm(client, thresholds=text)
    assert not answer["success"]
    assert problem in answer["message"]
    assert texts(ui) == ["max < 1s"]
    assert ui.environment.runner.state == "ready"


def test_updates_tell_how_each_stands(ui: WebUI, client: Any) -> None:
    ui.environment.thresholds.add("p95(/nope) < 300ms")
    told = client.get("/stats/updates").json["thresholds"]
    assert [(one["threshold"], one["state"]) for one in told] == [("p95(/nope) < 300ms", "waiting")]
    ui.environment.thresholds.begin()
    ui.environment.thresholds.close()
    told = client.get("/stats/updates").json["thresholds"][0]
    assert told["state"] == "not measured"
    assert "no request is called '/nope'" in told["outcome"]


def test_page_and_report_carry_them(ui: WebUI, client: Any) -> None:
    ui.environment.thresholds.add("p95 < 300ms")
    assert ui.template_args is not None
    page = client.get("/").text
    assert '"thresholds": ["p95 \\u003c 300ms"]' in page
    report = get_html_report(ui.environment)
    content = report.partition('id="template-args"')[2].partition(">")[2].partition("</script>")[0]
    assert json.loads(content)["thresholds"][0]["threshold"] == "p95 < 300ms"
