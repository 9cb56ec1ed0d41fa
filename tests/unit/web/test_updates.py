"""`/stats/updates` and `/stats/history` send only what changed, and all of it."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from locust_rs._tunables import web as tunables
from locust_rs.stats import update_stats_history
from locust_rs.web import WebUI
from locust_rs.web.changes import ChangeLog
from web_case.fixtures import MakeUI


@pytest.fixture(autouse=True)
def _compare_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tunables, "UPDATES_CACHE_TIME", -1)


def poll(client: Any, since: str = "", **query: str) -> dict[str, Any]:
    answer = client.get("/stats/updates", query_string={"since": since, **query})
    assert answer.status_code == 200
    return answer.json


def names(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(row["name"] for row in rows)


def test_the_first_answer_is_complete(ui: WebUI, client: Any) -> None:
    for number in range(1200):
        ui.environment.stats.log_request("GET", f"/{number}", 10, 5)
    answer = poll(client)
    assert answer["full"] is True
    assert len(answer["entries"]) == 1200
    assert answer["totals"]["num_requests"] == 1200
    assert (answer["state"], answer["user_count"], answer["worker_count"]) == ("ready", 0, 0)
    assert (answer["run_time_s"], answer["run_time_limit_s"]) == (None, None)
    assert answer["host"] == "http://target.example"


def test_totals_are_of_the_same_moment_as_the_rows(ui: WebUI, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tunables, "UPDATES_CACHE_TIME", 3600)
    stats = ui.environment.stats
    stats.log_request("GET", "/a", 10, 5)
    for _ in range(2):
        answer = poll(client)
        assert answer["totals"]["num_requests"] == answer["entries"][0]["num_requests"] == 1
        stats.log_request("GET", "/a", 10, 5)
    # The answer that tells the end of a test has the final numbers.
    ui.environment.runner.state = "stopped"
    answer = poll(client)
    assert (answer["state"], answer["totals"]["num_requests"], answer["entries"][0]["num_requests"]) == (
        "stopped",
        3,
        3,
    )


def test_a_row_is_that_of_to_dict(ui: WebUI, client: Any) -> None:
    ui.environment.stats.log_request("GET", "/a", 12.6, 5)
    assert poll(client)["entries"] == [ui.environment.stats.get("/a", "GET").to_dict()]


def test_quiet_rows_are_not_sent_again(ui: WebUI, client: Any) -> None:
    stats = ui.environment.stats
    stats.log_request("GET", "/a", 10, 5)
    stats.log_request("GET", "/b", 10, 5)
    for entry in (*stats.entries.values(), stats.total):  # long ago
        entry.start_time -= 1000
        entry.last_request_timestamp -= 1000
        entry.num_reqs_per_sec = {}
    cursor = poll(client)["cursor"]
    second = poll(client, cursor)
    assert (second["full"], second["entries"]) == (False, [])
    stats.log_request("GET", "/b", 10, 5)
    third = poll(client, second["cursor"])
    assert "/b" in names(third["entries"])
    assert next(row for row in third["entries"] if row["name"] == "/b")["num_requests"] == 2


def test_deltas_add_up_to_the_whole(ui: WebUI, client: Any) -> None:
    stats = ui.environment.stats
    held: dict[Any, Any] = {}
    cursor = ""
    for number in range(30):
        stats.log_request("GET", f"/{number % 7}", number, number)
        if number % 5 == 0:
            stats.log_error("GET", f"/{number % 7}", f"error {number % 2}")
        answer = poll(client, cursor)
        cursor = answer["cursor"]
        if answer["full"]:
            held.clear()
        held.update({(row["method"], row["name"]): row for row in answer["entries"]})
    whole = poll(client)
    assert held == {(row["method"], row["name"]): row for row in whole["entries"]}
    assert {key: row["num_requests"] for key, row in held.items()} == {
        (entry.method, entry.name): entry.num_requests for entry in stats.entries.values()
    }


@pytest.mark.parametrize("cursor", ["", "x", "abcdef01-1", "-", "-1", "²", "a" * 5000, "\x00"])
def test_an_unknown_cursor_gets_everything(ui: WebUI, client: Any, cursor: str) -> None:
    ui.environment.stats.log_request("GET", "/a", 10, 5)
    assert poll(client, cursor)["full"] is True


def test_a_cursor_from_the_future_gets_everything(client: Any) -> None:
    identity = poll(client)["cursor"].split("-")[0]
    assert poll(client, f"{identity}-99")["full"] is True


def test_a_reset_makes_cursors_void(ui: WebUI, client: Any) -> None:
    ui.environment.stats.log_request("GET", "/a", 10, 5)
    cursor = poll(client)["cursor"]
    client.post("/stats/reset")
    answer = poll(client, cursor)
    assert (answer["full"], answer["totals"]["num_requests"]) == (True, 0)


def test_statistics_cleared_behind_its_back_are_noticed(ui: WebUI, client: Any) -> None:
    ui.environment.stats.log_request("GET", "/a", 10, 5)
    cursor = poll(client)["cursor"]
    ui.environment.stats.clear_all()
    answer = poll(client, cursor)
    assert (answer["full"], answer["entries"]) == (True, [])


def test_removed_endpoints_and_errors_are_named(ui: WebUI, client: Any) -> None:
    stats = ui.environment.stats
    stats.log_request("GET", "/gone", 10, 5)
    stats.log_error("GET", "/gone", "lost")
    stats.log_request("GET", "/kept", 10, 5)
    cursor = poll(client)["cursor"]
    del stats.entries["/gone", "GET"]
    stats.errors.clear()
    answer = poll(client, cursor)
    assert answer["removed"] == [{"method": "GET", "name": "/gone"}]
    assert answer["errors_removed"] == [{"method": "GET", "name": "/gone", "error": "lost"}]
    assert poll(client)["removed"] == []


def test_errors_are_sent_when_they_occur_again(ui: WebUI, client: Any) -> None:
    stats = ui.environment.stats
    stats.log_error("GET", "/a", ValueError("broken"))
    first = poll(client)
    assert first["errors"][0]["occurrences"] == 1
    assert first["errors"][0]["first_seen"].endswith("Z")
    second = poll(client, first["cursor"])
    assert second["errors"] == []
    stats.log_error("GET", "/a", ValueError("broken"))
    assert poll(client, second["cursor"])["errors"][0]["occurrences"] == 2


def test_further_percentiles_are_columns_as_written(ui: WebUI, client: Any) -> None:
    for ms in range(1, 101):
        ui.environment.stats.log_request("GET", "/a", ms, 5)
    answer = poll(client, percentiles="0.50,0.9,1")
    row = answer["entries"][0]
    assert (row["response_time_percentile_0.50"], row["response_time_percentile_0.9"]) == (51, 91)
    assert {"response_time_percentile_1", "response_time_percentile_0.95"} <= answer["totals"].keys()
    # Another set of columns has another comparison.
    assert poll(client, answer["cursor"])["full"] is True


TOO_MANY = ",".join(f"0.{number}" for number in range(10, 23))


@pytest.mark.parametrize("percentiles", ["x", "0", "1.1", "nan", "inf", "-0.5", "0.5;0.9", TOO_MANY])
def test_bad_percentiles_are_refused(client: Any, percentiles: str) -> None:
    answer = client.get("/stats/updates", query_string={"percentiles": percentiles})
    assert answer.status_code == 400
    assert "'percentiles'" in answer.json["message"]


def test_history_is_sent_once(ui: WebUI, client: Any) -> None:
    runner = ui.environment.runner
    ui.environment.stats.log_request("GET", "/a", 10, 5)
    update_stats_history(runner, "2026-01-31T12:00:00Z")
    first = poll(client)
    assert [point["time"] for point in first["history"]] == ["2026-01-31T12:00:00Z"]
    assert {"user_count", "current_rps", "current_fail_per_sec", "total_avg_response_time"} < first["history"][0].keys()
    assert not any(isinstance(value, list) for value in first["history"][0].values())
    update_stats_history(runner, "2026-01-31T12:00:05Z")
    second = poll(client, first["cursor"])
    assert [point["time"] for point in second["history"]] == ["2026-01-31T12:00:05Z"]


def test_the_run_time_counts_and_stands_still(ui: WebUI, client: Any) -> None:
    events = ui.environment.events
    events.test_start.fire(environment=ui.environment)
    assert poll(client)["run_time_s"] >= 0
    events.test_stop.fire(environment=ui.environment)
    assert poll(client)["run_time_s"] == poll(client)["run_time_s"]


def test_workers_are_rows(make_ui: MakeUI, monkeypatch: pytest.MonkeyPatch) -> None:
    from locust_rs.runners import WorkerNode

    ui = make_ui()
    runner: Any = ui.environment.runner
    worker = WorkerNode("w1", state="running")
    monkeypatch.setattr(type(runner), "is_master", True)
    monkeypatch.setattr(runner, "clients", {"w1": worker}, raising=False)
    client = ui.app.test_client()
    first = poll(client)
    assert [set(row) for row in first["workers"]] == [{"id", "state", "user_count", "cpu_usage", "memory_usage"}]
    second = poll(client, first["cursor"])
    assert second["workers"] == []
    worker.state = "missing"
    third = poll(client, second["cursor"])
    assert [row["state"] for row in third["workers"]] == ["missing"]
    runner.clients.clear()
    assert poll(client, third["cursor"])["workers_removed"] == ["w1"]


def test_history_of_an_endpoint_says_what_happened_between_points(ui: WebUI, client: Any) -> None:
    stats, history = ui.environment.stats, ui.endpoint_history
    stats.log_request("GET", "/a", 10, 5)
    history.record(3)  # the first reading is the ground
    for ms in (100, 100, 100, 200):
        stats.log_request("GET", "/a", ms, 5)
    stats.log_error("GET", "/a", "broken")
    history.record(4)
    history.record(5)
    busy, quiet = client.get("/stats/history?name=/a&method=GET").json["history"]
    assert (busy["user_count"], busy["total_avg_response_time"]) == (4, 125)
    assert busy["current_rps"] == pytest.approx(4 * busy["current_fail_per_sec"])
    assert (busy["response_time_percentile_0.5"], busy["response_time_percentile_0.95"]) == (100, 200)
    assert quiet["current_rps"] == 0
    assert (quiet["total_avg_response_time"], quiet["response_time_percentile_0.5"]) == (None, None)
    assert client.get("/stats/history", query_string={"name": "/a", "method": "GET", "since": busy["time"]}).json[
        "history"
    ] == ([] if quiet["time"] == busy["time"] else [quiet])


def test_history_of_an_unknown_endpoint_is_empty(client: Any) -> None:
    assert client.get("/stats/history?name=/nowhere&method=GET").json == {
        "name": "/nowhere",
        "method": "GET",
        "history": [],
    }


def test_history_of_the_run_is_that_of_aggregated(ui: WebUI, client: Any) -> None:
    update_stats_history(ui.environment.runner, "2026-01-31T12:00:00Z")
    points = client.get("/stats/history?name=Aggregated&method=").json["history"]
    assert [point["time"] for point in points] == ["2026-01-31T12:00:00Z"]


def test_history_of_endpoints_is_bounded(ui: WebUI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tunables, "ENDPOINT_HISTORY_POINTS", 10)
    monkeypatch.setattr(tunables, "ENDPOINT_HISTORY_ENDPOINTS", 2)
    for number in range(50):
        for name in ("/a", "/b", "/c"):
            ui.environment.stats.log_request("GET", name, 10, 5)
        ui.endpoint_history.record(number)
    series = ui.endpoint_history._series
    assert set(series) == {("/a", "GET"), ("/b", "GET")}
    assert all(len(each.columns[0]) <= 10 for each in series.values())
    users = list(series["/a", "GET"].columns[1])
    assert users == sorted(users)
    assert users[-1] == 49


def test_a_new_test_begins_with_no_history(ui: WebUI) -> None:
    for _ in range(2):
        ui.environment.stats.log_request("GET", "/a", 10, 5)
        ui.endpoint_history.record(1)
    ui.environment.events.test_start.fire(environment=ui.environment)
    assert ui.endpoint_history.points("/a", "GET", "") == []


def test_a_change_log_makes_rows_only_when_their_mark_differs() -> None:
    log: ChangeLog[str] = ChangeLog()
    made: list[int] = []

    def make(number: int) -> str:
        made.append(number)
        return f"row {number}"

    for number, mark in enumerate(["a", "a", "b"], start=1):
        log.put("key", mark, partial(make, number), number)
    assert made == [1, 3]
    assert (log.changed_after(1), log.changed_after(3)) == (["row 3"], [])
    log.keep_only([], 4)
    assert (log.removed_after(3), log.removed_after(4)) == ({"key": "row 3"}, {})
