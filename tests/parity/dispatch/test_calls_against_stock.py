"""A locustfile's own dispatcher class is called as stock Locust calls it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("calls_of.py")


def _calls(python: str | Path) -> list[str]:
    finished = subprocess.run([str(python), str(SCRIPT)], capture_output=True, text=True, timeout=300)
    assert finished.returncode == 0, finished.stderr
    return [line for line in finished.stdout.splitlines() if line.startswith("##")]


@pytest.mark.stock
def test_a_dispatcher_of_a_locustfile_sees_stocks_calls(stock_python: Path) -> None:
    ours = _calls(sys.executable)
    assert ours == _calls(stock_python)
    assert len(ours) == 8
