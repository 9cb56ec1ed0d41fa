"""Masters with a journal that are killed under load and started again with the same command."""

from __future__ import annotations

import csv
import json
import re
import signal
import socket
import time
import urllib.parse
import urllib.request
from typing import Any

import pytest

from polling import until

LOCUSTFILE = """
from locust import FastHttpUser, constant, task


class Anyone(FastHttpUser):
    wait_time = constant(0.05)

    @task
    def work(self):
        self.client.get("/slow")
        self.environment.metrics.counter("works").add()
"""

SHAPE = """
from locust import LoadTestShape


class Steps(LoadTestShape):
    def tick(self):
        with open("ticks", "a") as ticks:
            print(self.get_run_time(), file=ticks)
        return (9, 100)
"""

JOURNAL = "locust-run.journal"


@pytest.fixture
def free_port_for_the_page() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _kept(fleet) -> bool:
    return (fleet.folder / "kept" / JOURNAL).exists()


def _kill(master) -> None:
    master.send_signal(signal.SIGKILL)
    master.wait(60)


def _go_under_load(cluster, fleet) -> None:
    fleet.logged("All users spawned")
    until(lambda: cluster.target.served() > 200)
    until(lambda: _kept(fleet))


def test_a_killed_master_goes_on_with_its_run_and_loses_no_request(cluster, fleet):
    fleet.write(LOCUSTFILE)
    command = ["--journal", "kept", "--run-time", "15s", "--stop-timeout", "5", "--csv", "out"]
    started = time.monotonic()
    master, workers = fleet.master(*command), fleet.workers()
    _go_under_load(cluster, fleet)
    spawned = time.monotonic()
    _kill(master)
    killed = time.monotonic()
    # The users go on without a master, and their reports wait.
    before = cluster.target.served()
    until(lambda: cluster.target.served() > before + 50)
    master = fleet.master(*command, name="again")
    fleet.logged("The run has lasted", name="again")
    noticed = time.monotonic()
    lasted_s = float(re.search(r"The run has lasted ([\d.]+) s", fleet.log("again"))[1])
    assert killed - spawned <= lasted_s + 0.1 <= noticed - started + 0.2
    assert master.wait(60) == 0, fleet.log("again")
    assert [worker.wait(60) for worker in workers] == [0, 0, 0]
    assert fleet.counted("Aggregated", name="again") == cluster.target.served()
    with (fleet.folder / "out_metrics.csv").open(newline="") as file:
        assert [(row["Metric"], int(row["Value"])) for row in csv.DictReader(file)] == [
            ("works", cluster.target.served())
        ]
    assert not _kept(fleet)


def test_a_shape_goes_on_where_it_was(cluster, fleet):
    fleet.write(LOCUSTFILE + SHAPE)
    command = ["--journal", "kept"]
    master, _ = fleet.master(*command), fleet.workers()
    _go_under_load(cluster, fleet)
    _kill(master)
    ticks = fleet.folder / "ticks"
    before = ticks.read_text().splitlines()
    master = fleet.master(*command, name="again")
    fleet.logged("All users spawned", name="again")
    until(lambda: len(ticks.read_text().splitlines()) > len(before) + 1)
    times = [float(line) for line in ticks.read_text().splitlines()]
    assert times == sorted(times)
    assert fleet.end(master) == 0
    assert fleet.counted("Aggregated", name="again") == cluster.target.served()


def test_a_damaged_journal_is_told_and_kept_and_the_run_starts_afresh(cluster, fleet):
    fleet.write(LOCUSTFILE)
    (fleet.folder / "kept").mkdir()
    content = b"\x85\xa6format\x01\xa4test\xa3abc"
    (fleet.folder / "kept" / JOURNAL).write_bytes(content)
    master, _ = fleet.master("--journal", "kept"), fleet.workers()
    _go_under_load(cluster, fleet)
    (kept,) = (fleet.folder / "kept").glob("*.damaged-*")
    assert kept.read_bytes() == content
    assert "is damaged" in fleet.log()
    assert kept.name in fleet.log()
    assert fleet.end(master) == 0
    assert fleet.counted("Aggregated") == cluster.target.served()


def test_a_run_of_the_web_ui_goes_on_too(cluster, fleet, free_port_for_the_page):
    fleet.write(LOCUSTFILE)
    port = free_port_for_the_page
    command = ["--headful", "--web-host", "127.0.0.1", "--web-port", str(port), "--journal", "kept"]
    master, workers = fleet.master(*command), fleet.workers()
    until(lambda: _page(port).get("worker_count") == 3, lambda: fleet.log())
    form = urllib.parse.urlencode({"user_count": 6, "spawn_rate": 6, "host": cluster.target.url}).encode()
    assert urllib.request.urlopen(f"http://127.0.0.1:{port}/swarm", form).status == 200
    _go_under_load(cluster, fleet)
    _kill(master)
    again = fleet.master(*command, name="again")
    until(lambda: _page(port).get("user_count") == 6, lambda: fleet.log("again"))
    fleet.logged("All users spawned", name="again")
    assert urllib.request.urlopen(f"http://127.0.0.1:{port}/stop", b"").status == 200
    # The page's figures are kept for a moment.
    served = cluster.target.served()
    until(lambda: _page(port)["stats"][-1]["num_requests"] == served, lambda: f"{served} requests: {_page(port)}")
    assert not _kept(fleet)
    assert fleet.end(again) == 0
    assert [worker.wait(60) for worker in workers] == [0, 0, 0]


def _page(port: int) -> dict[str, Any]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/stats/requests") as answer:
            found: dict[str, Any] = json.loads(answer.read())
            return found
    except OSError:
        return {}
