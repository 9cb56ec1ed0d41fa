"""Users that arrive under the local runner: how many, what they run, and what ends them."""

from __future__ import annotations

import logging
from collections import Counter
from typing import Any

import gevent
import pytest
from gevent.monkey import get_original

from locust_rs import SequentialTaskSet, TaskSet, User, log, task
from locust_rs.env import Environment
from locust_rs.runners.arrivals.counts import ArrivalCounts
from locust_rs.stats.inflation import run_warnings
from locust_rs.user.arrivals import ArrivalSettings

BLOCKING_SLEEP = get_original("time", "sleep")
FORTY_IN_A_FIFTH = [(0, 200), (0.2, 200)]


class Visitor(User):
    abstract = True
    arrival_rate: Any = FORTY_IN_A_FIFTH
    seen: Counter[str]

    def on_start(self):
        self.seen["start"] += 1

    def on_stop(self):
        self.seen["stop"] += 1


def look(user):
    user.seen["look"] += 1


def visitor(**attributes: Any) -> Any:
    return type("Visitor", (Visitor,), {"seen": Counter(), "tasks": [look], **attributes})


def test_all_that_are_meant_arrive_run_once_and_end(started, until) -> None:
    user_class = visitor()
    runner = started(user_class)
    until(lambda: runner.limit_reached.is_set())
    until(lambda: runner.state == "stopped")
    assert user_class.seen == {"start": 40, "look": 40, "stop": 40}
    counts = runner.arrivals.counts["Visitor"]
    assert (counts.meant, counts.begun, counts.dropped, counts.overdue) == (40, 40, 0, 0)
    assert runner.user_count == 0


def test_as_many_iterations_as_are_stated(started, until) -> None:
    user_class = visitor(arrival_iterations=3)
    runner = started(user_class)
    until(lambda: runner.state == "stopped")
    assert user_class.seen == {"start": 40, "look": 120, "stop": 40}


def test_a_sequence_runs_once_and_another_set_one_task(started, until) -> None:
    class Steps(SequentialTaskSet):
        @task
        def first(self):
            self.user.seen["first"] += 1

        @task
        class Inner(TaskSet):
            @task
            def inside(self):
                self.user.seen["inside"] += 1

        @task
        def last(self):
            self.user.seen["last"] += 1

        def on_stop(self):
            self.user.seen["end of steps"] += 1

    user_class = visitor(tasks=[Steps])
    runner = started(user_class)
    until(lambda: runner.state == "stopped")
    forty = ("start", "first", "inside", "last", "end of steps", "stop")
    assert {name: user_class.seen[name] for name in forty} == dict.fromkeys(forty, 40)


def test_the_last_user_runs_even_if_it_takes_long_to_create(started, until) -> None:
    class Slow(Visitor):
        arrival_rate = [(0, 10), (0.2, 10)]
        seen: Counter[str] = Counter()
        tasks = [look]

        def __init__(self, environment):
            super().__init__(environment)
            gevent.sleep(0.5)

    runner = started(Slow)
    until(lambda: runner.state == "stopped")
    assert runner.arrivals.counts["Slow"].begun == 2
    assert Slow.seen == {"start": 2, "look": 2, "stop": 2}


def test_an_exception_of_a_task_is_reported_and_the_user_ends(started, until) -> None:
    def fail(user):
        raise ValueError("no")

    user_class = visitor(tasks=[fail])
    runner = started(user_class)
    until(lambda: runner.state == "stopped")
    assert [row["count"] for row in runner.exceptions.values()] == [40]
    assert user_class.seen["stop"] == 40


def test_arrivals_that_find_no_place_are_dropped_and_told(started, until) -> None:
    user_class = visitor(tasks=[lambda user: gevent.sleep(60)], max_users=7)
    runner = started(user_class)
    until(lambda: runner.arrivals.counts and runner.arrivals.counts["Visitor"].meant == 40)
    assert runner.user_count == 7
    assert runner.user_classes_count == {"Visitor": 7}
    assert runner.arrivals.counts["Visitor"].dropped == 33
    (warning,) = [line for line in run_warnings(runner.health) if "dropped" in line]
    assert warning.startswith("33 of 40 arrivals were dropped")
    assert runner.health.starts.missed == 33
    runner.environment.stop_timeout = 0.0
    runner.stop()
    assert runner.user_count == 0
    assert user_class.seen["stop"] == 7


def test_a_blocked_generator_begins_arrivals_late_and_counts_them(started, until) -> None:
    begun = []

    def block(user):
        if not begun:
            begun.append(1)
            BLOCKING_SLEEP(0.1)

    user_class = visitor(tasks=[block], arrival_rate=[(0, 100), (1, 100)])
    runner = started(user_class)
    until(lambda: runner.state == "stopped")
    counts = runner.arrivals.counts["Visitor"]
    assert counts.begun == 100
    assert counts.late >= 5
    assert counts.worst_late_s >= 0.05
    assert any("began late" in line for line in run_warnings(runner.health))


