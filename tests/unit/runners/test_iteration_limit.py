"""A limit of iterations: exactly so many begin and end, over all users and workers, however these come and go."""

from __future__ import annotations

import random
from typing import Any

import gevent
import pytest

from locust_rs import SequentialTaskSet, TaskSet, User, constant, task
from locust_rs.env import Environment
from locust_rs.runners.iteration_limit import IterationShares


class Counting(User):
    """Counts the iterations of all users of all nodes of this process."""

    abstract = True
    made = 0

    def on_start(self):
        type(self).begun_at_start = type(self).made


def counting_user(**attributes: Any) -> type[User]:
    class Counter(Counting):
        wait_time = constant(0)

        @task
        def count(self):
            type(self).made += 1
            gevent.sleep(0.001)

    for name, value in attributes.items():
        setattr(Counter, name, value)
    return Counter


@pytest.fixture
def run_local():
    """Runs a local test of a class with a limit until it ends by itself."""

    def run(user_class: type[User], limit: int, users: int) -> Any:
        environment = Environment(user_classes=[user_class])
        environment.iterations = limit
        runner = environment.create_local_runner()
        runner.start(users, users)
        with gevent.Timeout(30):
            runner.greenlet.join()
        assert runner.state == "stopped"
        return runner

    return run


@pytest.mark.parametrize(("limit", "users"), [(1, 1), (1, 10), (37, 5), (100, 1)])
def test_a_local_test_makes_exactly_its_iterations(run_local, limit, users) -> None:
    user_class = counting_user()
    run_local(user_class, limit, users)
    assert user_class.made == limit


def test_users_who_wait_do_not_delay_the_end(run_local) -> None:
    user_class = counting_user(wait_time=constant(3600))
    run_local(user_class, 4, 4)
    assert user_class.made == 4


def test_tasks_of_nested_sets_count_and_the_sets_do_not(run_local) -> None:
    made = []

    class Nested(SequentialTaskSet):
        @task
        def first(self):
            made.append("first")

        @task
        def second(self):
            made.append("second")
            self.interrupt()

    class Outer(TaskSet):
        tasks = [Nested]

    class Visitor(User):
        wait_time = constant(0)
        tasks = [Outer]

    run_local(Visitor, 5, 1)
    assert made == ["first", "second", "first", "second", "first"]


def test_failed_iterations_count(run_local) -> None:
    made = []

    class Failing(User):
        wait_time = constant(0)

        @task
        def fail(self):
            made.append(1)
            raise ValueError("on purpose")

    run_local(Failing, 6, 2)
    assert len(made) == 6


def test_on_stop_is_called_for_users_who_find_nothing_left(run_local) -> None:
    stopped = []
    user_class = counting_user(on_stop=lambda self: stopped.append(self))
    run_local(user_class, 20, 4)
    assert len(stopped) == 4


def test_without_a_limit_nothing_is_watched(until) -> None:
    runner = Environment(user_classes=[counting_user()]).create_local_runner()
    runner.start(1, 1)
    until(lambda: runner.user_count == 1)
    assert not runner.environment.turnstile.is_watched
    runner.quit()


class SimulatedWorker:
    """A worker that begins and ends iterations at random, and may be cut off."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.begun = self.ended = self.granted = self.number = 0

    def step(self, shares: IterationShares, chance: random.Random, workers: int) -> None:
        if self.begun < self.granted and chance.random() < 0.7:
            self.begun += 1
        elif self.ended < self.begun:
            self.ended += 1
        if self.begun == self.granted:
            self.number += 1
            for _ in range(chance.choice([1, 1, 2])):  # the question may be repeated
                self.granted = shares.answer(self.name, self.number, self.begun, self.ended, True, workers)


@pytest.mark.parametrize("seed", range(20))
def test_shares_add_up_to_the_limit_though_workers_come_and_go(seed: int) -> None:
    chance = random.Random(seed)
    limit = chance.choice([1, 7, 100, 5000])
    shares = IterationShares(limit)
    present = [SimulatedWorker(str(number)) for number in range(chance.randint(1, 5))]
    gone: list[SimulatedWorker] = []
    steps = 0
    while not shares.are_done:
        steps += 1
        assert steps < 200_000, "the test never ends"
        chance.choice(present).step(shares, chance, len(present))
        if chance.random() < 0.002 and len(present) > 1:
            lost = present.pop()
            # What it had not told has never been counted anywhere.
            lost.ended = shares._shares[lost.name].ended if lost.name in shares._shares else 0
            shares.lose(lost.name)
            gone.append(lost)
        if chance.random() < 0.002:
            present.append(SimulatedWorker(f"new{steps}"))
    assert sum(worker.ended for worker in present) + sum(worker.ended for worker in gone) == limit
    assert shares.left == 0


def test_a_share_that_is_given_back_goes_to_others() -> None:
    shares = IterationShares(100)
    assert shares.answer("a", 1, 0, 0, True, workers=2) == 25
    assert shares.answer("a", 2, 5, 5, False, workers=2) == 5
    assert shares.left == 95


@pytest.mark.parametrize("workers", [1, 3])
def test_workers_make_exactly_the_iterations_of_their_master(cluster_of, until, workers: int) -> None:
    user_class = counting_user()
    cluster = cluster_of([user_class], workers)
    cluster.master.environment.iterations = 200
    until(lambda: len(cluster.master.clients.ready) == workers)
    cluster.master.start(6, 100)
    until(lambda: cluster.master.state == "stopped")
    assert cluster.master.limit_reached.is_set()
    assert user_class.made == 200


def test_a_worker_that_joins_late_takes_part(cluster_of, until) -> None:
    user_class = counting_user()
    cluster = cluster_of([user_class], 1)
    cluster.master.environment.iterations = 1500
    until(lambda: len(cluster.master.clients.ready) == 1)
    cluster.master.start(4, 100)
    late = cluster.add_worker()
    until(lambda: cluster.master.state == "stopped")
    assert late.environment.turnstile.ended > 0
    assert user_class.made == 1500
