"""The routes of the web UI: names, methods, formats and texts that scripts, exporters and plug-ins rely on."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from locust_rs.web import WebUI
from web_case.fixtures import MakeUI

ROUTES = {
    "/": ("locust.index", {"GET"}),
    "/assets/<path:path>": ("locust.send_assets", {"GET"}),
    "/exceptions": ("locust.exceptions", {"GET"}),
    "/exceptions/csv": ("locust.exceptions_csv", {"GET"}),
    "/login": ("locust.login", {"GET"}),
    "/logs": ("locust.logs", {"GET"}),
    "/stats/failures/csv": ("locust.failures_stats_csv", {"GET"}),
    "/stats/report": ("locust.stats_report", {"GET"}),
    "/stats/requests": ("locust.request_stats", {"GET"}),
    "/stats/requests/csv": ("locust.request_stats_csv", {"GET"}),
    "/stats/requests_full_history/csv": ("locust.request_stats_full_history_csv", {"GET"}),
    "/stats/reset": ("locust.reset_stats", {"POST"}),
    "/stop": ("locust.stop", {"POST"}),
    "/swarm": ("locust.swarm", {"POST"}),
    "/tasks": ("locust.tasks", {"GET"}),
    "/user": ("locust.update_user", {"POST"}),
    "/worker-count": ("locust.get_worker_count", {"GET"}),
}

TEMPLATE_ARGS = {
    "locustfile", "state", "is_distributed", "user_count", "version", "host", "history", "override_host_warning",
    "missing_host_warning", "num_users", "spawn_rate", "worker_count", "hide_common_options",
    "shape_use_common_options", "stats_history_enabled", "tasks", "extra_options", "run_time", "show_userclass_picker",
    "available_user_classes", "available_shape_classes", "available_user_tasks", "users", "percentiles_to_chart",
    "percentiles_to_statistics", "is_host_required", "profile",
}  # fmt: skip

ROW = {
    "method", "name", "num_requests", "num_failures", "min_response_time", "max_response_time", "current_rps",
    "current_fail_per_sec", "avg_response_time", "median_response_time", "total_rps", "total_fail_per_sec",
    "response_time_percentile_0.95", "response_time_percentile_0.99", "avg_content_length",
}  # fmt: skip


OF_OUR_OWN = {
    "/metrics", "/pause", "/resume", "/stats/history", "/stats/intended", "/stats/latencies", "/stats/metrics",
    "/stats/phases", "/stats/updates", "/runs", "/runs/course", "/runs/delete", "/runs/differences", "/runs/label",
    "/runs/list", "/runs/run",
}  # fmt: skip
"""Routes beside Locust's."""


def log_some(ui: WebUI) -> None:
    stats = ui.environment.stats
    stats.log_request("GET", "/b", 12, 100)
    stats.log_request("GET", "/a", 30, 100)
    stats.log_request("GET", "/a", 40, 100)
    stats.log_error("GET", "/a", ValueError("broken"))


def test_every_route_has_its_name_and_methods(ui: WebUI) -> None:
    rules = {str(rule): (rule.endpoint, rule.methods - {"HEAD", "OPTIONS"}) for rule in ui.app.url_map.iter_rules()}
    assert {route: rules.get(route) for route in ROUTES} == ROUTES
    assert rules.keys() >= OF_OUR_OWN


def test_the_cache_of_the_statistics_can_be_cleared(ui: WebUI, client: Any) -> None:
    assert client.get("/stats/requests").json["total_rps"] == 0
    log_some(ui)
    assert [row["name"] for row in client.get("/stats/requests").json["stats"]] == ["Aggregated"]
    ui.app.view_functions["locust.request_stats"].clear_cache()
    assert [row["name"] for row in client.get("/stats/requests").json["stats"]] == ["/a", "/b", "Aggregated"]


def test_routes_move_under_the_base_path(make_ui: MakeUI) -> None:
    client = make_ui(ui={"web_base_path": "base/"}).app.test_client()
    assert client.get("/base/worker-count").json == {"worker_count": 0}
    assert client.get("/worker-count").status_code == 404


def test_index_shows_the_template_args(ui: WebUI, client: Any) -> None:
    ui.template_args["all_profiles"] = ["one", "two"]
    page = client.get("/")
    assert page.status_code == 200
    shown = re.search(r'<script type="application/json" id="template-args">(.*?)</script>', page.text, re.DOTALL)
    assert shown
    args = json.loads(shown[1])
    ours = {"precise", "shapes_with_common_options", "iterations", "run_time_from_ramp_end", "thresholds"}
    ours |= {"arrival_rate", "has_arrivals", "max_users", "intended_start", "scenario_classes", "has_classes"}
    assert set(args) == {*TEMPLATE_ARGS, *ours, "all_profiles"}
    assert args["host"] == "http://target.example"
    assert args["available_user_classes"] == ["Admin", "Buyer"]
    assert args["available_shape_classes"] == ["Default", "Steady"]
    assert args["available_user_tasks"] == {"Buyer": ["buy", "buy", "look"], "Admin": ["manage"]}
    assert args["users"]["Buyer"] == {
        "host": None,
        "weight": 3,
        "fixed_count": 0,
        "tasks": ["buy", "buy", "look"],
    }


