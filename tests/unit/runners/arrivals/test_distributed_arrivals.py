"""Arrivals on several workers: together they are exactly those that were meant, also as workers come and go."""

from __future__ import annotations

from collections import Counter
from typing import Any

import gevent
import pytest

from locust_rs import User
from locust_rs.runners.arrivals.counts import ArrivalCounts
from locust_rs.runners.arrivals.ledger import Ledger, from_message, to_message
from locust_rs.runners.arrivals.times import pack_times, unpack_times
from locust_rs.runners.worker.arrivals import read_arrivals


def visitor(rate: Any, **attributes: Any) -> Any:
    def note(user: Any) -> None:
        user.seen[user.environment.runner.client_id] += 1

    return type("Visitor", (User,), {"seen": Counter(), "tasks": [note], "arrival_rate": rate, **attributes})


def of(master: Any) -> ArrivalCounts:
    counts: ArrivalCounts = master.arrivals.counts["Visitor"]
    return counts


def test_workers_share_arrivals_and_the_master_adds_up_what_they_tell(cluster_of, until) -> None:
    user_class = visitor([(0, 200), (1, 200)])
    cluster = cluster_of([user_class], workers=3)
    until(lambda: cluster.master.worker_count == 3)
    cluster.master.start(1, 1)
    until(lambda: cluster.master.state == "stopped")
    assert user_class.seen.total() == 200
    assert (of(cluster.master).meant, of(cluster.master).begun) == (200, 200)
    assert set(user_class.seen) <= {worker.client_id for worker in cluster.workers}
    assert cluster.master.user_count == 0


def test_a_worker_that_joins_gets_its_part(cluster_of, until) -> None:
    user_class = visitor(100)
    cluster = cluster_of([user_class], workers=1)
    until(lambda: cluster.master.worker_count == 1)
    cluster.master.start(1, 1)
    until(lambda: user_class.seen.total() > 20)
    late = cluster.add_worker()
    until(lambda: user_class.seen[late.client_id] > 20)
    cluster.master.environment.arrivals.by_class["Visitor"] = 0
    until(cluster.master.arrivals._is_idle)
    assert of(cluster.master).begun == user_class.seen.total()
    assert of(cluster.master).dropped == 0


def test_what_a_worker_that_leaves_does_not_begin_others_do(cluster_of, until) -> None:
    user_class = visitor([(0, 200), (3, 200)])
    cluster = cluster_of([user_class], workers=2)
    until(lambda: cluster.master.worker_count == 2)
    cluster.master.start(1, 1)
    leaving = cluster.workers[0]
    until(lambda: user_class.seen[leaving.client_id] > 20)
    gevent.spawn(leaving.leave)
    until(lambda: cluster.master.state == "stopped")
    counts = of(cluster.master)
    assert counts.meant == 600
    assert user_class.seen.total() == counts.begun > 300


def test_the_bound_is_divided_among_workers(cluster_of, until) -> None:
    user_class = visitor(100, tasks=[lambda user: gevent.sleep(600)], max_users=5)
    cluster = cluster_of([user_class], workers=2)
    until(lambda: cluster.master.worker_count == 2)
    cluster.master.start(1, 1)
    until(lambda: of(cluster.master).dropped > 20)
    assert sorted(cluster.users()) == [2, 3]
    assert any("were dropped" in line for line in cluster.master.health.start_warnings)
    cluster.master.stop()
    assert cluster.users() == [0, 0]
    assert of(cluster.master).begun == 5


def test_users_that_are_spawned_run_beside_those_that_arrive(cluster_of, until) -> None:
    resident = type("Resident", (User,), {"tasks": [lambda user: gevent.sleep(0.01)]})
    user_class = visitor(100)
    cluster = cluster_of([user_class, resident], workers=2)
    until(lambda: cluster.master.worker_count == 2)
    cluster.master.start(4, 100)
    until(lambda: user_class.seen.total() > 20)
    until(lambda: sum(worker.user_classes_count["Resident"] for worker in cluster.workers) == 4)
    until(lambda: cluster.master.target_user_classes_count == {"Resident": 4})
    until(lambda: cluster.master.state == "running")


