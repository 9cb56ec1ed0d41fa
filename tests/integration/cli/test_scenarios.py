"""A soak, a ramp and a spike side by side in whole runs: the target counts the users that each class has had."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from gevent.pywsgi import WSGIServer

SIDE_BY_SIDE = """
from locust import FastHttpUser, constant, task

class Scenario(FastHttpUser):
    abstract = True
    wait_time = constant(0.1)

    def on_start(self):
        self.client.get(f"/{type(self).__name__}/start")

    @task
    def work(self):
        self.client.get(f"/{type(self).__name__}")

class Soak(Scenario):
    user_stages = [(0, 4)]
    run_for = 6

class Ramp(Scenario):
    start_after = "1s"
    user_stages = [(1, 10), (3, 10), (1, 0)]

class Spike(Scenario):
    start_after = 2
    user_stages = [(0, 20), (3, 20)]
    graceful_stop = 30
"""

NODES = [[], ["--processes", "2"]]
IDS = ["local", "distributed"]


class Site:
    """Answers everything, and counts what it is asked."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self._server = WSGIServer(("127.0.0.1", 0), self._answer, log=None, error_log=None)
        self._server.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def _answer(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        self.asked[environ["PATH_INFO"]] += 1
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"ok"]

    def stop(self) -> None:
        """Ends it."""
        self._server.stop(timeout=0.1)


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    made.stop()


@pytest.mark.parametrize("nodes", NODES, ids=IDS)
def test_each_class_has_its_users_and_the_last_one_ends_the_run(
    shell: Any, site: Site, free_port: int, nodes: list[str]
) -> None:
    shell.write("scenarios.py", SIDE_BY_SIDE)
    load = ["-H", site.url, "--headless", "--only-summary", "--results", "results.json"]
    done = shell.run("-f", "scenarios.py", *load, "--master-bind-port", str(free_port), *nodes)
    assert done.code == 0, done.err
    assert "Users of Soak: to 4 in 0 s, for 6 s" in done.err
    assert "Users of Ramp: to 10 in 1 s, to 10 in 3 s, to 0 in 1 s, from 1 s on" in done.err
    assert "No users to spawn at once: all User classes bring their own load" in done.err
    assert "All scenarios have ended, shutting down" in done.err
    started = {name: site.asked[f"/{name}/start"] for name in ("Soak", "Ramp", "Spike")}
    assert started == {"Soak": 4, "Ramp": 10, "Spike": 20}, done.err
    results = json.loads((shell.folder / "results.json").read_text())
    assert results["total"]["requests"] == site.asked.total()
    assert results["total"]["failures"] == 0


def test_a_class_that_contradicts_itself_is_told_and_nothing_runs(shell: Any, site: Site) -> None:
    shell.write("scenarios.py", SIDE_BY_SIDE.replace('start_after = "1s"', 'start_after = "soon"'))
    done = shell.run("-f", "scenarios.py", "-H", site.url, "--headless", "--only-summary")
    assert done.code != 0
    assert "The test can't start: Ramp.start_after is 'soon'; set it to seconds" in done.err
    assert not site.asked
