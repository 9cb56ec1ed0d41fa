"""Classes that bring their own users, under the local runner."""

from __future__ import annotations

import logging
from collections import Counter
from typing import Any

import gevent
import pytest

from locust_rs import LoadTestShape, User, log
from locust_rs.env import Environment


class Visitor(User):
    abstract = True
    seen: Counter[str]

    def wait_time(self) -> float:
        return 0.01

    def on_start(self) -> None:
        self.seen["start"] += 1

    def on_stop(self) -> None:
        self.seen["stop"] += 1


def look(user: Any) -> None:
    user.seen["look"] += 1


def of_class(name: str, **attributes: Any) -> Any:
    return type(name, (Visitor,), {"seen": Counter(), "tasks": [look], **attributes})


def go_to(runner: Any, at_s: float) -> None:
    """Lets the run be at a moment, so that no test has to be quick enough to see one."""
    runner.scenarios._clock.begin(at_s)


def test_a_soak_a_ramp_and_a_spike_run_side_by_side_and_the_last_one_ends_the_test(started, until) -> None:
    soak = of_class("Soak", user_stages=[(0, 3)], run_for=5000)
    ramp = of_class("Ramp", user_stages=[(1000, 10), (1000, 10), (1000, 0)])
    spike = of_class("Spike", user_stages=[(0, 8)], start_after=1000, run_for=1000)
    runner = started(soak, ramp, spike)
    until(lambda: runner.user_classes_count == {"Soak": 3, "Ramp": 0, "Spike": 0})
    go_to(runner, 550)
    until(lambda: runner.user_classes_count == {"Soak": 3, "Ramp": 5, "Spike": 0})
    go_to(runner, 1500)
    until(lambda: runner.user_classes_count == {"Soak": 3, "Ramp": 10, "Spike": 8})
    assert runner.scenarios.meant == runner.user_classes_count
    go_to(runner, 2550)
    until(lambda: runner.user_classes_count == {"Soak": 3, "Ramp": 4, "Spike": 0})
    assert runner.scenarios.ended == {"Spike"}
    go_to(runner, 4000)
    until(lambda: runner.user_classes_count == {"Soak": 3, "Ramp": 0, "Spike": 0})
    assert runner.state == "running"
    go_to(runner, 5000)
    until(lambda: runner.state == "stopped")
    for user_class, users in ((soak, 3), (ramp, 10), (spike, 8)):
        assert (user_class.seen["start"], user_class.seen["stop"]) == (users, users)
        assert user_class.seen["look"] >= users
    assert runner.limit_reached.is_set()


def test_classes_without_a_scenario_get_the_users_that_are_started(started, until) -> None:
    soak, resident = of_class("Soak", user_stages=[(0, 4)], run_for=600), of_class("Resident")
    runner = started(soak, resident, users=3)
    until(lambda: runner.user_classes_count == {"Soak": 4, "Resident": 3})
    until(lambda: runner.state == "running")
    runner.start(1, 100)
    until(lambda: runner.user_classes_count == {"Soak": 4, "Resident": 1})
    assert soak.seen == Counter(start=4, look=soak.seen["look"])


def test_a_test_with_other_classes_goes_on_after_the_scenarios(started, until) -> None:
    spike, resident = of_class("Spike", user_stages=[(0, 5)], run_for=1000), of_class("Resident")
    runner = started(spike, resident)
    until(lambda: runner.user_classes_count == {"Spike": 5, "Resident": 1})
    go_to(runner, 1000)
    until(lambda: runner.scenarios.ended == {"Spike"} and not runner.user_classes_count["Spike"])
    gevent.sleep(0.3)
    assert runner.user_classes_count == {"Spike": 0, "Resident": 1}
    assert runner.state == "running"


def test_a_shape_drives_the_classes_without_a_scenario(started, until) -> None:
    class Two(LoadTestShape):
        def tick(self) -> Any:
            return 2, 100

    soak, resident = of_class("Soak", user_stages=[(0, 4)], run_for=600), of_class("Resident")
    environment = Environment(user_classes=[soak, resident], shape_class=Two())
    runner = environment.create_local_runner()
    try:
        runner.start_shape()
        until(lambda: runner.user_classes_count == {"Soak": 4, "Resident": 2})
    finally:
        runner.quit()


def test_a_fixed_count_may_have_a_beginning_and_an_end(started, until) -> None:
    fixed = of_class("Fixed", fixed_count=6, start_after=500, run_for=500)
    runner = started(fixed)
    until(lambda: runner.state == "running")
    assert not fixed.seen
    go_to(runner, 500)
    until(lambda: runner.user_count == 6)
    go_to(runner, 1000)
    until(lambda: runner.state == "stopped")
    assert fixed.seen["start"] == fixed.seen["stop"] == 6