def test_index_without_a_runner_says_so(make_ui: MakeUI) -> None:
    page = make_ui(with_runner=False).app.test_client().get("/")
    assert page.status_code == 500
    assert page.text == "Error: Locust Environment does not have any runner"


def test_stats_requests_has_its_shape(ui: WebUI, client: Any) -> None:
    log_some(ui)
    report = client.get("/stats/requests").json
    assert set(report) == {
        "stats", "errors", "current_rps", "current_fail_per_sec", "total_rps", "total_fail_per_sec", "fail_ratio",
        "current_response_time_percentiles", "current_response_time_percentile_50",
        "current_response_time_percentile_95", "state", "user_count",
    }  # fmt: skip
    assert [(row["name"], row["num_requests"]) for row in report["stats"]] == [("/a", 2), ("/b", 1), ("Aggregated", 3)]
    assert all(set(row) == ROW for row in report["stats"])
    assert set(report["errors"][0]) == {"method", "name", "error", "occurrences", "first_seen", "last_seen"}
    assert set(report["current_response_time_percentiles"]) == {
        "response_time_percentile_0.5",
        "response_time_percentile_0.95",
    }
    assert report["state"] == "ready"


def test_rows_of_stats_requests_are_those_of_to_dict(ui: WebUI, client: Any) -> None:
    log_some(ui)
    stats = ui.environment.stats
    rows = client.get("/stats/requests").json["stats"]
    expected = [stats.get("/a", "GET").to_dict(), stats.get("/b", "GET").to_dict(), stats.total.to_dict()]
    assert rows == json.loads(json.dumps(expected))


def test_stats_requests_is_kept_for_two_seconds(ui: WebUI, client: Any) -> None:
    first = client.get("/stats/requests").data
    log_some(ui)
    assert client.get("/stats/requests").data == first


def test_stats_requests_names_500_rows_and_the_aggregated_one(ui: WebUI, client: Any) -> None:
    for number in range(600):
        ui.environment.stats.log_request("GET", f"/{number:03}", 1, 1)
        ui.environment.stats.log_error("GET", f"/{number:03}", "e")
    report = client.get("/stats/requests").json
    assert (len(report["stats"]), len(report["errors"])) == (501, 500)
    assert report["stats"][-1]["name"] == "Aggregated"


def test_stats_requests_without_a_runner_has_another_shape(make_ui: MakeUI) -> None:
    report = make_ui(with_runner=False).app.test_client().get("/stats/requests").json
    assert report["state"] == "missing"
    assert report["user_count"] == 0
    assert report["current_response_time_percentile_1"] is None
    assert report["current_response_time_percentile_2"] is None


def test_percentile_columns_follow_the_constants(ui: WebUI, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import locust_rs.stats

    monkeypatch.setattr(locust_rs.stats, "PERCENTILES_TO_STATISTICS", [0.5, 0.999])
    monkeypatch.setattr(locust_rs.stats, "PERCENTILES_TO_CHART", [0.9])
    log_some(ui)
    report = client.get("/stats/requests").json
    assert {key for key in report["stats"][0] if "percentile" in key} == {
        "response_time_percentile_0.5",
        "response_time_percentile_0.999",
    }
    assert list(report["current_response_time_percentiles"]) == ["response_time_percentile_0.9"]


def test_reset_fires_the_event_and_clears_the_numbers(ui: WebUI, client: Any) -> None:
    log_some(ui)
    ui.environment.runner.log_exception("local", "broken", "line 1")
    fired: list[bool] = []
    ui.environment.events.reset_stats.add_listener(lambda **_kw: fired.append(True))
    answer = client.post("/stats/reset")
    assert answer.text == "ok"
    assert fired == [True]
    assert ui.environment.stats.num_requests == 0
    assert client.get("/exceptions").json == {"exceptions": []}


def test_exceptions_have_count_message_traceback_and_nodes(ui: WebUI, client: Any) -> None:
    for node in ("worker_2", "worker_1", "worker_1"):
        ui.environment.runner.log_exception(node, "broken", "line 1")
    assert client.get("/exceptions").json == {
        "exceptions": [{"count": 3, "msg": "broken", "traceback": "line 1", "nodes": "worker_1, worker_2"}]
    }


def test_tasks_have_both_ratios(client: Any) -> None:
    assert set(client.get("/tasks").json) == {"per_class", "total"}


def test_logs_have_those_of_the_workers(ui: WebUI, client: Any) -> None:
    ui.environment.worker_logs["w1"] = ["a line"]
    assert client.get("/logs").json["workers"] == {"w1": ["a line"]}


def test_login_leads_to_the_page_where_none_is_needed(client: Any) -> None:
    answer = client.get("/login")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/stats/requests/csv", "requests"),
        ("/stats/failures/csv", "failures"),
        ("/exceptions/csv", "exceptions"),
    ],
)
def test_csv_files_are_named_after_time_locustfile_and_host(client: Any, path: str, name: str) -> None:
    answer = client.get(path)
    assert answer.headers["Content-Type"] == "text/csv"
    assert re.fullmatch(
        rf"attachment;filename=Locust_\d{{4}}-\d\d-\d\d-\d\dh\d\d_locustfile\.py_http_target\.example_{name}\.csv",
        answer.headers["Content-Disposition"],
    )


