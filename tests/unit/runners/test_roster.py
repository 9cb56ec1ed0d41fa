"""Who runs and who shall: users that take their time to be made or to end are counted all along."""

from __future__ import annotations

import logging

import gevent
import pytest

from locust_rs import HttpUser, User, constant, log, task
from locust_rs.env import Environment


class LogsIn(User):
    """Waits in `__init__`, as for the answer to a login."""

    wait_time = constant(0.1)

    def __init__(self, environment):
        super().__init__(environment)
        gevent.sleep(0.1)

    @task
    def nothing(self):
        pass


class Busy(User):
    wait_time = constant(0.01)

    @task
    def work(self):
        gevent.sleep(0.5)


@pytest.fixture
def local_of():
    runners = []

    def make(*user_classes, **settings):
        runners.append(Environment(user_classes=list(user_classes), **settings).create_local_runner())
        return runners[-1]

    yield make
    for runner in runners:
        runner.quit()


def settled(runner):
    return not runner.spawning_greenlet and runner.state == "running"


def test_users_that_wait_in_init_are_not_lost_when_the_number_changes(local_of, until):
    runner = local_of(LogsIn)
    runner.start(10, 10)
    until(lambda: runner.user_count == 3)
    runner.start(9, 10)
    until(lambda: settled(runner))
    assert runner.user_count == 9
    runner.start(2, 100)
    until(lambda: settled(runner))
    assert runner.user_count == 2


def test_users_that_wait_in_init_are_not_lost_on_a_worker(cluster_of, until):
    cluster = cluster_of([LogsIn])
    gevent.spawn(cluster.master.start, 8, 20)
    until(lambda: cluster.users() == [8])
    gevent.sleep(0.3)
    assert cluster.users() == [8]
    assert cluster.master.user_count in (7, 8)


def test_a_smaller_number_is_taken_up_between_two_users(local_of, until):
    runner = local_of(LogsIn)
    runner.start(100, 100)
    until(lambda: runner.user_count == 2)
    runner.start(1, 100)
    until(lambda: settled(runner))
    assert runner.user_count == 1


def test_stopping_a_test_ends_the_making_of_users(local_of, until):
    runner = local_of(LogsIn)
    runner.start(100, 100)
    until(lambda: runner.user_count == 1)
    runner.stop()
    gevent.sleep(0.3)
    assert runner.user_count == 0


def test_to_stop_more_users_is_not_to_stop_the_same_ones_again(local_of, until):
    runner = local_of(Busy, stop_timeout=20)
    runner.start(6, 60)
    until(lambda: settled(runner))
    runner.start(4, 60)
    gevent.sleep(0.05)
    runner.start(1, 60)
    until(lambda: settled(runner))
    gevent.sleep(0.8)
    assert runner.user_count == 1


@pytest.mark.parametrize("stop_timeout", [None, 20])
def test_a_ramp_down_is_complete_when_the_surplus_users_have_gone(local_of, until, caplog, stop_timeout):
    runner = local_of(Busy, stop_timeout=stop_timeout)
    runner.start(4, 40)
    until(lambda: settled(runner))
    completed = []
    runner.environment.events.spawning_complete.add_listener(
        lambda user_count, **_kwargs: completed.append((user_count, runner.user_count))
    )
    with caplog.at_level(logging.INFO, "locust.runners"):
        runner.start(1, 40)
        until(lambda: completed)
    assert completed == [(1, 1)]
    assert caplog.messages[-1] == 'All users spawned: {"Busy": 1} (1 total users)'


def test_a_distributed_ramp_down_is_complete_when_the_surplus_users_have_gone(cluster_of, until, caplog):
    class Long(User):
        @task
        def work(self):
            gevent.sleep(1.8)

    cluster = cluster_of([Long], stop_timeout=20)
    gevent.spawn(cluster.master.start, 4, 40)
    until(lambda: cluster.master.state == "running")
    gevent.sleep(0.1)
    completed = []
    cluster.master.environment.events.spawning_complete.add_listener(
        lambda user_count, **_kwargs: completed.append((user_count, cluster.users()))
    )
    with caplog.at_level(logging.INFO, "locust.runners"):
        gevent.spawn(cluster.master.start, 1, 40)
        until(lambda: completed and cluster.master.state == "running")
    assert completed == [(1, [1])]
    assert 'All users spawned: {"Long": 1} (1 total users)' in caplog.messages


class Forgetful(HttpUser):
    host = "http://127.0.0.1"

    def __init__(self, environment):
        self.visited = []

    @task
    def nothing(self):
        pass


@pytest.fixture
def clean_exit_code(monkeypatch):
    monkeypatch.setattr(log, "unhandled_greenlet_exception", False)


def test_a_user_whose_init_forgets_super_ends_the_test_and_is_told(local_of, until, caplog, clean_exit_code):
    runner = local_of(Forgetful)
    runner.start(2, 20)
    until(lambda: runner.state == "stopped")
    (message,) = [record.message for record in caplog.records if record.levelno == logging.ERROR]
    assert "Forgetful.__init__" in message
    assert "super().__init__" in message
    assert log.unhandled_greenlet_exception


@pytest.mark.parametrize("method", ["run", "on_stop"])
def test_no_users_greenlet_ends_silently(local_of, until, caplog, clean_exit_code, method):
    def fail(self):
        raise RuntimeError("on purpose")

    runner = local_of(type("Breaks", (Busy,), {method: fail}))
    runner.start(1, 1)
    until(lambda: runner.state == "running")
    runner.stop()
    assert any("Breaks" in message and "on purpose" in message for message in caplog.messages)
    assert log.unhandled_greenlet_exception
