"""Connections that are slow, break at any byte, fall silent or are there twice."""

from __future__ import annotations

import random
import time

import pytest

FAULTS = ["cut", "cut_in_mid_frame", "say_everything_twice", "fall_silent"]


def _all_run(state, users):
    counts = [worker["users"] for worker in state["workers"].values()]
    return len(counts) == 2 and sum(counts) == users and max(counts) - min(counts) <= 1 and state["state"] == "running"


@pytest.fixture
def wired(cluster):
    """A master and two workers, one of them behind a wire."""
    master = cluster.master()
    wire = cluster.wire(master.port)
    workers = [cluster.worker(wire.port), cluster.worker(master.port)]
    assert all(worker.id for worker in workers)
    master.until(lambda state: len(state["workers"]) == 2)
    return master, wire, workers


def _stop_and_compare(cluster, master, workers):
    state = master.do("stop")
    assert sum(state["entries"].values()) == state["requests"] == state["per_second"]
    assert state["requests"] == cluster.target.served(), "".join(
        ["master:\n", *master.log, "worker:\n", *workers[0].log]
    )
    assert not any("Traceback" in line for node in (master, *workers) for line in node.log)
    assert all(worker.process.poll() is None for worker in workers)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_worker_is_back_after_a_fault_and_nothing_is_lost_or_counted_twice(cluster, wired, fault):
    master, wire, workers = wired
    wire.delay_s = 0.05
    master.do("start", users=12, rate=6)
    # While users are spawned, when orders may be lost.
    taken = wire.taken
    getattr(wire, fault)()
    cluster.until(lambda: wire.taken > taken, what="a new connection")
    master.until(lambda state: _all_run(state, 12))
    _stop_and_compare(cluster, master, workers)


def test_a_stop_that_is_lost_on_its_way_is_said_again(cluster, wired):
    master, wire, workers = wired
    master.do("start", users=12, rate=12)
    master.until(lambda state: _all_run(state, 12))
    wire.fall_silent()
    _stop_and_compare(cluster, master, workers)


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(3))
def test_faults_at_random_for_minutes(cluster, wired, seed):
    master, wire, workers = wired
    chance = random.Random(seed)
    done = []
    for round_number in range(4):
        users = chance.choice([6, 12, 18])
        master.do("start", users=users, rate=chance.choice([2, 20]))
        for _ in range(6):
            wire.delay_s = chance.choice([0.0, 0.02, 0.3])
            done.append((round_number, chance.choice(FAULTS)))
            getattr(wire, done[-1][1])()
            time.sleep(chance.uniform(0.0, 6.0))
        try:
            master.until(lambda state, users=users: _all_run(state, users), timeout_s=90)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}, {done}: {error}") from error
    _stop_and_compare(cluster, master, workers)
