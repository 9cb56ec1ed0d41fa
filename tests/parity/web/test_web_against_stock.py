"""The web UI of both, side by side: the same requests get the same answers."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import requests

from polling import until
from web_case.process import LOCUSTFILES, PATIENCE_S, Locust, Target, locust, target

pytestmark = pytest.mark.stock


class Pair(NamedTuple):
    """The same locustfile on both."""

    ours: Locust
    stock: Locust
    target: Target


def free_ports(count: int) -> list[int]:
    """Ports of the loopback interface that nobody listens on."""
    import socket

    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


@pytest.fixture(scope="module")
def pair(stock_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("parity")
    arguments = ["-f", str(LOCUSTFILES / "shop.py"), "--class-picker"]
    with ExitStack() as stack:
        aim = stack.enter_context(target())
        arguments += ["--host", aim.url]
        ports = free_ports(2)
        ours = stack.enter_context(locust(arguments, folder / "ours.log", port=ports[0]))
        stock = stack.enter_context(locust(arguments, folder / "stock.log", port=ports[1], python=stock_python))
        yield Pair(ours, stock, aim)


def shape_of(value: Any) -> Any:
    """Keys and types instead of values; a list is represented by its first item."""
    if isinstance(value, dict):
        return {key: shape_of(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape_of(value[0])] if value else []
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def rounded(value: Any) -> Any:
    """Ratios without the last digits, which depend on the order of multiplications."""
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    return round(value, 9) if isinstance(value, float) else value


def of_both(pair: Pair, path: str) -> tuple[Any, Any]:
    return pair.ours.get(path), pair.stock.get(path)


def assert_given_the_same(ours: Locust, stock: Locust) -> None:
    """Equal, except for the additional keys that our page needs."""
    given = ours.template_args()
    given.pop("shapes_with_common_options")
    assert given.pop("precise") is False  # whether the page shows precise times, by an option of ours
    assert given.pop("iterations") is None  # two limits of our form
    assert given.pop("run_time_from_ramp_end") is False
    assert given.pop("thresholds") == []  # an option of ours, too
    assert [given.pop(name) for name in ("arrival_rate", "has_arrivals", "max_users")] == [None, False, None]
    assert given.pop("intended_start") is False
    assert given.pop("scenario_classes") == []
    given.pop("has_classes")  # whether there is a tab of classes
    assert given == stock.template_args()


def test_the_page_is_given_the_same(pair: Pair) -> None:
    assert_given_the_same(pair.ours, pair.stock)


@pytest.mark.parametrize(
    "form",
    [
        "",
        "user_count=1",
        "user_count=x&spawn_rate=1",
        "user_count=1.5&spawn_rate=1",
        "user_count=-1&spawn_rate=1",
        "user_count=1&spawn_rate=0",
        "user_count=1&spawn_rate=nan",
        "user_count=1&spawn_rate=inf",
        "user_count=1&spawn_rate=zz",
        "user_count=1&spawn_rate=1&run_time=zz",
        "user_count=0&spawn_rate=1&run_time=",
        "user_count=0&spawn_rate=1&run_time=1h20m&user_classes=Idle",
        "user_count=0&spawn_rate=1&user_classes=Idle&user_classes=Buyer&my_multi=a&my_multi=b&my_int=7&my_bool=false",
        "user_count=0&spawn_rate=1&shape_class=Default&profile=night&unknown=1",
        "user_count=0&spawn_rate=1&host=",
    ],
)
def test_forms_get_the_same_answers(pair: Pair, form: str) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answers = [each.post("/swarm", data=form, headers=headers) for each in (pair.ours, pair.stock)]
    assert answers[0].status_code == answers[1].status_code == 200
    assert answers[0].json() == answers[1].json()
    stops = [each.post("/stop") for each in (pair.ours, pair.stock)]
    assert stops[0].json() == stops[1].json() == {"success": True, "message": "Test stopped"}


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/stop"), ("GET", "/swarm"), ("GET", "/stats/reset"), ("GET", "/user"), ("GET", "/nowhere"),
     ("GET", "/assets/nowhere.js"), ("GET", "/login"), ("GET", "/stats/requests_full_history/csv"),
     ("POST", "/stats/requests"), ("OPTIONS", "/stop"), ("HEAD", "/stats/requests")],
)  # fmt: skip
def test_methods_and_codes_are_the_same(pair: Pair, method: str, path: str) -> None:
    ours, stock = (
        requests.request(method, each.url + path, timeout=PATIENCE_S, allow_redirects=False)
        for each in (pair.ours, pair.stock)
    )
    assert ours.status_code == stock.status_code
    allowed = [{part.strip() for part in each.headers.get("Allow", "").split(",")} for each in (ours, stock)]
    assert allowed[0] == allowed[1]
    assert ours.headers.get("Location") == stock.headers.get("Location")


def test_a_user_is_changed_alike(pair: Pair) -> None:
    for settings in (
        {"weight": 2},
        {"host": "http://x.example"},
        {"tasks": ["hello"]},
        {"fixed_count": 0, "weight": 3},
    ):
        body = {"user_class_name": "Buyer", **settings}
        ours, stock = (each.post("/user", json=body) for each in (pair.ours, pair.stock))
        assert (ours.status_code, ours.json()) == (stock.status_code, stock.json()) == (201, {})
    assert pair.ours.template_args()["users"] == pair.stock.template_args()["users"]
    every_task = {"user_class_name": "Buyer", "tasks": ["hello", "bad", "boom"], "host": pair.target.url}
    assert {each.post("/user", json=every_task).status_code for each in (pair.ours, pair.stock)} == {201}


def test_a_run_shows_the_same(pair: Pair) -> None:
    both = (pair.ours, pair.stock)
    for each in both:
        each.post("/stats/reset")
        answer = each.post("/swarm", data={"user_count": "4", "spawn_rate": "4", "host": pair.target.url})
        assert answer.json()["success"]

    def has_seen_all(each: Locust) -> bool:
        report = each.get("/stats/requests")
        return len(report["stats"]) == 3 and len(report["errors"]) == 1 and bool(each.get("/exceptions")["exceptions"])

    for each in both:
        until(lambda each=each: has_seen_all(each), "both endpoints, a failure and an exception are seen")
    for path in ("/tasks", "/worker-count"):
        ours, stock = of_both(pair, path)
        assert rounded(ours) == rounded(stock), path
    for each in both:
        each.post("/stop")
    until(lambda: all(each.get("/stats/requests")["state"] == "stopped" for each in both), "both have stopped")

    ours, stock = of_both(pair, "/stats/requests")
    for percentile in (50, 95):
        assert ours.pop(f"current_response_time_percentile_{percentile}") >= 0
    assert shape_of(ours) == shape_of(stock)
    assert [row["name"] for row in ours["stats"]] == [row["name"] for row in stock["stats"]]
    assert ours["errors"][0]["error"] == stock["errors"][0]["error"]
    ours, stock = of_both(pair, "/exceptions")
    assert shape_of(ours) == shape_of(stock)
    assert [(row["msg"], row["nodes"]) for row in ours["exceptions"]] == [
        (row["msg"], row["nodes"]) for row in stock["exceptions"]
    ]
    assert shape_of(pair.ours.get("/logs")) == shape_of(pair.stock.get("/logs"))


@pytest.mark.parametrize("path", ["/stats/requests/csv", "/stats/failures/csv", "/exceptions/csv"])
def test_files_are_the_same(pair: Pair, path: str) -> None:
    ours, stock = (requests.get(each.url + path, timeout=PATIENCE_S) for each in (pair.ours, pair.stock))
    assert ours.headers["Content-Type"] == stock.headers["Content-Type"]
    tables = [list(csv.reader(each.text.splitlines())) for each in (ours, stock)]
    assert tables[0][0] == tables[1][0]
    names = [re.sub(r"[^A-Za-z0-9._;=-]+", "_", each.headers["Content-Disposition"]) for each in (ours, stock)]
    minute = re.compile(r"\d{4}-\d\d-\d\d-\d\dh\d\d")
    assert minute.sub("T", names[0]) == minute.sub("T", names[1])


def test_the_report_is_given_the_same(pair: Pair) -> None:
    import json

    given = []
    for each in (pair.ours, pair.stock):
        page = requests.get(f"{each.url}/stats/report?theme=dark", timeout=PATIENCE_S).text
        for start in ('id="template-args">', "window.templateArgs = "):
            _, found, rest = page.rpartition(start)
            if found:
                given.append(json.JSONDecoder().raw_decode(rest.strip())[0])
                break
    ours, stock = given
    assert stock.keys() <= ours.keys()
    for key in stock.keys() - {"history", "tasks"}:
        assert shape_of(ours[key]) == shape_of(stock[key]), key
    assert ours["host"] == stock["host"]


def test_a_shape_of_the_locustfile_starts_alike(stock_python: Path, tmp_path: Path) -> None:
    arguments = ["-f", str(LOCUSTFILES / "shaped.py")]
    with ExitStack() as stack:
        ports = free_ports(2)
        ours = stack.enter_context(locust(arguments, tmp_path / "ours.log", port=ports[0]))
        stock = stack.enter_context(locust(arguments, tmp_path / "stock.log", port=ports[1], python=stock_python))
        assert_given_the_same(ours, stock)
        answers = [each.post("/swarm", data={"shape_class": "Default"}).json() for each in (ours, stock)]
        assert answers[0] == answers[1]
        for each in (ours, stock):
            until(lambda each=each: each.get("/stats/requests")["user_count"] == 2, "the shape's users run")
            each.post("/stop")
