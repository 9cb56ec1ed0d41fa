"""A pace that the target does not allow: what was meant stands beside what came."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from meant_starts import LOCUSTFILE, PACE_S, meant_times_ms, percentile, stalling_target

TARGET = Path(__file__).parents[1] / "verdict" / "exact_delay.py"

PACED = """
from locust import FastHttpUser, constant_throughput, task

class Paced(FastHttpUser):
    wait_time = constant_throughput(10)

    @task
    def get(self):
        self.client.get("/slow")
"""


@pytest.fixture
def slow_target() -> Iterator[str]:
    """Answers 300 ms after each request."""
    target = subprocess.Popen([sys.executable, TARGET, "300"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert target.stdout
        yield f"http://127.0.0.1:{target.stdout.readline().strip()}"
    finally:
        target.communicate(timeout=30)


@pytest.mark.parametrize("nodes", [[], ["--processes", "2"]], ids=["local", "distributed"])
def test_every_start_that_was_meant_counts(shell, slow_target: str, free_port: int, nodes: list[str]) -> None:
    shell.write("paced.py", PACED)
    load = ["-H", slow_target, "--headless", "-u", "5", "-r", "100", "-t", "4", "--only-summary", "--intended-start"]
    done = shell.run("-f", "paced.py", *load, "--csv", "out", "--json", "--master-bind-port", str(free_port), *nodes)
    assert done.code == 0, done.err
    (row,) = json.loads(done.out)
    times = row["from_intended_start"]
    # Three starts are due per response, apart from the first two of each user.
    assert times["count"] >= 3 * (row["num_requests"] - 2 * 5)
    assert row["num_requests"] > 2 * 5
    assert 300 <= times["0.5"] <= times["0.99"] <= times["max"]
    with (shell.folder / "out_intended.csv").open(newline="") as file:
        written = list(csv.DictReader(file))
    assert [(line["Name"], int(line["Intended Count"])) for line in written] == [
        ("/slow", times["count"]),
        ("Aggregated", times["count"]),
    ]
    assert "Times from the intended start (ms)" in done.err


def test_without_the_option_no_output_mentions_intended_starts(shell, slow_target: str) -> None:
    shell.write("paced.py", PACED)
    load = ["-H", slow_target, "--headless", "-u", "1", "-t", "1", "--only-summary"]
    done = shell.run("-f", "paced.py", *load, "--csv", "out", "--json")
    assert done.code == 0, done.err
    assert "intended" not in done.out + done.err
    assert not (shell.folder / "out_intended.csv").exists()


def test_after_a_stall_the_times_are_those_of_the_targets_log(shell) -> None:
    shell.write("paced.py", LOCUSTFILE)
    with stalling_target(1.0, 1.0) as (url, target):
        load = ["-H", url, "--headless", "-u", "10", "-r", "1000", "-t", "4", "--stop-timeout", "10", "--only-summary"]
        done = shell.run("-f", "paced.py", *load, "--json", "--intended-start")
        log = json.loads(target.communicate(timeout=30)[0])
    assert done.code == 0, done.err
    (row,) = json.loads(done.out)
    told, meant = row["from_intended_start"], meant_times_ms(log, PACE_S)
    assert row["num_requests"] == len(log)
    assert told["count"] == pytest.approx(len(meant), rel=0.05)
    served = sorted((answered - arrived) * 1000 for _, arrived, answered in log)
    # Few of the requests met the stall, and a quarter of the starts that were meant.
    assert percentile(served, 0.9) < 500 < percentile(meant, 0.9)
    for fraction in ("0.9", "0.99"):
        assert told[fraction] == pytest.approx(percentile(meant, float(fraction)), rel=0.05)
