"""Requests by User class and by tag under a real runner: when they are counted so, and what belongs to which."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gevent
import pytest

from locust_rs import SequentialTaskSet, TaskSet, User, constant, tag, task
from locust_rs.env import Environment
from locust_rs.stats import RequestStats
from locust_rs.thresholds import State, ThresholdError
from polling import until


def fire(user: Any, name: str, exception: Any = None) -> None:
    user.environment.events.request.fire(
        request_type="X", name=name, response_time=5, response_length=1, exception=exception, context={}
    )


class Plain(User):
    wait_time = constant(0.001)

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        fire(self, "made")

    def on_start(self) -> None:
        fire(self, "began")

    def on_stop(self) -> None:
        fire(self, "ended")

    @task
    def call(self) -> None:
        fire(self, "plain")
        gevent.spawn(fire, self, "plain helper").get()


class Nested(User):
    wait_time = constant(0.001)

    @tag("site")
    @task
    class Site(TaskSet):
        def on_start(self) -> None:
            fire(self.user, "enters")

        @tag("buy")
        @task
        def buy(self) -> None:
            fire(self.user, "buy", ValueError())

        @task
        def leave(self) -> None:
            fire(self.user, "leave")
            self.interrupt()

        @task
        class Steps(SequentialTaskSet):
            @task
            def first(self) -> None:
                fire(self.user, "first")

            @tag("last")
            @task
            def second(self) -> None:
                fire(self.user, "second")
                self.interrupt()


class Arriving(Nested):
    arrival_rate = 200.0


@pytest.fixture
def started() -> Iterator[Any]:
    """Starts a local test and ends it after the block."""
    environments: list[Environment] = []

    def start(*user_classes: type[User], thresholds: tuple[str, ...] = (), **settings: Any) -> Environment:
        environment = Environment(user_classes=list(user_classes), **settings.pop("arguments", {}))
        environments.append(environment)
        environment.thresholds.add(*thresholds)
        for name, value in settings.items():
            setattr(environment, name, value)
        environment.create_local_runner().start(2 * len(user_classes), 100)
        return environment

    yield start
    for environment in environments:
        assert environment.runner is not None
        environment.runner.quit()


def stop(environment: Environment) -> RequestStats:
    assert environment.runner is not None
    environment.runner.stop()
    return environment.stats


def names(stats: RequestStats) -> dict[str, int]:
    """Requests by name."""
    return {name: row.num_requests for (name, _), row in sorted(stats.entries.items())}


def has(environment: Environment, *wanted: str) -> None:
    """Waits for requests with these names."""
    until(lambda: set(wanted) <= {name for name, _ in environment.stats.entries}, f"requests {wanted}")


ALL_OF_NESTED = ("enters", "buy", "leave", "first", "second")


def test_several_classes_are_counted_apart_from_the_first_request_to_the_last(started) -> None:
    environment = started(Plain, Nested)
    has(environment, "plain helper", *ALL_OF_NESTED)
    stats = stop(environment)
    assert names(stats) == {**names(stats.by_class["Plain"]), **names(stats.by_class["Nested"])}
    assert names(stats.by_class["Plain"]).keys() == {"made", "began", "plain", "plain helper", "ended"}
    assert stats.by_class["Plain"].num_failures == 0
    assert stats.by_class["Nested"].num_failures == stats.num_failures
    assert stats.by_tag == {}
    assert not environment.turnstile.is_watched


def test_one_class_alone_costs_nothing_unless_a_threshold_asks_for_it(started) -> None:
    environment = started(Plain)
    has(environment, "plain")
    stats = stop(environment)
    assert (stats.groups, stats.recorder.has_groups) == (None, False)
    asked = started(Plain, thresholds=("rate of class Plain > 0.01/s", "failures of class Plain == 0"))
    has(asked, "plain")
    assert names(stop(asked).by_class["Plain"]) == names(asked.stats)
    assert [check.state for check in asked.thresholds] == [State.PASSED, State.PASSED]


TAGGED = {"site": {"buy", "leave", "first", "second"}, "buy": {"buy"}, "last": {"second"}}


@pytest.mark.parametrize("user_class", [Nested, Arriving])
def test_requests_are_counted_by_the_tags_of_the_tasks_that_make_them(started, user_class) -> None:
    environment = started(user_class, grouped_by={"tag"})
    has(environment, *ALL_OF_NESTED)
    stats = stop(environment)
    found = {name: names(group) for name, group in stats.by_tag.items()}
    assert {name: counted.keys() for name, counted in found.items()} == TAGGED
    for counted in found.values():
        assert counted == {name: names(stats)[name] for name in counted}
    assert stats.by_tag["buy"].num_failures == stats.num_failures


def test_tags_go_with_a_limit(started) -> None:
    environment = started(Nested, iterations=40, grouped_by={"tag"})
    until(lambda: environment.runner.state == "stopped", "all iterations have ended")
    counted = names(environment.stats)
    assert sum(counted[name] for name in counted if name != "enters") == 40
    assert names(environment.stats.by_tag["site"]) == {name: n for name, n in counted.items() if name != "enters"}


def test_tags_go_with_a_pause(started) -> None:
    environment = started(Nested, grouped_by={"tag"})
    has(environment, "buy")
    assert environment.runner.pause()
    environment.runner.resume()
    begun = environment.turnstile.begun
    until(lambda: environment.turnstile.begun > begun + 5, "iterations go on")
    counted = names(stop(environment))
    assert names(environment.stats.by_tag["site"]) == {name: n for name, n in counted.items() if name != "enters"}


def test_a_test_without_groups_after_one_with_them_has_none(started) -> None:
    environment = started(Nested, grouped_by={"tag", "class"})
    has(environment, "buy")
    stop(environment)
    assert environment.stats.by_tag["buy"].num_requests
    environment.grouped_by = set()
    environment.runner.start(1, 1)
    until(lambda: environment.stats.groups is None, "the next test has begun")
    has(environment, "buy")
    assert (environment.stats.by_tag, environment.stats.by_class) == ({}, {})
    assert not environment.turnstile.is_watched


def test_reset_after_the_ramp_resets_the_groups(started) -> None:
    environment = started(Plain, Nested, reset_stats=True)
    until(lambda: names(environment.stats).get("made") == 0, "the statistics were reset")
    until(lambda: "plain" in names(environment.stats.by_class["Plain"]), "users go on")
    stats = stop(environment)
    assert sum(group.num_requests for group in stats.by_class.values()) == stats.num_requests
    assert "made" not in names(stats.by_class["Plain"])


UNKNOWN = {
    "p95 of class Nestd < 1s": "There is no User class 'Nestd'. Did you mean 'Nested'?",
    "p95(GET /) of class Other < 1s": "There is no User class 'Other': there are Nested, Plain",
    "failures of tag by < 1%": "There is no tag 'by'. Did you mean 'buy'?",
    "failures of tag checkout < 1%": "There is no tag 'checkout': there are buy, last, site",
}


@pytest.mark.parametrize("text", UNKNOWN)
def test_class_or_tag_that_does_not_exist_is_told_and_never_passed(started, text: str) -> None:
    environment = started(Plain, Nested, thresholds=(text,))
    with pytest.raises(ThresholdError) as refused:
        environment.thresholds.check_groups()
    assert str(refused.value).splitlines()[0] == UNKNOWN[text]
    has(environment, "plain", "buy")
    stop(environment)
    [check] = environment.thresholds
    assert (check.state, check.problem) == (State.UNMEASURED, UNKNOWN[text].rstrip("."))
    assert environment.thresholds.failed


UNMEASURED = {
    "failures of tag buy == 0": "there were no requests of tag buy",
    "p95(/x) of class Plain < 1s": "no request of class Plain is called '/x'",
    "p95(X begin) of class Plain < 1s": "no request of class Plain is called 'X begin'. Did you mean 'X began'?",
    "rate(leave) of class Plain < 9/s": "no request of class Plain is called 'leave'",
}


@pytest.mark.parametrize("text", UNMEASURED)
def test_what_a_class_or_tag_has_not_measured_is_not_passed(started, text: str) -> None:
    environment = started(Plain, Nested, thresholds=(text,), arguments={"tags": ["site"], "exclude_tags": ["buy"]})
    has(environment, "leave", "began")
    stop(environment)
    [check] = environment.thresholds
    assert (check.state, check.problem) == (State.UNMEASURED, UNMEASURED[text])


def test_failures_of_a_class_do_not_decide_about_those_of_all(started) -> None:
    environment = started(Plain, Nested, thresholds=("failures of class Plain == 0",))
    assert not environment.thresholds.judge_failures
    environment.thresholds.add("failures <= 100%")
    assert environment.thresholds.judge_failures


def test_abort_of_a_class_ends_the_run(started) -> None:
    environment = started(Plain, Nested, thresholds=("failures of class Nested < 1% abort",))
    until(lambda: environment.thresholds.failed, "the run was ended by its threshold")
    [check] = environment.thresholds
    assert check.first_breach is not None
