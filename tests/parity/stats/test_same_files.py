"""The four CSV files and the JSON of a run are byte-identical to stock's."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

WRITE = Path(__file__).with_name("write_files.py")
FILES = ["stats", "stats_history", "failures", "exceptions"]

pytestmark = pytest.mark.stock


def written(python: Path | str, base: Path, history: str, given: list[Any]) -> dict[str, bytes]:
    base.parent.mkdir()
    finished = subprocess.run(
        [python, "-X", "utf8", WRITE, base, history],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    files = {name: Path(f"{base}_{name}.csv").read_bytes() for name in FILES}
    return {**files, "json": finished.stdout.encode()}


def requests() -> list[Any]:
    rng = random.Random(3)
    return [
        (
            rng.choice(["GET", "POST"]),
            rng.choice(["/", "/é", 'x,"y"', "/z?a=1"]),
            rng.choice([None, 0, 0.0, rng.uniform(0, 30_000), rng.randrange(500)]),
            rng.randrange(100_000),
            rng.choice([None, None, "boom", "ValueError('x\ny')"]),
        )
        for _ in range(90)
    ]


@pytest.mark.parametrize("history", ["short", "full"])
@pytest.mark.parametrize("given", [[], requests()], ids=["nothing", "requests"])
def test_files_are_the_same_bytes(stock_python: Path, tmp_path: Path, history: str, given: list[Any]) -> None:
    ours = written(sys.executable, tmp_path / "ours" / "run", history, given)
    stocks = written(stock_python, tmp_path / "stock" / "run", history, given)
    for name in (*FILES, "json"):
        assert ours[name].decode() == stocks[name].decode(), name
