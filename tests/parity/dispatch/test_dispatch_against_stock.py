"""Every step has the same users on the same workers as stock Locust, in a ramp from 0 and then another, up or down.

Not compared: a ramp up after a ramp down, where stock continues with the turn it had reached and so deviates from
weights and even distribution; tests/unit/dispatch shows that locust-rs does not.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("dispatch_of.py")
CONFIGURATIONS = 60


def _run(python: str | Path, seed: int) -> list[list[object]]:
    output = subprocess.run(
        [str(python), str(SCRIPT), str(seed), str(CONFIGURATIONS)], capture_output=True, text=True, check=True
    ).stdout
    return [json.loads(line) for line in output.splitlines()]


@pytest.mark.stock
@pytest.mark.parametrize("seed", range(3))
def test_every_step_equals_stock(stock_python: Path, seed: int) -> None:
    ours, stock = _run(sys.executable, seed), _run(stock_python, seed)
    assert len(ours) == CONFIGURATIONS
    for number, (mine, theirs) in enumerate(zip(ours, stock, strict=True)):
        assert mine == theirs, f"configuration {number} of seed {seed}"
