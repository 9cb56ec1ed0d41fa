"""Users that arrive, in whole runs: the target counts what was meant."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from locust_rs.runners.arrivals.schedule import Schedule

TARGET = Path(__file__).parents[1] / "verdict" / "exact_delay.py"

ARRIVING = """
from locust import FastHttpUser, task

class Visitor(FastHttpUser):
    arrival_rate = [(0, 100), (2, 100)]

    @task
    def get(self):
        self.client.get("/")

class Random(Visitor):
    arrival_rate = [(0, 50), (2, 50)]
    arrival_distribution = "poisson"
"""

NODES = [[], ["--processes", "2"]]
IDS = ["local", "distributed"]


class Target:
    """Answers some time after each request, and counts them."""

    def __init__(self, delay_ms: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, TARGET, str(delay_ms)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout
        self.url = f"http://127.0.0.1:{self._process.stdout.readline().strip()}"

    def end(self) -> int:
        """Ends it; returns how many requests it has answered."""
        out, _ = self._process.communicate(timeout=30)
        served: int = json.loads(out)["served"]
        return served


@pytest.fixture
def quick() -> Iterator[Target]:
    target = Target(1)
    try:
        yield target
    finally:
        if target._process.poll() is None:
            target._process.kill()
            target._process.communicate(timeout=30)


def results_of(shell: Any) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads((shell.folder / "results.json").read_text())
    return plain


@pytest.mark.parametrize("nodes", NODES, ids=IDS)
def test_a_run_ends_after_exactly_the_arrivals_that_were_meant(
    shell: Any, quick: Target, free_port: int, nodes: list[str]
) -> None:
    shell.write("arriving.py", ARRIVING)
    load = ["-H", quick.url, "--headless", "--only-summary", "--results", "results.json", "Visitor"]
    done = shell.run("-f", "arriving.py", *load, "--master-bind-port", str(free_port), *nodes)
    assert done.code == 0, done.err
    assert "Users of Visitor arrive: to 100 in 0 s, to 100 in 2 s, at most 10,000 at once" in done.err
    assert "All arrivals have come and gone, shutting down" in done.err
    results = results_of(shell)
    arrived = results["arrivals"]["Visitor"]
    assert (arrived["meant"], arrived["begun"], arrived["dropped"], arrived["overdue"]) == (200, 200, 0, 0)
    assert results["total"]["requests"] == 200
    assert quick.end() == 200
    (row,) = [line.split() for line in done.err.splitlines() if line.startswith("Visitor  ")]
    assert row[:3] == ["Visitor", "200", "200"]


@pytest.mark.parametrize("nodes", NODES, ids=IDS)
def test_the_arrivals_of_a_seed_are_the_same_wherever_they_run(
    shell: Any, quick: Target, free_port: int, nodes: list[str]
) -> None:
    shell.write("arriving.py", ARRIVING)
    load = [
        "-H",
        quick.url,
        "--headless",
        "--only-summary",
        "--results",
        "results.json",
        "--arrival-seed",
        "4",
        "Random",
    ]
    done = shell.run("-f", "arriving.py", *load, "--master-bind-port", str(free_port), *nodes)
    assert done.code == 0, done.err
    assert "Poisson with seed 4" in done.err
    meant = len(Schedule([(0, 50), (2, 50)], "poisson", "4/Random").until(10))
    assert quick.end() == results_of(shell)["total"]["requests"] == meant


@pytest.mark.parametrize("nodes", NODES, ids=IDS)
def test_the_command_line_sets_rate_and_bound_and_a_threshold_judges_what_was_dropped(
    shell: Any, free_port: int, nodes: list[str]
) -> None:
    shell.write(
        "arriving.py",
        "from locust import User, task\nimport gevent\n\nclass Visitor(User):\n"
        "    @task\n    def stay(self):\n        gevent.sleep(60)\n",
    )
    load = ["--headless", "-t", "3", "--only-summary", "--results", "results.json"]
    arrivals = ["--arrival-rate", "Visitor=50", "--max-users", "5", "--threshold", "dropped < 10%"]
    done = shell.run("-f", "arriving.py", *load, *arrivals, "--master-bind-port", str(free_port), *nodes)
    assert done.code == 99, done.err
    arrived = results_of(shell)["arrivals"]["Visitor"]
    assert arrived["begun"] == 5
    assert 20 <= arrived["dropped"] == arrived["meant"] - 5 - arrived["overdue"]
    told = f"{arrived['dropped']} of {arrived['meant']} arrivals were dropped"
    assert told in done.err
    assert any(told in warning for warning in results_of(shell)["generator"]["warnings"])
