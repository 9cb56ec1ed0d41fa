"""Many faults at random times; the master's counts are compared with those of the target.

The short tests always run; the marked ones take minutes (`make soak`).
"""

from __future__ import annotations

import json
import random
import signal
import time
from collections import defaultdict

import pytest

from polling import stays

UNREPORTED_S = 6.0
"""The greatest age of a worker's last report: the interval, and as much again on a busy machine."""


def _spread(state, users):
    """Whether `users` run, evenly over all workers."""
    counts = [worker["users"] for worker in state["workers"].values()]
    states = {worker["state"] for worker in state["workers"].values()}
    return sum(counts) == users and max(counts) - min(counts) <= 1 and states == {"running"}


def _assert_sound(state):
    """Invariants of all statistics."""
    assert sum(state["entries"].values()) == state["requests"] == state["per_second"]


@pytest.mark.races_with_the_machine("a node that gets no core for seconds is late for a limit of the protocol")
@pytest.mark.parametrize(
    "pause_s",
    [
        5,
        pytest.param(61, marks=[pytest.mark.soak, pytest.mark.timeout(300)]),
        pytest.param(600, marks=[pytest.mark.soak, pytest.mark.timeout(900)]),
    ],
)
def test_a_paused_worker_is_taken_back_soon_without_lost_or_doubled_counts(cluster, pause_s):
    master = cluster.master()
    frozen, healthy = cluster.workers(master.port, 2)
    master.until(lambda state: len(state["workers"]) == 2)
    master.do("start", users=12, rate=12)
    master.until(lambda state: _spread(state, 12))
    frozen.signal(signal.SIGSTOP)
    stays(lambda: master.state()["workers"][healthy.id]["users"] >= 6, for_s=pause_s, wanted="users on the other")
    frozen.signal(signal.SIGCONT)
    # The documentation says three seconds; the rest allows for a busy machine.
    master.until(
        lambda state: state["workers"].get(frozen.id, {}).get("state") in ("ready", "spawning", "running"), timeout_s=8
    )
    master.until(lambda state: len(state["workers"]) == 2 and _spread(state, 12))
    state = master.do("stop")
    _assert_sound(state)
    assert state["requests"] == cluster.target.served()
    # A pause that is longer than the timeout of a request makes each request in flight fail.
    assert state["failures"] <= (6 if pause_s > 60 else 0)


def test_a_worker_that_slept_through_the_stop_is_stopped_when_it_wakes(cluster):
    master = cluster.master()
    sleeper, _ = cluster.workers(master.port, 2)
    master.until(lambda state: len(state["workers"]) == 2)
    master.do("start", users=6, rate=6)
    master.until(lambda state: _spread(state, 6))
    sleeper.signal(signal.SIGSTOP)
    master.until(lambda state: state["workers"][sleeper.id]["state"] == "missing")
    master.do("stop")
    sleeper.signal(signal.SIGCONT)
    master.until(lambda state: all(worker["state"] == "ready" for worker in state["workers"].values()))
    before = cluster.target.served()
    stays(lambda: cluster.target.served() == before, for_s=0.5, wanted="a target that is left alone")