def test_users_that_are_spawned_run_beside_those_that_arrive(started, until) -> None:
    class Resident(User):
        @task
        def live(self):
            gevent.sleep(0.01)

    user_class = visitor(arrival_rate=100, tasks=[lambda user: gevent.sleep(0.05)])
    runner = started(user_class, Resident, users=3)
    until(lambda: user_class.seen["stop"] > 20)
    until(lambda: runner.user_classes_count["Resident"] == 3)
    until(lambda: runner.target_user_classes_count.get("Resident") == 3)
    runner.start(1, 100)
    until(lambda: runner.user_classes_count["Resident"] == 1)
    seen = user_class.seen["start"]
    until(lambda: user_class.seen["start"] > seen)
    assert runner.state == "running"


def test_nobody_arrives_during_a_pause_and_nobody_is_missing_after_it(started, until) -> None:
    user_class = visitor(arrival_rate=[(0, 100), (1, 100)])
    runner = started(user_class)
    until(lambda: user_class.seen["start"] > 10)
    runner.pause()
    before = user_class.seen["start"]
    gevent.sleep(0.3)
    assert user_class.seen["start"] == before
    runner.resume()
    until(lambda: runner.state == "stopped")
    assert runner.arrivals.counts["Visitor"].begun == 100


def test_the_rate_of_a_running_test_can_be_changed(started, until) -> None:
    user_class = visitor(arrival_rate=0)
    runner = started(user_class)
    until(lambda: runner.state == "running")
    assert user_class.seen["start"] == 0
    runner.environment.arrivals.by_class["Visitor"] = 200
    until(lambda: user_class.seen["start"] > 20)
    runner.environment.arrivals.by_class["Visitor"] = 0
    until(lambda: runner.user_count == 0)


def test_a_limit_of_iterations_ends_arrivals(started, until) -> None:
    user_class = visitor(arrival_rate=500)
    runner = started(user_class, iterations=17)
    until(lambda: runner.state == "stopped")
    assert user_class.seen["look"] == 17


def test_users_are_taken_over_if_that_is_asked_for(started, until) -> None:
    made = []

    def note(user):
        made.append(user)

    user_class = visitor(arrival_reuses_users=True, tasks=[note], arrival_rate=50)
    started(user_class)
    until(lambda: len(set(made)) < len(made))
    assert user_class.seen["start"] >= len(made)


def test_the_events_of_a_test_are_fired_once(started, until) -> None:
    fired: Counter[str] = Counter()
    user_class = visitor(arrival_rate=200)
    environment = Environment(user_classes=[user_class])
    for name in ("test_start", "test_stopping", "test_stop", "spawning_complete"):
        getattr(environment.events, name).add_listener(lambda name=name, **_: fired.update([name]))
    runner = environment.create_local_runner()
    runner.start(1, 1)
    until(lambda: user_class.seen["stop"] > 5)
    runner.stop()
    runner.quit()
    assert fired == {"test_start": 1, "test_stopping": 1, "test_stop": 1, "spawning_complete": 1}


def test_times_from_the_intended_start_begin_with_the_arrival(started, until) -> None:
    def ask(user):
        gevent.sleep(0.1)
        fire = user.environment.events.request.fire
        fire(request_type="GET", name="/", response_time=1, response_length=1, exception=None, context={})

    user_class = visitor(tasks=[ask])
    runner = started(user_class, intended_start=True)
    until(lambda: runner.state == "stopped")
    total = runner.stats.intended.total
    assert total.num_requests == 40
    assert total.min_response_time >= 100


@pytest.mark.parametrize(
    ("attributes", "settings", "complaint"),
    [
        ({"arrival_rate": -5}, ArrivalSettings(), "0 or more"),
        ({"arrival_rate": [(1,)]}, ArrivalSettings(), "(seconds, rate)"),
        ({"arrival_distribution": "even"}, ArrivalSettings(), "'constant' or 'poisson'"),
        ({}, ArrivalSettings(by_class={"Visitr": 5}), "There is no User class Visitr"),
    ],
    ids=["rate", "stage", "distribution", "class"],
)
def test_a_test_that_is_malformed_does_not_start(started, until, caplog, attributes, settings, complaint) -> None:
    caplog.set_level(logging.ERROR, "locust")
    started(visitor(**attributes), arrivals=settings)
    until(lambda: complaint in caplog.text)
    assert log.unhandled_greenlet_exception


@pytest.mark.parametrize(
    ("settings", "rates"),
    [
        (ArrivalSettings(), {"A": 10}),
        (ArrivalSettings(total=60), {"A": 60}),
        (ArrivalSettings(by_class={"B": 5}), {"A": 10, "B": 5}),
        (ArrivalSettings(total=60, by_class={"A": 5}), {"A": 5}),
    ],
    ids=["classes", "for all", "one more", "both"],
)
def test_settings_take_precedence_over_classes(settings: ArrivalSettings, rates: dict[str, float]) -> None:
    first, second = type("A", (User,), {"arrival_rate": 10}), type("B", (User,), {"weight": 2})
    assert settings.rates([first, second]) == rates


def test_a_rate_for_all_classes_is_divided_by_weight() -> None:
    first, second = type("A", (User,), {}), type("B", (User,), {"weight": 2})
    assert ArrivalSettings(total=60).rates([first, second]) == {"A": 20, "B": 40}


def test_nothing_is_told_while_the_load_is_the_one_that_was_meant() -> None:
    assert ArrivalCounts(begun=1000, late=9).warnings() == []
