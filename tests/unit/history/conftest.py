"""Kept runs that are made without running."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from drawn_times import intervals_text
from locust_rs.env import Environment
from locust_rs.history.model import KeptRun
from locust_rs.history.record import new_run, present_run
from locust_rs.history.store import Store


@pytest.fixture
def make_run() -> Iterator[Callable[..., KeptRun]]:
    """Makes runs: endpoint → response times in each second, and optionally endpoint → number of failures."""
    environments: list[Environment] = []

    def make(times: dict[str, list[list[float]]], failures: dict[str, int] | None = None, **settings: Any) -> KeptRun:
        environment = Environment(**{"host": "https://shop.example", "locustfile": "shop.py", **settings})
        runner = environment.create_local_runner()
        environments.append(environment)
        environment.thresholds.begin()
        run = new_run(environment)
        for name, seconds in times.items():
            for at in (time_ms for second in seconds for time_ms in second):
                environment.stats.log_request("GET", name, at, 100)
            for _ in range((failures or {}).get(name, 0)):
                environment.stats.log_error("GET", name, "503")
        environment.thresholds.close()
        kept = present_run(environment, run)
        for row in kept.rows:
            # The core dates a request by its own clock: these took no time.
            if row["name"] in times:
                row["intervals"] = intervals_text(times[row["name"]])
        assert runner.stats is environment.stats
        return kept

    yield make
    for environment in environments:
        assert environment.runner is not None
        environment.runner.quit()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty history."""
    return Store(tmp_path / "kept" / "runs.sqlite")