class Storm:
    """Kills, suspends, ends and adds workers at random.

    One worker, the bystander, is left alone.
    """

    USERS = 24
    MOST_WORKERS = 6

    def __init__(self, cluster, seed):
        self.cluster = cluster
        self.chance = random.Random(seed)
        self.master = cluster.master()
        self.bystander, *self.others = cluster.workers(self.master.port, 4)
        self.frozen = []
        self.frozen_since = {}
        self.slept_s = defaultdict(float)
        self.killed = {}
        self.deeds = []

    def rage(self, seconds, watch=None):
        """Causes one fault after the other for some time, and keeps calling `watch` with the master's state."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            self._strike()
            until = time.monotonic() + self.chance.uniform(0.0, 1.2)
            while time.monotonic() < until:
                if watch:
                    watch(self.master.state())
                time.sleep(0.05)

    def _strike(self):
        deeds = [self._add] if len(self.others) + 1 < self.MOST_WORKERS else []
        if self.others:
            deeds += [self._kill, self._freeze, self._end]
        if self.frozen:
            deeds += [self._thaw, self._thaw]
        deed = self.chance.choice(deeds)
        self.deeds.append(deed.__name__)
        deed()

    def _any(self):
        return self.others.pop(self.chance.randrange(len(self.others)))

    def _add(self):
        self.others.append(self.cluster.worker(self.master.port))

    def _kill(self):
        victim = self._any()
        self.killed[victim.process.pid] = time.monotonic()
        victim.signal(signal.SIGKILL)

    def _freeze(self):
        self.frozen.append(self._any())
        self.frozen_since[self.frozen[-1].process.pid] = time.monotonic()
        self.frozen[-1].signal(signal.SIGSTOP)

    def _end(self):
        self._any().signal(signal.SIGTERM)

    def _thaw(self):
        worker = self.frozen.pop(0)
        self.slept_s[worker.process.pid] += time.monotonic() - self.frozen_since.pop(worker.process.pid)
        worker.signal(signal.SIGCONT)
        self.others.append(worker)

    def calm_down(self):
        """Resumes all workers; returns the ids of those that are alive."""
        while self.frozen:
            self._thaw()
        return {worker.id for worker in [self.bystander, *self.others]}

    def lost_at_most(self):
        """An upper bound of the requests that killed workers counted but did not report."""
        served = self.cluster.target.times()
        return sum(
            sum(when > killed_at - UNREPORTED_S - self.slept_s[pid] for when in served.get(pid, ()))
            for pid, killed_at in self.killed.items()
        )


@pytest.mark.races_with_the_machine("a node that gets no core for seconds is late for a limit of the protocol")
@pytest.mark.parametrize(
    ("seed", "seconds"),
    [(1, 2), *(pytest.param(seed, 20, marks=[pytest.mark.soak, pytest.mark.timeout(600)]) for seed in range(2, 8))],
)
def test_a_storm_of_faults_leaves_users_and_counts_right(cluster, seed, seconds):
    storm = Storm(cluster, seed)
    try:
        _weather(storm, cluster.target, seconds)
    except AssertionError as error:
        raise AssertionError(f"seed {seed}, {storm.deeds}: {error}") from error


def _weather(storm, target, seconds):
    master, users = storm.master, storm.USERS
    master.until(lambda state: len(state["workers"]) == 4)
    # While users are spawned …
    master.do("start", users=users, rate=users / seconds)
    storm.rage(seconds)
    alive = storm.calm_down()
    master.until(lambda state: set(state["workers"]) >= alive and _running(state, alive, users), timeout_s=60)
    # … while they run …
    fewest = users // (storm.MOST_WORKERS + len(storm.killed) + 1)

    def bystander_keeps_its_users(state):
        assert state["workers"][storm.bystander.id]["users"] >= min(fewest, users // storm.MOST_WORKERS)

    storm.rage(seconds, bystander_keeps_its_users)
    alive = storm.calm_down()
    master.until(lambda state: _running(state, alive, users), timeout_s=60)
    # … and while they stop.
    master.process.stdin.write(json.dumps({"do": "stop"}) + "\n")
    master.process.stdin.flush()
    storm.rage(min(seconds, 3))
    alive = storm.calm_down()
    state = json.loads(master.line())
    _assert_sound(state)
    assert state["failures"] == 0
    state = master.until(lambda state: all(state["workers"].get(id, {}).get("state") == "ready" for id in alive))
    served = target.served()
    assert served - storm.lost_at_most() <= state["requests"] <= served


def _running(state, alive, users):
    """Whether the living workers run all users, evenly; the dead may still be listed as missing."""
    present = {id: worker for id, worker in state["workers"].items() if worker["state"] != "missing"}
    return set(present) == alive and _spread({"workers": present}, users)
