"""Connections that are slow, break at any byte, stall or are duplicated."""

from __future__ import annotations

import random
import time

import pytest

from polling import until

FAULTS = ["cut", "cut_in_mid_frame", "say_everything_twice", "fall_silent"]


def _all_run(state, users):
    counts = [worker["users"] for worker in state["workers"].values()]
    return len(counts) == 3 and sum(counts) == users and max(counts) - min(counts) <= 1 and state["state"] == "running"


@pytest.fixture
def wired(cluster):
    """A master and three workers, two of them each behind a proxy of its own."""
    master = cluster.master()
    wires = [cluster.wire(master.port) for _ in range(2)]
    workers = [cluster.worker(port) for port in (wires[0].port, wires[1].port, master.port)]
    assert all(worker.id for worker in workers)
    master.until(lambda state: len(state["workers"]) == 3)
    return master, wires, workers


def _stop_and_compare(cluster, master, workers):
    state = master.do("stop")
    assert sum(state["entries"].values()) == state["requests"] == state["per_second"]
    logs = "".join(["master:\n", *master.log, *(line for worker in workers for line in ["worker:\n", *worker.log])])
    assert state["requests"] == cluster.target.served(), logs
    assert not any("Traceback" in line for node in (master, *workers) for line in node.log)
    assert all(worker.process.poll() is None for worker in workers)


@pytest.mark.races_with_the_machine("a node that gets no core for seconds is late for a limit of the protocol")
@pytest.mark.parametrize("faults", [FAULTS[:2], FAULTS[2:]], ids=" ".join)
def test_workers_are_back_after_a_fault_and_nothing_is_lost_or_counted_twice(cluster, wired, faults):
    master, wires, workers = wired
    for wire in wires:
        wire.delay_s = 0.05
    master.do("start", users=12, rate=6)
    # While users are spawned, when orders may be lost.
    taken = [wire.taken for wire in wires]
    for wire, fault in zip(wires, faults, strict=True):
        getattr(wire, fault)()
    until(lambda: all(wire.taken > before for wire, before in zip(wires, taken, strict=True)))
    master.until(lambda state: _all_run(state, 12))
    _stop_and_compare(cluster, master, workers)


@pytest.mark.races_with_the_machine("a node that gets no core for seconds is late for a limit of the protocol")
def test_a_stop_that_is_lost_on_its_way_is_said_again(cluster, wired):
    master, wires, workers = wired
    master.do("start", users=12, rate=12)
    master.until(lambda state: _all_run(state, 12))
    wires[0].fall_silent()
    _stop_and_compare(cluster, master, workers)


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(3))
def test_faults_at_random_for_minutes(cluster, wired, seed):
    master, wires, workers = wired
    chance = random.Random(seed)
    done = []
    for round_number in range(4):
        users = chance.choice([6, 12, 18])
        master.do("start", users=users, rate=chance.choice([2, 20]))
        for _ in range(6):
            wire = chance.choice(wires)
            wire.delay_s = chance.choice([0.0, 0.02, 0.3])
            done.append((round_number, chance.choice(FAULTS)))
            getattr(wire, done[-1][1])()
            time.sleep(chance.uniform(0.0, 6.0))
        try:
            master.until(lambda state, users=users: _all_run(state, users), timeout_s=90)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}, {done}: {error}") from error
    _stop_and_compare(cluster, master, workers)
