"""The events, states and log lines of a local test, in the order in which stock Locust has them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("life_of.py")


def _lines(python: str | Path, scene: str) -> list[str]:
    finished = subprocess.run([str(python), str(SCRIPT), scene], capture_output=True, text=True)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout.splitlines()


@pytest.mark.stock
@pytest.mark.parametrize("scene", ["life", "messages", "exceptions", "shape", "turns"])
def test_a_local_test_lives_as_in_stock(stock_python: Path, scene: str) -> None:
    assert _lines(sys.executable, scene) == _lines(stock_python, scene)
