"""The events of a run's life: handlers begin once and end once, whatever is asked of the runner meanwhile."""

from __future__ import annotations

import itertools

import gevent
import pytest

from locust_rs import User, constant, task
from locust_rs.env import Environment

EVENTS = ("test_start", "spawning_complete", "test_stopping", "test_stop")


class Idle(User):
    wait_time = constant(0.1)

    @task
    def nothing(self):
        pass


class Slow:
    """Notes when the handlers of an Environment's events begin and how they end; each takes a while."""

    def __init__(self, environment, *slow, seconds=0.4):
        self.seen = []
        for name in EVENTS:
            getattr(environment.events, name).add_listener(self._handler(name, seconds if name in slow else 0))

    def _handler(self, name, seconds):
        def handle(**_kwargs):
            self.seen.append(f"begin {name}")
            try:
                gevent.sleep(seconds)
            except BaseException as error:
                self.seen.append(type(error).__name__)
                raise
            self.seen.append(f"end {name}")

        return handle

    def of(self, name):
        return [entry for entry in self.seen if entry.endswith(name)]


@pytest.fixture
def local():
    runner = Environment(user_classes=[Idle]).create_local_runner()
    yield runner
    runner.quit()


def test_a_local_test_begins_once_though_it_is_edited_meanwhile(local, until):
    slow = Slow(local.environment, "test_start")
    local.start(3, 30)
    until(lambda: slow.seen)
    local.start(5, 50)
    until(lambda: local.state == "running")
    assert slow.seen[:2] == slow.of("test_start") == ["begin test_start", "end test_start"]
    assert local.user_count == 5


def test_stopping_a_local_test_that_begins_lets_its_handlers_finish(local, until):
    local.start(1, 1)
    until(lambda: local.state == "running")
    local.stop()
    slow = Slow(local.environment, "test_start")
    local.start(3, 30)
    until(lambda: slow.seen)
    local.stop()
    assert (local.state, local.user_count) == ("stopped", 0)
    gevent.sleep(0.3)
    assert (local.state, local.user_count) == ("stopped", 0)
    for name in ("test_start", "test_stopping", "test_stop"):
        assert slow.of(name) == [f"begin {name}", f"end {name}"]


def test_a_test_that_is_stopped_before_it_has_begun_does_not_begin(local, until):
    slow = Slow(local.environment)
    local.start(1, 1)
    until(lambda: local.state == "running")
    local.stop()
    slow.seen.clear()
    local.start(3, 30)
    local.stop()
    gevent.sleep(0.2)
    assert (slow.seen, local.user_count) == ([], 0)


def test_handlers_of_spawning_complete_are_not_cut_short_by_an_edit_or_a_stop(local, until):
    slow = Slow(local.environment, "spawning_complete")
    local.start(1, 1)
    until(lambda: slow.of("spawning_complete"))
    local.start(2, 20)
    until(lambda: len(slow.of("spawning_complete")) == 4)
    assert local.user_count == 2
    local.start(3, 30)
    until(lambda: len(slow.of("spawning_complete")) == 5)
    local.stop()
    until(lambda: len(slow.of("spawning_complete")) == 6)
    assert "GreenletExit" not in slow.seen
    assert local.state == "stopped"


def test_several_stops_at_once_are_one(local, until):
    slow = Slow(local.environment, "test_stopping", "test_stop")
    local.start(2, 20)
    until(lambda: local.state == "running")
    gevent.spawn(local.stop)
    until(lambda: slow.of("test_stopping"))
    gevent.spawn(local.stop)
    gevent.sleep(0)
    local.quit()
    assert slow.seen[-4:] == ["begin test_stopping", "end test_stopping", "begin test_stop", "end test_stop"]
    assert len(slow.of("test_stopping")) == len(slow.of("test_stop")) == 2


@pytest.mark.parametrize("method", ["stop", "quit"])
def test_a_user_who_ends_the_test_does_not_cut_its_handlers_short(method, until):
    class Ends(User):
        wait_time = constant(60)

        @task
        def end(self):
            getattr(self.environment.runner, method)()

    environment = Environment(user_classes=[Ends], stop_timeout=30)
    slow = Slow(environment, "test_stopping", "test_stop")
    runner = environment.create_local_runner()
    runner.start(2, 20)
    until(lambda: slow.seen[-1:] == ["end test_stop"])
    until(lambda: runner.state == "stopped")
    assert slow.of("test_stop") == ["begin test_stop", "end test_stop"]
    assert runner.user_count == 0
    runner.quit()