def test_arrivals_have_their_beginning_and_end_and_the_test_ends_with_the_last_of_both(started, until) -> None:
    crowd = of_class("Crowd", arrival_rate=100, start_after=0.2, run_for=0.5)
    soak = of_class("Soak", user_stages=[(0, 2)], run_for=1000)
    runner = started(crowd, soak)
    until(lambda: crowd.seen["stop"] == 50 and soak.seen["start"] == 2)
    assert runner.state == "running"
    go_to(runner, 1000)
    until(lambda: runner.state == "stopped")
    assert crowd.seen["start"] == runner.arrivals.counts["Crowd"].begun == 50
    assert soak.seen["start"] == 2


def test_a_scenario_stands_still_during_a_pause(started, until) -> None:
    ramp = of_class("Ramp", user_stages=[(100, 10_000)])
    runner = started(ramp)
    until(lambda: runner.user_count >= 5)
    runner.pause()
    gevent.sleep(0.2)  # for the step that had begun
    before = runner.scenarios.meant["Ramp"]
    gevent.sleep(0.3)
    assert runner.scenarios.meant["Ramp"] == before
    runner.resume()
    until(lambda: runner.user_count > before)


def test_each_class_has_its_own_stop_timeout(started, until) -> None:
    def work(user: Any) -> None:
        user.seen["begun"] += 1
        gevent.sleep(0.5)
        user.seen["done"] += 1

    patient = of_class("Patient", user_stages=[(0, 3)], run_for=600, graceful_stop="60s", tasks=[work])
    hasty = of_class("Hasty", user_stages=[(0, 3)], run_for=600, tasks=[lambda user: gevent.sleep(600)])
    runner = started(patient, hasty)
    until(lambda: patient.seen["begun"] >= 3 and hasty.seen["start"] == 3)
    runner.stop()
    assert patient.seen["done"] == patient.seen["begun"]
    assert (patient.seen["stop"], hasty.seen["stop"]) == (3, 3)


def test_a_test_that_is_aborted_waits_for_no_class(started, until) -> None:
    patient = of_class(
        "Patient", user_stages=[(0, 2)], run_for=600, graceful_stop=600, tasks=[lambda user: gevent.sleep(600)]
    )
    runner = started(patient)
    until(lambda: patient.seen["start"] == 2)
    with gevent.Timeout(30):
        runner.stop_at_once()
    assert patient.seen["stop"] == 2
    assert runner.graceful_stops_hold


def test_a_second_test_begins_its_scenarios_anew(started, until) -> None:
    spike = of_class("Spike", user_stages=[(0, 5)], run_for=1000)
    runner = started(spike, web_ui=object())
    for times in (1, 2):
        until(lambda: runner.user_count == 5)
        go_to(runner, 1000)
        until(lambda: runner.state == "stopped")
        assert spike.seen["start"] == spike.seen["stop"] == 5 * times
        runner.start(1, 1)


@pytest.mark.parametrize(
    ("attributes", "complaint"),
    [
        ({"user_stages": [(1,)]}, "Spike.user_stages: a stage is (1,)"),
        ({"run_for": 3}, "Spike has start_after or run_for"),
        ({"arrival_rate": 5, "user_stages": [(1, 1)]}, "leave one of both out"),
    ],
    ids=["stage", "no load", "both"],
)
def test_a_test_that_is_malformed_does_not_start(started, until, caplog, attributes, complaint) -> None:
    caplog.set_level(logging.ERROR, "locust")
    spike = of_class("Spike", **attributes)
    started(spike)
    until(lambda: complaint in caplog.text)
    assert "The test can't start" in caplog.text
    assert log.unhandled_greenlet_exception
    assert not spike.seen


def test_a_function_that_fails_later_ends_the_test_with_the_name_of_the_class(started, until, caplog) -> None:
    def users(at_s: float) -> float:
        if at_s > 0.4:
            raise LookupError("no more")
        return 2

    caplog.set_level(logging.ERROR, "locust")
    runner = started(of_class("Spike", user_stages=staticmethod(users)))
    until(lambda: runner.state == "stopped")
    assert "The users of Spike can't be determined: LookupError('no more')" in caplog.text


@pytest.mark.parametrize(
    ("classes", "line"),
    [
        ([("Spike", {"user_stages": [(0, 5)], "run_for": 600})], "No users to spawn at once"),
        ([("Crowd", {"arrival_rate": 0})], "No users to spawn at once"),
        (
            [("Spike", {"user_stages": [(0, 5)], "run_for": 600}), ("Resident", {})],
            'All users spawned: {"Resident": 2} (2 total users)',
        ),
        ([("Resident", {})], 'All users spawned: {"Resident": 2} (2 total users)'),
    ],
    ids=["scenarios", "arrivals", "both", "none"],
)
def test_the_log_tells_which_users_have_been_spawned(started, until, caplog, classes, line) -> None:
    caplog.set_level(logging.INFO, "locust")
    runner = started(*(of_class(name, **attributes) for name, attributes in classes), users=2)
    until(lambda: runner.state == "running")
    assert line in caplog.text
