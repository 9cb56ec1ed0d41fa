"""The routes below `/runs`: the list, a run as the report shows it, its course, differences, labels."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from drawn_times import intervals_text, lognormal
from locust_rs.history.compare import compare
from locust_rs.history.findings import finding
from locust_rs.history.model import KeptRun, Run
from locust_rs.history.record import new_run, present_run
from locust_rs.history.store import Store
from locust_rs.web import WebUI
from locust_rs.web.kept_runs.course import Seconds

SECONDS = 30
CASES = {"/cart": 20.0, "/pay": 90.0}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "kept" / "runs.sqlite")


@pytest.fixture
def client(ui: WebUI, store: Store) -> Any:
    ui.kept_runs.offer(store)
    return ui.app.test_client()


@pytest.fixture
def keep(ui: WebUI, store: Store) -> Callable[..., KeptRun]:
    """Keeps a run of half a minute, its endpoints slower by a factor."""

    def made(seed: int = 1, slower: float = 1.0, age_s: int = 0, **labels: str) -> KeptRun:
        environment, chance = ui.environment, random.Random(seed)
        stats = environment.stats
        stats.reset_all()
        run = new_run(environment)
        drawn = {
            name: lognormal(chance, 600, SECONDS, median * slower, 0.4) for name, median in CASES.items()
        }
        for name, seconds in drawn.items():
            for time_ms in (one for second in seconds for one in second):
                stats.log_request("GET", name, time_ms, 100)
            stats.log_error("GET", name, "503")
        end = int(stats.total.last_request_timestamp) - age_s
        stats.history = [{"time": "2026-01-31T12:00:00Z", "user_count": ["2026-01-31T12:00:00Z", 7]}]
        kept = present_run(environment, run)
        for row in kept.rows:
            # The core dates requests by its own clock: these took no time.
            each = drawn[row["name"]] if row["name"] in drawn else [a + b for a, b in zip(*drawn.values(), strict=True)]
            row["intervals"] = intervals_text(each)
            row |= {"start_time": end - SECONDS, "last_request_timestamp": end}
            row["num_reqs_per_sec"] = {end - age: len(each[-1 - age]) for age in range(SECONDS)}
            row["num_fail_per_sec"] = {end: 1}
        kept.run.result["run"]["duration_s"] = float(SECONDS)
        kept.parts["page"]["taken_s"] = end
        store.finish(kept)
        store.label(kept.run, **labels)
        return kept

    return made


def test_list_has_the_figures_of_each_run_and_how_they_went(client: Any, keep: Any) -> None:
    keep(1, tag="release", note="before the move")
    keep(2)
    answer = client.get("/runs/list").json
    assert (answer["found"], [line["number"] for line in answer["runs"]]) == (2, [2, 1])
    line = answer["runs"][1]
    assert (line["tag"], line["note"], line["verdict"], line["problem"]) == ("release", "before the move", "failed", "")
    summary = line["summary"]
    assert (summary["requests"], summary["duration_s"]) == (1200, SECONDS)
    assert 20 < summary["median_ms"] < summary["p95_ms"]
    assert sum(summary["rates"]) == pytest.approx(1200)
    assert len(summary["p95s_ms"]) == SECONDS


SEARCHES = {
    "nothing": ("", 3),
    "a tag": ("release", 1),
    "words of a note": ("move before", 1),
    "a number": (" 2", 1),
    "a locustfile": ("locustfile.py", 3),
    "a percent sign": ("%", 0),
    "an underscore": ("_", 0),
    "a quote": ("' OR 1", 0),
}


@pytest.mark.parametrize("case", SEARCHES)
def test_search_looks_for(case: str, client: Any, keep: Any) -> None:
    keep(1, tag="release", note="before the move")
    keep(2)
    keep(3)
    words, found = SEARCHES[case]
    assert client.get("/runs/list", query_string={"search": words}).json["found"] == found


def test_list_comes_in_portions_and_by_profile(client: Any, ui: WebUI, keep: Any) -> None:
    for seed in (1, 2):
        keep(seed)
    ui.environment.profile = "night"
    keep(3)
    portion = client.get("/runs/list?offset=1&limit=1").json
    assert ([line["number"] for line in portion["runs"]], portion["found"]) == ([2], 3)
    assert portion["profiles"] == ["night"]
    assert [line["number"] for line in client.get("/runs/list?profile=night").json["runs"]] == [3]
    assert len(client.get("/runs/list?limit=x&offset=-1").json["runs"]) == 3


def test_run_that_was_killed_is_listed_and_says_so(client: Any, store: Store) -> None:
    store.begin(Run("a" * 32, 1.0))
    (line,) = client.get("/runs/list").json["runs"]
    assert (line["verdict"], line["summary"]) == ("no result", None)
    answer = client.get("/runs/run?run=1")
    assert (answer.status_code, answer.json["success"]) == (409, False)
    assert "has no result" in answer.json["message"]


def test_run_is_opened_as_the_report_shows_it(client: Any, ui: WebUI, keep: Any) -> None:
    keep(1)
    report = json.loads(_embedded(client.get("/stats/report").text))
    opened = client.get("/runs/run?run=last").json
    assert report.keys() - opened.keys() == {"show_download_link"}
    for name in ("requests_statistics", "response_time_statistics", "precise_response_time_statistics"):
        assert [row["name"] for row in opened[name]] == [row["name"] for row in report[name]]
    assert [row["error"] for row in opened["failures_statistics"]] == ["503", "503"]
    assert opened["run"]["number"] == 1
    total = opened["requests_statistics"][-1]
    assert (total["num_requests"], total["num_failures"]) == (1200, 2)
    assert len(opened["latencies"]) == 3


def _embedded(page: str) -> str:
    _, _, rest = page.partition('id="template-args">')
    return rest.partition("</script>")[0]


@pytest.mark.parametrize(("name", "method"), [("Aggregated", ""), ("/cart", "GET")])
def test_course_of_an_endpoint_is_dated_as_the_run_was(name: str, method: str, client: Any, keep: Any) -> None:
    day_s = 86_400
    kept = keep(1, age_s=day_s)
    end = kept.rows[0]["last_request_timestamp"]
    course = client.get("/runs/course", query_string={"run": "1", "name": name, "method": method}).json
    times = [datetime.fromisoformat(point["time"]).timestamp() for point in course["history"]]
    # Generous, because the machine may be busy; a run of yesterday must not be dated now.
    assert all(end - SECONDS - 60 < at < end + 60 for at in times)
    assert len(times) > SECONDS / 2
    assert course["history"][9]["response_time_percentile_0.5"] == pytest.approx(median_of(kept, name), rel=0.5)
    assert sum(point["current_rps"] for point in course["history"]) > 0


def median_of(kept: KeptRun, name: str) -> float:
    result = kept.run.result
    (row,) = [one for one in (*result["endpoints"], result["total"]) if one["name"] == name]
    return row["percentiles_ms"]["0.5"]


def test_counts_of_seconds_are_added_up() -> None:
    seconds = Seconds({7: 2, 3: 1, 9: 4})
    assert [seconds.between(*span) for span in ((0, 3), (3, 4), (3, 9), (0, 99), (4, 7))] == [0, 1, 3, 7, 0]


def test_course_of_an_unknown_endpoint_is_empty(client: Any, keep: Any) -> None:
    keep(1)
    assert client.get("/runs/course?run=1&name=/never&method=GET").json["history"] == []


def test_differences_are_those_of_the_command(client: Any, store: Store, keep: Any) -> None:
    keep(1)
    keep(2, slower=1.5)
    answer = client.get("/runs/differences?before=1&after=2").json
    expected = compare(store.load(store.find("1")), store.load(store.find("2")))
    assert [row["finding"] for row in answer["endpoints"]] == [finding(one) for one in expected.differences]
    assert "slower by" in answer["endpoints"][0]["finding"]
    assert (answer["before"]["number"], answer["after"]["number"]) == (1, 2)


def test_labels_are_changed_and_runs_deleted(client: Any, keep: Any) -> None:
    keep(1)
    assert client.post("/runs/label", data={"run": "1", "tag": "best", "note": "so far"}).json["success"]
    (line,) = client.get("/runs/list").json["runs"]
    assert (line["tag"], line["note"]) == ("best", "so far")
    refused = client.post("/runs/label", data={"run": "1", "tag": "7"})
    assert (refused.status_code, "cannot be a tag" in refused.json["message"]) == (409, True)
    assert client.post("/runs/delete", data={"run": "best"}).json["success"]
    assert client.get("/runs/list").json["found"] == 0
    assert client.post("/runs/delete", data={"run": "best"}).status_code == 404


@pytest.mark.parametrize("path", ["/runs/label", "/runs/delete"])
def test_other_sites_cannot_change_runs(path: str, client: Any, keep: Any) -> None:
    keep(1)
    refused = client.post(path, data={"run": "1", "tag": "x"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert refused.status_code == 403
    (line,) = client.get("/runs/list").json["runs"]
    assert line["tag"] == ""


def test_without_a_history_the_answer_says_why(ui: WebUI) -> None:
    client = ui.app.test_client()
    assert "only the command 'locust' keeps" in client.get("/runs/list").json["message"]
    ui.kept_runs.offer(None, "No runs are kept: Locust was started with --no-history")
    answer = client.get("/runs/list")
    assert (answer.status_code, "--no-history" in answer.json["message"]) == (404, True)


def test_before_the_first_run_the_list_is_empty(client: Any) -> None:
    assert client.get("/runs/list").json == {"runs": [], "found": 0, "profiles": []}


def test_damaged_file_is_told_with_what_to_do(client: Any, store: Store) -> None:
    store.path.parent.mkdir()
    store.path.write_text("no database" * 100)
    for path in ("/runs/list", "/runs/run?run=1", "/runs/course?run=1", "/runs/differences?before=1&after=2"):
        answer = client.get(path)
        assert (answer.status_code, "Move it away" in answer.json["message"]) == (409, True)
