"""Users, tasks, waits and chains behave as under stock Locust: the same scenes, the same traces."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCENES = Path(__file__).parent / "scenes.py"

pytestmark = pytest.mark.stock


def played(python: str | Path, scene: str) -> Any:
    done = subprocess.run([python, SCENES, scene], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    "scene",
    [
        "task_lists",
        "seeded_picks",
        "seeded_waits",
        "pacing",
        "markov",
        "flows",
        "raised",
        "filtering",
        "ratios",
        "rest",
        "descriptions",
    ],
)
def test_scene(stock_python: Path, scene: str) -> None:
    ours, stocks = played(sys.executable, scene), played(stock_python, scene)
    assert ours == stocks
    assert ours
