"""The HTML report: its content, all in one file."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from locust_rs.html import get_html_report, render_template_from
from locust_rs.stats import update_stats_history
from locust_rs.web import WebUI
from web_case.fixtures import MakeUI
from web_case.users import make_environment


def report_args(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="template-args">(.*?)</script>', page, re.DOTALL)
    assert found
    return json.loads(found[1])


def log_some(environment: Any) -> None:
    stats = environment.stats
    for ms in range(1, 101):
        stats.log_request("GET", "/a", ms, 10)
    stats.log_request("POST", "/b", 5, 10)
    stats.log_error("POST", "/b", ValueError("broken"))
    environment.runner.log_exception("local", "oops", "line 1")


def test_it_has_everything_of_the_run(ui: WebUI) -> None:
    environment = ui.environment
    log_some(environment)
    args = report_args(get_html_report(environment, show_download_link=False, theme="dark"))
    assert args["is_report"] is True
    assert [(row["name"], row["num_requests"]) for row in args["requests_statistics"]] == [
        ("/a", 100),
        ("/b", 1),
        ("Aggregated", 101),
    ]
    assert args["failures_statistics"][0]["error"] == "ValueError('broken')"
    assert [(row["name"], row["failed"]["max_response_time"]) for row in args["outcome_statistics"]] == [
        ("/b", 5),
        ("Aggregated", 5),
    ]
    assert args["exceptions_statistics"] == [{"count": 1, "msg": "oops", "traceback": "line 1", "nodes": "local"}]
    assert args["response_time_statistics"][0] == {
        "name": "/a",
        "method": "GET",
        "0.5": 51,
        "0.6": 61,
        "0.7": 71,
        "0.8": 81,
        "0.9": 91,
        "0.95": 96,
        "0.99": 100,
        "1.0": 100,
    }
    assert (args["host"], args["locustfile"]) == ("http://target.example", "locustfile.py")
    assert set(args["tasks"]) == {"per_class", "total"}
    assert args["show_download_link"] is False
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", args["start_time"])


def test_it_stands_alone(ui: WebUI) -> None:
    log_some(ui.environment)
    page = get_html_report(ui.environment)
    assert not re.search(r"<(script|link|img)[^>]+(src|href)=[\"']?(?!data:)[a-z./]", page)
    assert "Content-Security-Policy" in page


@pytest.mark.parametrize(("asked", "shown"), [("dark", "dark"), ("light", "light"), ("", ""), ("<x>", "&lt;x&gt;")])
def test_the_theme_is_the_one_asked_for(ui: WebUI, asked: str, shown: str) -> None:
    assert f'data-theme="{shown}"' in get_html_report(ui.environment, theme=asked)


def test_ratios_after_the_end_follow_the_weights(ui: WebUI) -> None:
    tasks = report_args(get_html_report(ui.environment))["tasks"]
    assert tasks["total"]["Buyer"]["ratio"] == 0.75
    assert tasks["per_class"]["Buyer"]["tasks"]["buy"]["ratio"] == pytest.approx(2 / 3)


def test_the_last_point_of_the_charts_is_the_end(ui: WebUI) -> None:
    update_stats_history(ui.environment.runner, "2020-01-01T00:00:00Z")
    log_some(ui.environment)
    args = report_args(get_html_report(ui.environment))
    assert [point["time"] for point in args["history"]] == ["2020-01-01T00:00:00Z", args["end_time"]]


def test_an_unknown_host_is_none(make_ui: MakeUI) -> None:
    assert report_args(get_html_report(make_ui().environment))["host"] == "None"


def test_parameters_of_the_run_are_named_without_secrets(make_ui: MakeUI) -> None:
    def declare(parser: Any) -> None:
        parser.add_argument("--shop", default="main")
        parser.add_argument("--sizes", default=["s", "m"])
        parser.add_argument("--token", default="s3cr3t", is_secret=True)

    page = get_html_report(make_ui(["--shop", "side"], declare=declare).environment)
    assert report_args(page)["parameters"] == [
        {"name": "shop", "value": "side"},
        {"name": "sizes", "value": "s, m"},
    ]
    assert "s3cr3t" not in page


def test_it_works_without_options_and_without_a_web_ui() -> None:
    environment = make_environment()
    environment.parsed_options = None
    try:
        assert report_args(get_html_report(environment))["requests_statistics"][-1]["name"] == "Aggregated"
    finally:
        environment.runner.quit()


def test_it_needs_a_runner(make_ui: MakeUI) -> None:
    with pytest.raises(ValueError, match="create_local_runner"):
        get_html_report(make_ui(with_runner=False).environment)


def test_percentiles_follow_the_constant(ui: WebUI, monkeypatch: pytest.MonkeyPatch) -> None:
    import locust_rs.html

    monkeypatch.setattr(locust_rs.html, "PERCENTILES_FOR_HTML_REPORT", [0.5, 0.999])
    row = report_args(get_html_report(ui.environment))["response_time_statistics"][0]
    assert set(row) == {"name", "method", "0.5", "0.999"}


def test_a_missing_page_is_named(tmp_path: Any) -> None:
    with pytest.raises(FileNotFoundError, match=r"'nothing\.html' is not in"):
        render_template_from("nothing.html", str(tmp_path))


def test_a_changed_template_is_noticed(tmp_path: Any) -> None:
    import os

    page = tmp_path / "own.html"
    page.write_text("one {{ word }}")
    assert render_template_from("own.html", str(tmp_path), word="<a>") == "one &lt;a&gt;"
    page.write_text("two {{ word }}")
    os.utime(page, (1, 1))
    assert render_template_from("own.html", str(tmp_path), word="<a>") == "two &lt;a&gt;"
