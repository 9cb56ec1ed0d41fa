"""How each class of a test stands, for the page and the report."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import gevent
import pytest

from locust_rs import User, constant
from locust_rs.env import Environment
from locust_rs.runners.scenarios.rows import class_rows
from locust_rs.stats.history import update_stats_history
from locust_rs.web.updates import UpdateTracker


def work(user: Any) -> None:
    gevent.sleep(user.lasts_s)


def of_class(name: str, **attributes: Any) -> Any:
    return type(name, (User,), {"tasks": [work], "wait_time": constant(0.01), "lasts_s": 0.01, **attributes})


@pytest.fixture
def runner() -> Iterator[Any]:
    environment = Environment(
        user_classes=[
            of_class("Spike", user_stages=[(0, 4)], start_after=1000, run_for=1000, graceful_stop=600),
            of_class("Crowd", arrival_rate=100, run_for=0.1),
            of_class("Resident"),
        ]
    )
    made = environment.create_local_runner()
    yield made
    made.stop_at_once()
    made.quit()


def states(runner: Any) -> dict[str, str]:
    return {row["name"]: row["state"] for row in class_rows(runner)}


def test_a_class_waits_runs_stops_and_ends(runner, until) -> None:
    assert states(runner) == {"Crowd": "waiting", "Resident": "waiting", "Spike": "waiting"}
    runner.start(2, 100)
    until(lambda: states(runner) == {"Crowd": "ended", "Resident": "running", "Spike": "waiting"})
    runner.scenarios._clock.begin(1000)
    until(lambda: states(runner)["Spike"] == "running" and runner.user_classes_count["Spike"] == 4)
    begun: list[Any] = []
    spike = runner.user_classes_by_name["Spike"]
    spike.tasks = [lambda user: begun.append(user) or gevent.sleep(600)]
    until(lambda: len(begun) == 4)
    runner.scenarios._clock.begin(2000)
    until(lambda: states(runner) == {"Crowd": "ended", "Resident": "running", "Spike": "stopping"})
    runner.stop_at_once()
    assert states(runner) == {"Crowd": "ended", "Resident": "ended", "Spike": "ended"}


def test_the_page_is_told_users_those_that_are_meant_and_arrivals(runner, until) -> None:
    runner.start(2, 100)
    until(lambda: "Crowd" in runner.arrivals.ended)
    runner.scenarios._clock.begin(1000)
    until(lambda: runner.user_classes_count == {"Spike": 4, "Crowd": 0, "Resident": 2})
    until(lambda: runner.target_user_classes_count.get("Resident") == 2)
    answer = json.loads(UpdateTracker(runner.environment).changes_json("", ()))
    crowd, resident, spike = answer["classes"]
    assert answer["target_user_count"] == 6
    assert resident == {"name": "Resident", "state": "running", "users": 2, "users_meant": 2, "arrivals": None}
    assert (spike["users"], spike["users_meant"], spike["arrivals"]) == (4, 4, None)
    assert (crowd["users_meant"], crowd["arrivals"]["begun"]) == (None, 10)


def test_the_target_is_that_of_the_ramp_and_of_the_scenarios(until) -> None:
    environment = Environment(user_classes=[of_class("Soak", user_stages=[(0, 4)], run_for=600), of_class("Resident")])
    runner = environment.create_local_runner()
    try:
        runner.start(2, 100)
        until(lambda: runner.user_count == 6)
        assert json.loads(UpdateTracker(environment).changes_json("", ()))["target_user_count"] == 6
    finally:
        runner.quit()


def test_the_history_has_the_users_of_each_class(runner, until) -> None:
    runner.start(2, 100)
    until(lambda: runner.user_classes_count["Resident"] == 2)
    update_stats_history(runner)
    assert runner.stats.history[-1]["users_by_class"][1]["Resident"] == 2


def test_the_history_of_a_single_class_has_nothing_more() -> None:
    runner = Environment(user_classes=[of_class("Resident")]).create_local_runner()
    try:
        update_stats_history(runner)
        assert "users_by_class" not in runner.stats.history[-1]
    finally:
        runner.quit()