def test_requests_csv_has_the_documented_columns(ui: WebUI, client: Any) -> None:
    log_some(ui)
    lines = client.get("/stats/requests/csv").text.split("\r\n")
    assert lines[0] == (
        "Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,Min Response Time,"
        "Max Response Time,Average Content Size,Requests/s,Failures/s,50%,66%,75%,80%,90%,95%,98%,99%,99.9%,99.99%,100%"
    )
    assert [line.split(",")[:3] for line in lines[1:4]] == [
        ["GET", "/a", "2"],
        ["GET", "/b", "1"],
        ["", "Aggregated", "3"],
    ]


def test_full_history_needs_its_option(client: Any) -> None:
    answer = client.get("/stats/requests_full_history/csv")
    assert answer.status_code == 404
    assert answer.text == "Error: Server was not started with option to generate full history."


def test_report_download_has_its_name(client: Any) -> None:
    answer = client.get("/stats/report?download=1&theme=dark")
    assert re.fullmatch(
        r"attachment;filename=Locust_\d{4}-\d\d-\d\d-\d\dh\d\d_locustfile\.py_http_target\.example\.html",
        answer.headers["Content-Disposition"],
    )
    assert "Content-Disposition" not in client.get("/stats/report").headers


@pytest.mark.parametrize("path", ["/stop", "/swarm", "/stats/reset", "/user"])
def test_state_changes_are_post_only(client: Any, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_routes_of_a_locustfile_work_beside(ui: WebUI) -> None:
    @ui.app.route("/added_page")
    def my_added_page() -> str:
        return "Another page"

    @ui.app.route("/runs")
    def my_runs() -> str:
        return "Runs of mine"

    @ui.app.route("/guarded")
    @ui.auth_required_if_enabled
    def guarded() -> str:
        return "custom response"

    client = ui.app.test_client()
    assert client.get("/added_page").text == "Another page"
    assert client.get("/runs").text == "Runs of mine"
    assert client.get("/guarded").text == "custom response"


def test_plugins_extend_stats_requests_after_the_request(ui: WebUI) -> None:
    @ui.app.after_request
    def extend(response: Any) -> Any:
        from flask import request

        if request.path == "/stats/requests":
            body = response.get_json()
            body["extended_stats"] = [{"key": "content-length", "data": [{"name": "/a", "safe_name": "/a"}]}]
            response.set_data(json.dumps(body))
        return response

    report = ui.app.test_client().get("/stats/requests").json
    assert report["extended_stats"][0]["key"] == "content-length"


def test_a_blueprint_may_render_the_page_with_args_of_its_own(make_ui: MakeUI) -> None:
    from flask import Blueprint, render_template

    ui = make_ui(ui={"web_base_path": "/base"})
    extension = Blueprint("extension", __name__, url_prefix="/extend")

    @extension.route("/")
    def extended() -> str:
        ui.update_template_args()
        ui.template_args["extended_tabs"] = [{"title": "Sizes", "key": "sizes"}]
        return render_template("index.html", template_args=ui.template_args)

    ui.app.register_blueprint(extension)
    page = ui.app.test_client().get("/extend/")
    assert '"extended_tabs": [{"key": "sizes", "title": "Sizes"}]' in page.text
    assert 'window.baseUrl = "/base"' in page.text
    assert 'src="/base/assets/' in page.text
    nonce = re.search(r"'nonce-([^']+)'", page.headers["Content-Security-Policy"])
    assert nonce
    assert f'nonce="{nonce[1]}"' in page.text


def test_a_build_of_ones_own_replaces_the_pages(make_ui: MakeUI, tmp_path: Any) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "own.js").write_text("own")
    (tmp_path / "index.html").write_text("<script>window.templateArgs = {{ template_args|tojson }}</script>")
    client = make_ui(ui={"build_path": str(tmp_path)}).app.test_client()
    page = client.get("/")
    assert '"locustfile": "locustfile.py"' in page.text
    assert "script-src" not in page.headers["Content-Security-Policy"]
    with client.get("/assets/own.js") as asset:
        assert asset.text == "own"
    assert client.get("/assets/../index.html").status_code == 404


def test_build_path_must_be_a_folder(make_ui: MakeUI) -> None:
    with pytest.raises(ValueError, match="--build-path is not a folder: '/nowhere'"):
        make_ui(ui={"build_path": "/nowhere"})


def test_the_login_manager_needs_web_login(ui: WebUI) -> None:
    with pytest.raises(AttributeError, match="only available with --web-login"):
        ui.login_manager  # noqa: B018
