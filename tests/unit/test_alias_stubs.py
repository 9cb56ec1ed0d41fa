"""The stubs of `locust` are up to date, and a type checker understands a locustfile."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

LOCUSTFILE = """
from typing import Any

import locust.stats
from locust import FastHttpUser, HttpUser, LoadTestShape, TaskSet, User, between, constant, events, tag, task
from locust import run_single_user
from locust.env import Environment
from locust.exception import StopUser
from locust.runners import MasterRunner
from locust.user.users import HttpUser as TheSame

locust.stats.CSV_STATS_INTERVAL_SEC = 5


@events.test_start.add_listener
def on_test_start(environment: Environment, **kwargs: Any) -> None:
    if isinstance(environment.runner, MasterRunner):
        raise StopUser


class Shopper(HttpUser):
    wait_time = between(1, 5)
    host = "http://shop"

    @task(3)
    def browse(self) -> None:
        with self.client.get("/", catch_response=True) as response:
            if response.status_code != 200:
                response.failure("no")
        reveal_type(self.client)

    @tag("x")
    @task
    class Nested(TaskSet):
        @task
        def leave(self) -> None:
            self.interrupt()


class Fast(FastHttpUser):
    wait_time = constant(1)

    @task
    def load(self) -> None:
        reveal_type(self.client)
        with self.rest("GET", "/") as response:
            response.success()


class Steps(LoadTestShape):
    def tick(self) -> tuple[int, float]:
        return (1, 1)


classes: list[type[User]] = [Shopper, Fast, TheSame]
environment = Environment(user_classes=classes, events=events, shape_class=Steps())
environment.create_local_runner().start(1, spawn_rate=1)
run_single_user(Shopper)
Shopper.hots
"""


def test_stubs_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "generate_alias_stubs.py", "--check"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


def test_a_type_checker_sees_the_types(tmp_path: Path) -> None:
    path = tmp_path / "locustfile.py"
    path.write_text(LOCUSTFILE)
    config = tmp_path / "mypy.ini"
    config.write_text("[mypy]\nstrict = true\n")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", config, "--cache-dir", ROOT / ".mypy_cache", path],
        capture_output=True,
        text=True,
        timeout=170,
        env={**os.environ, "MYPYPATH": str(ROOT / "python")},
    )
    ours = [line.partition("locustfile.py:")[2] for line in done.stdout.splitlines() if "locustfile.py:" in line]
    texts = [line.partition(": ")[2] for line in ours]
    assert texts == [
        'note: Revealed type is "locust_rs.http.requests.session.HttpSession"',
        'note: Revealed type is "locust_rs.http.fast.session.FastHttpSession"',
        'error: "type[Shopper]" has no attribute "hots"  [attr-defined]',
    ], done.stdout + done.stderr
