"""Workers that are ended from outside during a test, as pods are on scale-down."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

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


class Fleet:
    """A master and three workers, started as on the command line, in one folder."""

    def __init__(self, folder: Path, port: int, target_url: str) -> None:
        self.folder = folder
        self._port = str(port)
        self._target_url = target_url
        self._processes: list[subprocess.Popen[str]] = []
        (folder / "locustfile.py").write_text(LOCUSTFILE)

    def start(self, *arguments: str, name: str) -> subprocess.Popen[str]:
        with (self.folder / f"{name}.log").open("w") as log:
            command = [sys.executable, "-m", "locust", *arguments]
            self._processes.append(subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log, text=True))
        return self._processes[-1]

    def master(self, *arguments: str) -> subprocess.Popen[str]:
        run = ["--master", "--master-bind-port", self._port, "--headless", "--expect-workers", "3", "--only-summary"]
        return self.start(*run, "-u", "9", "-r", "100", "--host", self._target_url, *arguments, name="master")

    def workers(self, *arguments: str) -> list[subprocess.Popen[str]]:
        worker = ["--worker", "--master-port", self._port, *arguments]
        return [self.start(*worker, name=f"worker{number}") for number in range(3)]

    def log(self, name: str = "master") -> str:
        return (self.folder / f"{name}.log").read_text()

    def logged(self, text: str, times: int = 1) -> None:
        until(lambda: self.log().count(text) >= times, lambda: f"{times} times {text!r} in:\n{self.log()}")

    def end(self, process: subprocess.Popen[str]) -> int:
        process.send_signal(signal.SIGTERM)
        return process.wait(60)

    def close(self) -> None:
        for process in self._processes:
            process.kill()
            process.wait()


@pytest.fixture
def fleet(cluster, tmp_path, free_port) -> Iterator[Fleet]:
    fleet = Fleet(tmp_path, free_port, cluster.target.url)
    yield fleet
    fleet.close()


def _counted(fleet: Fleet, name: str) -> int:
    """The number of requests in the last table of the master."""
    found = re.findall(rf"{name} +(\d+) ", fleet.log().split("Response time percentiles")[0])
    return int(found[-1]) if found else 0


@pytest.mark.parametrize(
    ("of_master", "of_workers"),
    [(["--stop-timeout", "60"], []), ([], ["--drain-timeout", "60"])],
    ids=["stop timeout of the master", "drain timeout of the worker"],
)
def test_a_worker_that_gets_sigterm_hands_its_users_over_and_finishes_their_tasks(
    cluster, fleet, of_master, of_workers
):
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
    assert _counted(fleet, "Aggregated") == cluster.target.served()
    if of_master:
        assert _counted(fleet, "/begins") == _counted(fleet, "/ends") > 3


def test_a_worker_that_gets_sigterm_without_a_timeout_loses_no_request(cluster, fleet):
    master, workers = fleet.master(), fleet.workers()
    (fleet.folder / "go_on").touch()
    fleet.logged("All users spawned")
    until(lambda: cluster.target.served() > 100)
    assert fleet.end(workers[0]) == 0
    fleet.logged("All users spawned", times=2)
    assert fleet.end(master) == 0
    assert _counted(fleet, "Aggregated") == cluster.target.served()


def test_the_last_worker_that_leaves_ends_the_test_with_all_its_requests(cluster, fleet):
    master, workers = fleet.master(), fleet.workers()
    (fleet.folder / "go_on").touch()
    fleet.logged("All users spawned")
    until(lambda: cluster.target.served() > 100)
    for worker in workers:
        worker.send_signal(signal.SIGTERM)
    assert [worker.wait(60) for worker in workers] == [0, 0, 0]
    assert master.wait(60) == 0
    assert "The last worker quit, stopping test." in fleet.log()
    assert _counted(fleet, "Aggregated") == cluster.target.served()


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