def test_nobody_arrives_during_a_pause(cluster_of, until) -> None:
    user_class = visitor([(0, 100), (1, 100)])
    cluster = cluster_of([user_class], workers=2)
    until(lambda: cluster.master.worker_count == 2)
    cluster.master.start(1, 1)
    until(lambda: user_class.seen.total() > 10)
    cluster.master.pause()
    until(lambda: all(worker.is_paused for worker in cluster.workers))
    gevent.sleep(0.05)
    before = user_class.seen.total()
    gevent.sleep(0.3)
    assert user_class.seen.total() == before
    cluster.master.resume()
    until(lambda: cluster.master.state == "stopped")
    assert user_class.seen.total() == of(cluster.master).begun == 100


def test_a_second_test_counts_anew(cluster_of, until) -> None:
    user_class = visitor([(0, 100), (0.3, 100)])
    cluster = cluster_of([user_class], workers=1)
    cluster.master.environment.web_ui = object()  # with one, the end of a test is not that of the runner
    for _ in range(2):
        user_class.seen.clear()
        until(lambda: cluster.master.worker_count == 1)
        cluster.master.start(1, 1)
        until(lambda: cluster.master.state == "stopped")
        assert of(cluster.master).begun == user_class.seen.total() == 30


def test_what_a_lost_worker_has_not_told_counts_as_dropped() -> None:
    ledger = Ledger()
    ledger.hand("a", "Visitor", [1.0, 2.0, 3.0, 9.0])
    ledger.hand("b", "Visitor", [1.5])
    ledger.note("a", {"Visitor": ArrivalCounts(begun=1)})
    ledger.note("b", {"Visitor": ArrivalCounts(begun=1)})
    ledger.advance(3.5)
    assert ledger.counts(lost=set())["Visitor"] == ArrivalCounts(begun=2)
    assert ledger.counts(lost={"a"})["Visitor"] == ArrivalCounts(begun=2, dropped=2)
    ledger.note("a", {"Visitor": ArrivalCounts(begun=3)})
    assert ledger.counts(lost={"a"})["Visitor"] == ArrivalCounts(begun=4)
    assert not ledger.is_settled(set())
    assert ledger.take_back("a", 3.5) == {"Visitor": [9.0]}
    assert ledger.is_settled(set())


def test_counts_and_times_travel_unchanged() -> None:
    counts = {"Visitor": ArrivalCounts(1, 2, 3, 4, 0.5)}
    assert from_message(to_message(counts)) == counts
    assert unpack_times(pack_times([0.1, 2.5])) == [0.1, 2.5]


@pytest.mark.parametrize(
    "told",
    [
        None,
        [],
        {"A": None},
        {"A": [1, 2, 3]},
        {"A": [1, 2, 3, -1, 0.0]},
        {"A": [1, 2, 3, 4, float("nan")]},
        {1: [0] * 5},
    ],
)
def test_malformed_counts_are_refused(told: Any) -> None:
    with pytest.raises(ValueError, match="its arrivals are"):
        from_message(told)


GOOD = {"test": "t", "now_s": 1.0, "times": {"A": b""}, "max_users": {"A": 1}}


@pytest.mark.parametrize(
    "change",
    [
        {"test": None},
        {"now_s": float("nan")},
        {"now_s": 1},
        {"times": {"A": b"1234"}},
        {"times": {"A": pack_times([float("inf")])}},
        {"times": {"A": 5}},
        {"max_users": {"A": -1}},
        {"max_users": {"A": True}},
    ],
)
def test_malformed_orders_are_refused(change: dict[str, Any]) -> None:
    assert read_arrivals(GOOD)[0] == {**GOOD, "times": {"A": []}}
    with pytest.raises(ValueError):  # noqa: PT011  # one of several messages
        read_arrivals({**GOOD, **change})
