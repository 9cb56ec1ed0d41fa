"""Random operations give the same public numbers, text and bytes as stock Locust's statistics."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

REPLAY = Path(__file__).with_name("replay.py")
NAMES = ["/", "/a", "/b?q=1", "né", "x,y", 'say "hi"', "long" * 30, "<b>&'"]
METHODS = ["GET", "POST", "CUSTOM_METHOD"]

pytestmark = pytest.mark.stock


def replay(python: Path | str, sequences: list[Any], *options: str) -> list[Any]:
    finished = subprocess.run(
        [python, "-X", "utf8", REPLAY, *options],
        input=json.dumps(sequences),
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    observations: list[Any] = json.loads(finished.stdout)
    return observations


def response_time(rng: random.Random) -> float | int | None:
    return rng.choice(
        [
            None,
            rng.randrange(0, 130),
            rng.randrange(0, 200) / 2,
            rng.uniform(0, 3),
            rng.uniform(0, 1500),
            rng.randrange(0, 240) * 5,
            rng.randrange(0, 2400) * 5.0,
            rng.uniform(5_000, 200_000),
            float(rng.randrange(9_000, 30_000, 50)),
            0,
            0.0,
        ]
    )


def operation(rng: random.Random) -> list[Any]:
    key = [rng.choice(METHODS), rng.choice(NAMES)]
    length = rng.randrange(0, 5_000)
    text = rng.choice(["boom", "a object at 0x7f12> b", "line\nbreak", 'x,"y"', "CatchResponseError('z')"])
    kinds = {
        "log": [*key, response_time(rng), length],
        "fail": [*key, response_time(rng), length, rng.choice(["text", "value", "catch"]), text],
        "only_error": [*key, text],
        "wait": [rng.choice([0.01, 0.3, 0.99, 1.0, 1.7, 2.5])],
        "observe": [],
        "report": [],
        "reset": [],
        "clear": [],
    }
    name = rng.choices(list(kinds), [40, 8, 2, 25, 1, 2, 0.4, 0.4])[0]
    return [name, *kinds[name]]


def sequences(seed: int, count: int, length: int) -> list[Any]:
    rng = random.Random(seed)
    return [[operation(rng) for _ in range(rng.randrange(length))] for _ in range(count)]


def assert_same(ours: Any, stocks: Any, where: str = "") -> None:
    """Compares recursively, including the types of numbers, and names the first difference."""
    if isinstance(ours, dict) and isinstance(stocks, dict):
        assert ours.keys() == stocks.keys(), where
        for key in ours:
            assert_same(ours[key], stocks[key], f"{where}.{key}")
    elif isinstance(ours, list) and isinstance(stocks, list):
        assert len(ours) == len(stocks), f"{where}: {ours} {stocks}"
        for index, pair in enumerate(zip(ours, stocks, strict=True)):
            assert_same(*pair, f"{where}[{index}]")
    else:
        assert (type(ours), ours) == (type(stocks), stocks), where


@pytest.mark.parametrize("options", [[], ["--native"]], ids=["methods", "recorder"])
def test_random_operations_give_the_same_observations(stock_python: Path, options: list[str]) -> None:
    given = sequences(20_260_101, count=60, length=120)
    assert_same(replay(sys.executable, given, *options), replay(stock_python, given))


def test_replaced_bucket_function_is_honoured(stock_python: Path) -> None:
    rng = random.Random(5)
    given = [
        [
            ["bucket", rng.choice([7, 2.5, 1000])],
            *(["log", "GET", "/", rng.uniform(0, 5_000), 1] for _ in range(20)),
            ["report"],
            ["bucket", None],
            *(["log", "GET", "/", rng.uniform(0, 5_000), 1] for _ in range(20)),
        ]
        for _ in range(5)
    ]
    # Keys that are not integers do not survive JSON.
    given[0][0] = ["bucket", 7]
    for sequence in given:
        if not float(sequence[0][1]).is_integer():
            sequence.remove(["report"])
    stocks = replay(stock_python, given)
    assert_same(replay(sys.executable, given), stocks)
    assert_same(replay(sys.executable, given, "--native"), stocks)


def test_attributes_that_are_set_count(stock_python: Path) -> None:
    given = [
        [
            ["log", "GET", "/", 12.5, 10],
            ["set", "GET", "/", "num_requests", 40],
            ["set", "GET", "/", "num_failures", 3],
            ["set", "GET", "/", "max_response_time", 900],
            ["set", "GET", "/", "min_response_time", None],
            ["set", "GET", "/", "total_content_length", 7.5],
            ["count", "GET", "/", 50, 39],
            ["wait", 1.5],
            ["log", "GET", "/", 3, 10],
            ["report"],
        ]
    ]
    assert_same(replay(sys.executable, given), replay(stock_python, given))
