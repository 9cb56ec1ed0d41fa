"""Workers that are ended from outside during a test, as pods are on scale-down."""

from __future__ import annotations

import signal

import pytest

from polling import stays, until

LOCUSTFILE = """
import os
import time

from locust import FastHttpUser, constant, task


class Patient(FastHttpUser):
    wait_time = constant(0.01)

    @task
    def work(self):
        self.client.get("/begins")
        while not os.path.exists("go_on"):
            self.client.get("/slow")
            time.sleep(0.02)
        self.client.get("/ends")
"""


@pytest.mark.parametrize(
    ("of_master", "of_workers"),
    [(["--stop-timeout", "60"], []), ([], ["--drain-timeout", "60"])],
    ids=["stop timeout of the master", "drain timeout of the worker"],
)
def test_a_worker_that_gets_sigterm_hands_its_users_over_and_finishes_their_tasks(
    cluster, fleet, of_master, of_workers
):
    fleet.write(LOCUSTFILE)
    master, workers = fleet.master(*of_master), fleet.workers(*of_workers)
    fleet.logged("All users spawned")
    until(lambda: cluster.target.served() > 100)
    workers[0].send_signal(signal.SIGTERM)
    fleet.logged("is leaving: its users go to the others")
    fleet.logged("All users spawned", times=2)
    # That is more than users get who do not end with their test.
    stays(lambda: workers[0].poll() is None, for_s=4.2, wanted="a worker whose users are busy")
    (fleet.folder / "go_on").touch()
    assert workers[0].wait(60) == 0
    fleet.logged(" quit. ")
    until(lambda: cluster.target.served() > 200)
    assert fleet.end(master) == 0
    assert [worker.wait(60) for worker in workers[1:]] == [0, 0]
    assert fleet.counted("Aggregated") == cluster.target.served()
    if of_master:
        assert fleet.counted("/begins") == fleet.counted("/ends") > 3


def test_a_worker_that_gets_sigterm_without_a_timeout_loses_no_request(cluster, fleet):
    fleet.write(LOCUSTFILE)
    master, workers = fleet.master(), fleet.workers()
    (fleet.folder / "go_on").touch()
    fleet.logged("All users spawned")
    until(lambda: cluster.target.served() > 100)
    assert fleet.end(workers[0]) == 0
    fleet.logged("All users spawned", times=2)
    assert fleet.end(master) == 0
    assert fleet.counted("Aggregated") == cluster.target.served()


def test_the_last_worker_that_leaves_ends_the_test_with_all_its_requests(cluster, fleet):
    fleet.write(LOCUSTFILE)
    master, workers = fleet.master(), fleet.workers()
    (fleet.folder / "go_on").touch()
    fleet.logged("All users spawned")
    until(lambda: cluster.target.served() > 100)
    for worker in workers:
        worker.send_signal(signal.SIGTERM)
    assert [worker.wait(60) for worker in workers] == [0, 0, 0]
    assert master.wait(60) == 0
    assert "The last worker quit, stopping test." in fleet.log()
    assert fleet.counted("Aggregated") == cluster.target.served()


def test_the_log_of_a_master_that_ends_tells_of_its_workers(fleet):
    fleet.write(LOCUSTFILE)
    (fleet.folder / "go_on").touch()
    master, workers = fleet.master("--run-time", "2s"), fleet.workers()
    assert master.wait(60) == 0
    assert [worker.wait(60) for worker in workers] == [0, 0, 0]
    log = fleet.log()
    assert [f" quit. {left} workers ready." in log for left in (2, 1, 0)] == [True] * 3
    assert "The last worker quit, stopping test." in log


def test_the_last_report_of_a_worker_arrives_although_its_connection_breaks(cluster):
    master = cluster.master()
    wire = cluster.wire(master.port)
    leaving, staying = cluster.worker(wire.port), cluster.worker(master.port)
    master.until(lambda state: len(state["workers"]) == 2)
    master.do("start", users=12, rate=12)
    master.until(lambda state: state["users"] == 12 and state["requests"] > 50)
    # What the worker sends now is still on its way when the connection breaks.
    wire.delay_s = 0.5
    leaving.signal(signal.SIGTERM)
    stays(lambda: leaving.process.poll() is None, for_s=0.2)
    wire.cut()
    wire.delay_s = 0.0
    assert leaving.wait() == 0
    master.until(lambda state: list(state["workers"]) == [staying.id] and state["users"] == 12)
    assert master.do("stop")["requests"] == cluster.target.served()
