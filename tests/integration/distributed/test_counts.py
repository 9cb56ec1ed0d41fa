"""The master reports what the target served, however a test ends, and the users are those asked for."""

from __future__ import annotations

import re
import signal

import pytest

from polling import stays

LOCUSTFILE = """
from locust import FastHttpUser, constant, task


class Anyone(FastHttpUser):
    wait_time = constant(0.01)

    @task
    def work(self):
        self.client.get("/slow")
"""


def _ramped(state, users):
    return state["users"] == users and state["state"] == "running"


@pytest.mark.parametrize("stop_timeout", [None, 5], ids=["interrupting", "stop-timeout"])
@pytest.mark.parametrize("end", ["stop", "quit"])
def test_reported_equals_served(cluster, end, stop_timeout):
    master = cluster.master(stop_timeout=stop_timeout)
    cluster.workers(master.port, 2)
    master.until(lambda state: len(state["workers"]) == 2)
    master.do("start", users=13, rate=13)
    state = master.until(lambda state: _ramped(state, 13))
    assert state["classes"] == {"Steady": 9, "Brisk": 3, "Single": 1}
    assert sorted(worker["users"] for worker in state["workers"].values()) == [6, 7]
    master.until(lambda state: state["requests"] > 200)
    state = master.do(end)
    assert state["requests"] == cluster.target.served()
    assert state["failures"] == 0
    assert sum(state["entries"].values()) == state["requests"] == state["per_second"]
    assert state["events"] == ["test_start", "spawning_complete", "test_stopping", "test_stop"]


def test_a_second_test_starts_from_zero_and_counts_exactly(cluster):
    master = cluster.master()
    cluster.workers(master.port, 2)
    master.until(lambda state: len(state["workers"]) == 2)
    for _ in range(2):
        before = cluster.target.served()
        master.do("start", users=8, rate=8)
        master.until(lambda state: _ramped(state, 8) and state["requests"] > 50)
        state = master.do("stop")
        assert state["state"] == "stopped"
        assert state["users"] == 0
        assert state["requests"] == cluster.target.served() - before
    assert sorted(worker["index"] for worker in state["workers"].values()) == [0, 1]


def test_a_worker_that_is_told_to_leave_reports_everything_and_its_users_move(cluster):
    master = cluster.master()
    leaving, staying = cluster.workers(master.port, 2)
    master.until(lambda state: len(state["workers"]) == 2)
    master.do("start", users=12, rate=12)
    master.until(lambda state: _ramped(state, 12))
    leaving.signal(signal.SIGTERM)
    assert leaving.wait() == 0
    state = master.until(lambda state: len(state["workers"]) == 1 and _ramped(state, 12))
    assert state["workers"][staying.id]["users"] == 12
    state = master.do("quit")
    assert state["requests"] == cluster.target.served()
    assert staying.wait() == 0


def test_editing_a_running_test_reaches_each_target(cluster):
    master = cluster.master()
    cluster.workers(master.port, 2)
    master.until(lambda state: len(state["workers"]) == 2)
    for users in (9, 3, 17, 1, 0, 5):
        master.do("start", users=users, rate=50)
        state = master.until(lambda state, users=users: _ramped(state, users))
        assert state["classes"].get("Single", 0) == min(users, 1)
    state = master.do("stop")
    assert state["requests"] == cluster.target.served()


TEN_TIMES = [pytest.param(number, marks=pytest.mark.soak) for number in range(1, 11)]


@pytest.mark.parametrize("stop_timeout", [None, 5], ids=["interrupting", "stop-timeout"])
@pytest.mark.parametrize("number", [0, *TEN_TIMES])
def test_a_run_that_ends_by_its_time_reports_what_was_served(cluster, tmp_path, free_port, stop_timeout, number):
    (tmp_path / "locustfile.py").write_text(LOCUSTFILE)
    run = ["--headless", "--expect-workers", "2", "-u", "6", "-r", "6", "--only-summary", "--host", cluster.target.url]
    # At a different phase of the reports each time.
    run += ["-t", f"{5 + number % 3 if number else 3}s", "--stop-timeout", str(stop_timeout or 0)]
    worker = ["--worker", "--master-port", str(free_port)]
    outputs = cluster.run(tmp_path, ["--master", "--master-bind-port", str(free_port), *run], worker, worker)
    reported = int(re.findall(r"Aggregated +(\d+)", outputs[0])[-2])
    assert reported == cluster.target.served() > 100


def test_a_long_stop_happens_once(cluster):
    """While users take seconds to stop, the master repeats the order; the workers must not stop twice."""
    master = cluster.master(stop_timeout=5)
    cluster.workers(master.port, 2, env={"PAUSE_S": "4"})
    master.until(lambda state: len(state["workers"]) == 2)
    master.do("start", users=6, rate=6)
    master.until(lambda state: _ramped(state, 6))
    assert master.do("stop")["requests"] == cluster.target.served()
    master.until(lambda state: all(worker["state"] == "ready" for worker in state["workers"].values()))
    # A message that was in flight when a worker had just stopped.
    master.do("send", type="stop", data={"reminder": True})
    stays(lambda: sum("reported that it has stopped" in line for line in master.log) == 2, for_s=1)
