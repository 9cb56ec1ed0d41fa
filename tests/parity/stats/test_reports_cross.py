"""Reports between locust-rs and stock nodes, in both directions, give the same counts."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgpack
import pytest

EXCHANGE = Path(__file__).with_name("exchange.py")

pytestmark = pytest.mark.stock


def run(python: Path | str, work: str, given: Any) -> Any:
    finished = subprocess.run(
        [python, "-X", "utf8", EXCHANGE, work], input=json.dumps(given), capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)


def requests(seed: int) -> list[Any]:
    rng = random.Random(seed)
    return [
        (
            rng.choice(["GET", "POST"]),
            rng.choice(["/", "/é", "/" + "long" * 80]),
            rng.choice([None, rng.uniform(0, 30_000), rng.randrange(500)]),
            rng.randrange(100_000),
            rng.choice([None, None, "boom"]),
        )
        for _ in range(rng.randrange(60))
    ]


def test_every_mixture_of_nodes_counts_the_same(stock_python: Path) -> None:
    nodes = {"ours": sys.executable, "stock": stock_python}
    frames = {name: [run(python, "pack", requests(seed)) for seed in range(3)] for name, python in nodes.items()}
    merged = {
        (worker, master): run(python, "merge", frames[worker]) for worker in nodes for master, python in nodes.items()
    }
    expected = merged["stock", "stock"]
    assert expected["rows"][0]["num_requests"] > 0
    assert expected["errors"]
    for mixture, result in merged.items():
        assert result == expected, mixture


def test_our_message_is_stocks_with_one_more_key(stock_python: Path) -> None:
    given = requests(7)
    ours, stocks = (
        msgpack.loads(bytes.fromhex(run(python, "pack", given)), strict_map_key=False)
        for python in (sys.executable, stock_python)
    )
    ours[1].pop("locust_rs")
    assert ours == stocks
