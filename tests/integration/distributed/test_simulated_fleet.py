"""The short form of `make bench-fleet`: what hundreds of simulated workers report is what the master has in the end."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[3] / "benches" / "fleet.py"


@pytest.mark.skipif(sys.platform != "linux", reason="the bench reads CPU time and memory from /proc")
@pytest.mark.parametrize("kind", ["ours", "stock"])
def test_a_master_counts_every_request_of_two_hundred_workers(kind):
    size = ["--workers", "200", "--users", "20000", "--rate", "10000", "--seconds", "1", "--patient"]
    finished = subprocess.run(
        [sys.executable, BENCH, *size, "--json", *(["--stock"] if kind == "stock" else [])],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    (seen,) = json.loads(finished.stdout)
    assert seen["users"] == 20000
    assert seen["counted"] == seen["reported"] > 0
