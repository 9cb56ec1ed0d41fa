"""A test that hangs fails, wherever it hangs, and the next one runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SUPPORT = Path(__file__).parents[2] / "support"

HANGING = """
import locust_rs
import gevent

def compute():
    while True:
        pass

def test_that_waits_in_the_hub():
    gevent.sleep(600)

def test_that_waits_for_a_greenlet_that_computes():
    gevent.spawn(compute).join()

def test_that_computes():
    compute()

def test_that_comes_after():
    gevent.sleep(0.01)
"""


def test_tests_that_hang_fail(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(HANGING)
    plugins = ["-p", "no:locust", "-p", "gevent_timeout"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, "--timeout", "1", "test_it.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(SUPPORT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "3 failed, 1 passed" in done.stdout, done.stdout + done.stderr
    assert done.stdout.count("Failed: Timeout (>1.0 s)") >= 3