@pytest.mark.parametrize("method", ["stop", "quit"])
def test_a_handler_of_test_start_may_end_the_test(method, until):
    environment = Environment(user_classes=[Idle])
    runner = environment.create_local_runner()
    environment.events.test_start.add_listener(lambda **_kwargs: getattr(runner, method)())
    slow = Slow(environment)
    runner.start(2, 20)
    until(lambda: slow.of("test_stop") and slow.of("test_start"))
    gevent.sleep(0.1)
    assert (runner.state, runner.user_count) == ("stopped", 0)
    runner.quit()


def test_a_worker_begins_a_test_once_while_its_users_ramp_up(cluster_of, until):
    cluster = cluster_of([Idle], workers=0)
    environment = cluster.environment()
    slow = Slow(environment, "test_start", seconds=1)
    worker = cluster.add_worker(environment)
    gevent.spawn(cluster.master.start, 5, 10)
    until(lambda: worker.user_count == 5)
    assert slow.seen[:2] == slow.of("test_start") == ["begin test_start", "end test_start"]


def test_a_worker_takes_stop_and_start_in_the_order_in_which_they_came(cluster_of, until):
    cluster = cluster_of([Idle], workers=0)
    environment = cluster.environment()
    slow = Slow(environment, "test_start", "test_stop")
    worker = cluster.add_worker(environment)
    gevent.spawn(cluster.master.start, 5, 100)
    until(lambda: slow.seen)
    stopping = gevent.spawn(cluster.master.stop)
    gevent.sleep(0.1)
    stopping.join()
    until(lambda: cluster.master.clients.ready)
    gevent.spawn(cluster.master.start, 2, 100)
    until(lambda: worker.user_count == 2 and slow.of("spawning_complete"))
    begun = [entry.split()[1] for entry in slow.seen if entry.startswith("begin")]
    assert "GreenletExit" not in slow.seen
    assert [name for name in begun if name != "spawning_complete"] == [
        "test_start",
        "test_stopping",
        "test_stop",
        "test_start",
    ]


def test_quitting_lets_the_handlers_of_a_worker_that_stops_finish(cluster_of, until):
    cluster = cluster_of([Idle], workers=0)
    environment = cluster.environment()
    slow = Slow(environment, "test_stopping", "test_stop", "spawning_complete")
    worker = cluster.add_worker(environment)
    gevent.spawn(cluster.master.start, 2, 20)
    until(lambda: worker.user_count == 2)
    gevent.spawn(cluster.master.stop)
    until(lambda: slow.of("test_stopping"))
    worker.quit()
    assert slow.of("test_stopping") == ["begin test_stopping", "end test_stopping"]
    assert slow.of("test_stop") == ["begin test_stop", "end test_stop"]
    assert "GreenletExit" not in slow.seen


def test_several_stops_of_a_master_at_once_are_one(cluster_of, until):
    cluster = cluster_of([Idle])
    slow = Slow(cluster.master.environment, "test_start", "test_stopping", "test_stop")
    gevent.spawn(cluster.master.start, 2, 20)
    until(lambda: slow.seen)
    gevent.spawn(cluster.master.start, 3, 20)
    until(lambda: cluster.users() == [3])
    gevent.spawn(cluster.master.stop)
    until(lambda: slow.of("test_stopping"))
    gevent.spawn(cluster.master.stop)
    gevent.sleep(0)
    cluster.master.quit()
    for name in ("test_start", "test_stopping", "test_stop"):
        assert slow.of(name) == [f"begin {name}", f"end {name}"]


def test_a_workers_state_follows_each_order(cluster_of, until):
    cluster = cluster_of([Idle])
    (worker,) = cluster.workers
    states = []
    update_state = worker.update_state
    worker.update_state = lambda state: (states.append(state), update_state(state))
    gevent.spawn(cluster.master.start, 3, 1)
    until(lambda: worker.user_count == 1)
    until(lambda: worker.state == "running")
    assert cluster.master.state == "spawning"
    until(lambda: worker.user_count == 2)
    assert [state for state, _ in itertools.groupby(states)][:3] == ["spawning", "running", "spawning"]
