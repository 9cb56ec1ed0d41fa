"""Only what is marked as racing with the machine, and says why, gets a second chance."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SUPPORT = Path(__file__).parents[2] / "support"

FAILS_ONCE = """
import pytest
runs = []

{mark}
def test_that_fails_once():
    runs.append(1)
    assert len(runs) > 1
"""


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        ("@pytest.mark.races_with_the_machine('the process may not get a core in time')", "1 rerun in"),
        ("", "1 failed"),
        ("@pytest.mark.races_with_the_machine", "has to say why"),
    ],
    ids=["marked", "unmarked", "without a reason"],
)
def test_a_second_chance(tmp_path: Path, mark: str, said: str) -> None:
    (tmp_path / "test_it.py").write_text(FAILS_ONCE.format(mark=mark))
    command = [sys.executable, "-m", "pytest", "-p", "no:locust", "-p", "no:schemathesis", "-p", "reruns", "test_it.py"]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(SUPPORT), "RERUN_DELAY_S": "0"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert said in done.stdout + done.stderr
