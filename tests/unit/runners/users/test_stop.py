"""How users end, with and without a stop timeout."""

from __future__ import annotations

import time

import gevent
import pytest
from gevent.pywsgi import WSGIServer

from locust_rs._tunables import runners as tunables
from locust_rs.contrib.fasthttp import FastHttpUser
from locust_rs.env import Environment
from locust_rs.user import HttpUser, User, task
from locust_rs.user.wait_time import between, constant
from polling import until


class Target:
    """Counts what it serves, after a delay."""

    def __init__(self, delay_s: float) -> None:
        self.served = 0
        self.delay_s = delay_s
        self.server = WSGIServer(("127.0.0.1", 0), self._answer, log=None)
        self.server.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def _answer(self, environ, start_response):
        gevent.sleep(self.delay_s)
        self.served += 1
        start_response("200 OK", [("Content-Length", "2")])
        return [b"ok"]


@pytest.fixture
def target():
    target = Target(0.05)
    yield target
    target.server.stop(timeout=1)


@pytest.fixture
def run():
    runners = []

    def start(*classes, users=6, **settings):
        runner = Environment(user_classes=list(classes), **settings).create_local_runner()
        runners.append(runner)
        runner.start(users, 100)
        until(lambda: runner.state == "running" and runner.user_count == users)
        return runner

    yield start
    for runner in runners:
        runner.quit()


@pytest.mark.parametrize("stop_timeout", [0, 10], ids=["interrupting", "stop-timeout"])
@pytest.mark.parametrize("base", [HttpUser, FastHttpUser])
def test_every_answer_is_counted_when_busy_users_stop(run, target, base, stop_timeout):
    class Busy(base):
        abstract = False

        @task
        def get(self):
            for _ in range(3):
                self.client.get("/")

    for _ in range(3):
        target.served = 0
        runner = run(Busy, host=target.url, stop_timeout=stop_timeout)
        until(lambda: target.served >= 9)
        runner.stop()
        assert runner.user_count == 0
        assert runner.stats.total.num_requests == target.served > 0


def test_counts_equal_over_a_whole_run(run, target):
    class Busy(FastHttpUser):
        @task
        def get(self):
            self.client.get("/")

    runner = run(Busy, host=target.url)
    until(lambda: target.served >= 12)
    runner.start(2, 100)
    until(lambda: runner.user_count == 2)
    served_before = target.served
    until(lambda: target.served >= served_before + 6)
    runner.stop()
    assert runner.stats.total.num_requests == target.served
    assert runner.stats.total.num_failures == 0


def test_a_request_that_takes_too_long_is_given_up(run, target, monkeypatch):
    monkeypatch.setattr(tunables, "REQUEST_GRACE", 0.1)
    target.delay_s = 60

    class Patient(FastHttpUser):
        @task
        def get(self):
            self.client.get("/")

    runner = run(Patient, users=2, host=target.url)
    started = time.monotonic()
    runner.stop()
    assert time.monotonic() - started < 30
    assert runner.user_count == 0


def test_without_stop_timeout_a_task_that_computes_or_sleeps_is_interrupted(run):
    ended = []

    class Sleeper(User):
        def on_stop(self):
            ended.append("stopped")

        @task
        def sleep(self):
            gevent.sleep(600)
            ended.append("never")

    run(Sleeper, users=3).stop()
    assert ended == ["stopped"] * 3


@pytest.mark.races_with_the_machine("the tasks have a second to finish, and a busy machine may need it for itself")
def test_with_stop_timeout_tasks_finish_and_late_ones_are_killed(run):
    finished = []

    class Quick(User):
        wait_time = constant(600)

        @task
        def finish(self):
            gevent.sleep(0.2)
            finished.append(1)

    class Endless(User):
        @task
        def never(self):
            gevent.sleep(600)

    runner = run(Quick, Endless, users=4, stop_timeout=1)
    runner.stop()
    assert (runner.user_count, len(finished)) == (0, 2)


@pytest.mark.parametrize("delay_s", [0, 0.3], ids=["at-once", "later"])
def test_a_user_may_stop_the_test_itself(delay_s):
    class Ender(User):
        wait_time = constant(600)

        @task
        def end(self):
            gevent.sleep(delay_s)
            self.environment.runner.quit()

    runner = Environment(user_classes=[Ender]).create_local_runner()
    runner.start(1, 1)
    try:
        until(lambda: runner.state == "stopped" and not runner.user_count)
    finally:
        runner.quit()


def test_users_whose_init_fails_are_reported_and_the_others_run():
    made = []

    class Fragile(User):
        def __init__(self, environment):
            super().__init__(environment)
            made.append(self)
            if len(made) % 2:
                raise RuntimeError("no luck")

        @task
        def rest(self):
            gevent.sleep(600)

    runner = Environment(user_classes=[Fragile]).create_local_runner()
    runner.start(6, 100)
    try:
        until(lambda: runner.state == "running")
        assert runner.user_count == 3
        (row,) = runner.exceptions.values()
        assert (row["count"], row["msg"]) == (3, "no luck")
    finally:
        runner.quit()


def test_editing_while_users_are_still_being_made_ends_at_the_last_target(run):
    class Slow(User):
        def __init__(self, environment):
            super().__init__(environment)
            until = time.perf_counter() + 0.004
            while time.perf_counter() < until:
                pass

        @task
        def rest(self):
            gevent.sleep(600)

    runner = Environment(user_classes=[Slow]).create_local_runner()
    try:
        for target_count in (200, 50, 120, 7):
            runner.start(target_count, 1000)
            gevent.sleep(0.05)  # some are made, not all: each takes 4 ms
        until(lambda: runner.state == "running" and runner.user_count == 7)
    finally:
        runner.quit()
    assert runner.user_count == 0


@pytest.mark.parametrize("stop_timeout", [0.0, 5.0])
def test_no_user_starts_a_request_between_the_order_to_stop_and_its_end(target, stop_timeout):
    target.delay_s = 0.001

    class Brisk(FastHttpUser):
        host = target.url
        wait_time = between(0.001, 0.05)

        @task
        def request(self):
            self.client.get("/")

    # Many stops, so that in some of them a wait ends at that very moment.
    for _ in range(8):
        environment = Environment(user_classes=[Brisk], stop_timeout=stop_timeout)
        runner = environment.create_local_runner()
        served_before = target.served
        runner.start(100, 1000)
        until(lambda runner=runner, before=served_before: runner.user_count == 100 and target.served >= before + 100)
        runner.quit()
        assert environment.stats.total.num_requests == target.served - served_before
