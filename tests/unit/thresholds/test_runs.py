"""Thresholds of an environment: where they come from, what resets them, what they say at the end."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from locust_rs import User, constant, constant_pacing, task, thresholds
from locust_rs.env import Environment
from locust_rs.runners import LocalRunner
from locust_rs.thresholds import State, ThresholdError, as_plain, summary_lines
from locust_rs.thresholds.declared import DECLARED
from polling import until


class Steady(User):
    wait_time = constant(0.01)

    @task
    def call(self) -> None:
        fire(self.environment, "/steady", exception=self.exception)

    exception: Exception | None = None


class Failing(Steady):
    exception = ValueError("no")


class Paced(Steady):
    wait_time = constant_pacing(0.05)


def fire(environment: Environment, name: str, time_ms: float = 5, exception: Any = None) -> None:
    environment.events.request.fire(
        request_type="GET", name=name, response_time=time_ms, response_length=1, exception=exception, context={}
    )


@pytest.fixture
def made() -> Iterator[Any]:
    """Makes environments with a local runner and ends them."""
    environments: list[Environment] = []

    def make(*texts: str, users: type[User] = Steady) -> Environment:
        environment = Environment(user_classes=[users])
        environment.thresholds.add(*texts)
        environment.create_local_runner()
        environments.append(environment)
        return environment

    yield make
    for environment in environments:
        assert environment.runner is not None
        environment.runner.quit()


def run(environment: Environment, enough: Any = None) -> list[State]:
    """Runs one user until `enough`, or until there were some requests; returns the states after it."""
    runner = environment.runner
    assert isinstance(runner, LocalRunner)
    runner.start(1, 1)
    until(lambda: runner.state == "running", "the test runs")
    until(enough or (lambda: environment.stats.total.num_requests > 20), "there are requests")
    runner.stop()
    return [check.state for check in environment.thresholds]


def test_thresholds_are_judged_when_a_local_run_stops(made: Any) -> None:
    environment = made("p95 < 1s", "p95 < 1ms", "p95(/nope) < 1s")
    assert run(environment) == [State.PASSED, State.FAILED, State.UNMEASURED]
    assert environment.thresholds.failed


def test_second_run_forgets_the_first(made: Any) -> None:
    environment = made("failures == 0", users=Failing)
    assert run(environment) == [State.FAILED]
    environment.user_classes[:] = [Steady]
    assert run(environment) == [State.PASSED]
    assert not environment.thresholds.failed


def test_window_that_was_broken_stays_broken(made: Any) -> None:
    environment = made("max < 1s for 1s")
    check = environment.thresholds.checks[0]

    def broken_and_healed() -> bool:
        check = environment.thresholds.checks[0]
        if check.first_breach is None:
            fire(environment, "/slow", time_ms=5000)
        return check.first_breach is not None and check.value is not None and check.value < 1000

    assert check.state is State.WAITING
    assert run(environment, broken_and_healed) == [State.FAILED]


def test_abort_ends_the_run(made: Any) -> None:
    environment = made("p95 < 1ms abort")
    environment.runner.start(1, 1)
    until(lambda: environment.thresholds.failed, "the run was ended by its threshold")
    until(lambda: environment.runner.user_count == 0, "the users have ended")


def test_reset_of_the_statistics_begins_again(made: Any) -> None:
    environment = made("failures == 0", "max < 1s")

    def reset_after_failures() -> bool:
        if environment.stats.total.num_failures == 0 and not environment.__dict__.get("was_reset"):
            fire(environment, "/x", time_ms=9000, exception=ValueError())
        elif not environment.__dict__.get("was_reset"):
            environment.stats.reset_all()
            environment.thresholds.restart()
            environment.was_reset = True  # type: ignore[attr-defined]
        return bool(environment.__dict__.get("was_reset")) and environment.stats.total.num_requests > 10

    assert run(environment, reset_after_failures) == [State.PASSED, State.PASSED]


def test_paced_starts_are_measured_and_unpaced_ones_are_not(made: Any) -> None:
    texts = ("late starts <= 100%", "dropped starts <= 100%")
    assert run(made(*texts, users=Paced)) == [State.PASSED, State.PASSED]
    unpaced = made(*texts)
    assert run(unpaced) == [State.UNMEASURED, State.UNMEASURED]
    assert "no user has a pace" in unpaced.thresholds.checks[0].problem


def test_generator_is_judged_once_it_has_measured_itself(made: Any) -> None:
    environment = made("generator is ok", "overload < 1000%", "exceptions == 0")
    states = run(environment, lambda: environment.runner.health.all_nodes.requests > 0)
    assert states[1:] == [State.PASSED, State.PASSED]
    assert states[0] is (State.FAILED if environment.runner.health.inflated else State.PASSED)


UNMEASURED = {
    "p95(GET /stedy) < 1s": "no request is called 'GET /stedy'. Did you mean 'GET /steady'?",
    "p95(GET /elsewhere/entirely) < 1s": "no request is called 'GET /elsewhere/entirely'",
    "p95 < 1s for 1h": "before the 3600 s that this needs",
    "p95 < 1s after 1h": "before the 3600 s that this needs",
}


@pytest.mark.parametrize("text", UNMEASURED)
def test_what_was_not_measured_fails_and_says_why(made: Any, text: str) -> None:
    environment = made(text)
    assert run(environment) == [State.UNMEASURED]
    assert environment.thresholds.failed
    assert UNMEASURED[text] in "\n".join(summary_lines(environment.thresholds))


def test_thresholds_without_any_run_are_not_passed(made: Any) -> None:
    environment = made("failures < 1%", "exceptions == 0")
    environment.thresholds.close()
    assert [check.problem for check in environment.thresholds] == ["no test has run"] * 2
    assert environment.thresholds.failed


def test_summary_counts_and_shows_breach_and_worst_value(made: Any) -> None:
    environment = made("p95 < 1s", "p95 < 1ms")
    run(environment, lambda: environment.thresholds.checks[1].first_breach is not None)
    lines = summary_lines(environment.thresholds)
    assert "= thresholds =" in lines[1]
    assert lines[2].startswith("PASSED  p95 < 1s   5.0")
    assert lines[3].startswith("FAILED  p95 < 1ms  5.0")
    assert "first broken at 0:0" in lines[3]
    assert " 1 failed, 1 passed in " in lines[4]


def test_summary_without_thresholds_is_empty() -> None:
    assert summary_lines(Environment().thresholds) == []


def test_plain_values_carry_limit_value_and_unit(made: Any) -> None:
    environment = made("p95(GET /steady) < 1s")
    run(environment)
    plain = as_plain(environment.thresholds)[0]
    assert plain["state"] == "passed"
    assert plain["endpoint"] == "GET /steady"
    assert (plain["limit"], plain["unit"]) == (1000, "ms")
    assert plain["value"] == pytest.approx(5, rel=0.01)


def test_plain_values_tell_when_it_broke_first(made: Any) -> None:
    environment = made("p95(GET /steady) < 1ms")
    began = time.time()
    run(environment)
    breach = as_plain(environment.thresholds)[0]["first_breach"]
    at = datetime.fromisoformat(breach["time"]).timestamp()
    assert began - 0.001 <= at <= time.time()
    assert at == pytest.approx(environment.thresholds.begun_at + breach["at_s"], abs=0.06)


def test_malformed_threshold_adds_nothing() -> None:
    environment = Environment()
    with pytest.raises(ThresholdError):
        environment.thresholds.add("p95 < 1s", "p95 < 1")
    assert len(environment.thresholds) == 0


def test_same_threshold_counts_once() -> None:
    environment = Environment()
    environment.thresholds.add("p95 < 1s", "p95  <  1s")
    environment.thresholds.add("p95 < 1s")
    assert len(environment.thresholds) == 1


def test_locustfile_declares_thresholds_for_its_environment() -> None:
    kept = list(DECLARED)
    try:
        thresholds.add("p95 < 1s")
        environment = Environment()
        environment.thresholds.add_declared()
        assert [check.threshold.text for check in environment.thresholds] == ["p95 < 1s"]
    finally:
        DECLARED[:] = kept
