"""The same command lines in stock Locust and here: same exit code, same log, same tables, same output."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

# Each task records both names, so that the tables have the same rows whatever tasks are picked.
SHOP = """
from locust import LoadTestShape, User, constant, events, tag, task

class Shopper(User):
    wait_time = constant(0.1)
    problem = None

    @tag("browse")
    @task(3)
    def browse(self):
        self.record()

    @tag("buy")
    @task
    def buy(self):
        self.record()

    def record(self):
        for name in ("browse", "buy"):
            self.environment.events.request.fire(
                request_type="GET", name=name, response_time=500, response_length=3, exception=self.problem, context={}
            )

class Visitor(Shopper):
    weight = 2
"""
FAILING = "from shop import Shopper\nShopper.problem = ValueError('bad')\n"
EXIT_CODE = (
    "from shop import Shopper, events\n@events.quitting.add_listener\ndef _(environment, **kw):\n"
    "    environment.process_exit_code = 3\n"
    "@events.quit.add_listener\ndef _(exit_code, **kw): print('quit', exit_code)\n"
)
SHAPE = (
    "from shop import *\nclass Short(LoadTestShape):\n    def tick(self):\n"
    "        return (2, 10) if self.get_run_time() < 3 else None\n"
)
SEEN = (
    "from locust import events\n@events.test_start.add_listener\ndef _(environment, **kw):\n"
    "    options = environment.parsed_options\n"
    "    print('seen', environment.locustfile, options.num_users, options.spawn_rate, options.user_classes)\n"
)
FILES = {
    "seen.py": SEEN,
    "shop.py": SHOP,
    "failing.py": FAILING,
    "exit_code.py": EXIT_CODE,
    "shape.py": SHAPE,
    "empty.py": "x = 1\n",
    "twice.py": "from locust import User\nclass Shopper(User): ...\n",
    "users.conf": "headless = true\nusers = 3\nspawn-rate = 30\nrun-time = 1s\nonly-summary = true\n",
}

COMMANDS = [
    "-f shop.py --headless -u 3 -r 30 -t 1",
    "-f shop.py --headless -u 3 -r 30 -t 1 --only-summary Shopper",
    "-f shop.py --headless -u 3 -r 200 -t 1s --only-summary",
    '-f shop.py --headless -t 1 --config-users {"user_class_name":"Visitor","fixed_count":1} -u 9 -r 90 --only-summary',
    "-f shop.py --config users.conf",
    "-f shop.py --headless -u 2 -r 20 -t 1 -T buy --only-summary --stop-timeout 2",
    "-f shop.py --headless -u 0 -t 1 --only-summary",
    "-f shop.py --headless -u 4 -r 40 -t 1 --equal-weights --only-summary --autostart",
    "-f seen.py,shop.py --headless -t 1 --only-summary Visitor",
    "-f failing.py --headless -t 1 --only-summary",
    "-f failing.py --headless -t 1 --only-summary --exit-code-on-error 9",
    "-f exit_code.py --headless -t 1 --only-summary",
    "-f shape.py --headless --only-summary -r 4",
    "-f shop.py --headless -u 2 -r 20 -t 2 --reset-stats --only-summary",
    "-f shop.py --list",
    "-f shop.py --show-task-ratio",
    "-f shop.py --show-task-ratio -u 12 Visitor",
    "-f shop.py --show-task-ratio-json",
    "-f empty.py --headless",
    "-f shop.py --headless Nobody Shopper",
    "-f shop.py,twice.py --headless",
    "-f nowhere.py",
    "-f shop.py --headless -r 0",
    "-f shop.py --headles --usrs 4",
    "-f shop.py --master --worker",
    "-f shop.py --autoquit 3",
    '-f shop.py --headless -t 1 --config-users {"user_class_name":"Zz"}',
    "-f -",
    "-f shop.py --slave",
]


def run(python: str, arguments: str, folder: Path) -> tuple[int, list[str], str]:
    """Exit code, the lines of the log and the tables' first columns, and standard output."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LOCUST_")}
    done = subprocess.run(
        [python, "-m", "locust", *arguments.split()],
        cwd=folder,
        env={**kept, "HOME": str(folder), "COLUMNS": "160", "LOCUST_NO_HISTORY": "true"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    return done.returncode, comparable(done.stderr, folder), done.stdout


def comparable(text: str, folder: Path) -> list[str]:
    """The lines that scripts match. Numbers in tables are not compared, because they differ between runs."""
    lines = []
    for line in text.replace(str(folder), "").splitlines():
        message = re.sub(r"^\[[^]]*\] ", "", line)
        if re.match(r" |GET|\d", message):
            message = re.sub(r"[\d.()%|]+", "#", " ".join(message.split()))
        if message.strip():
            lines.append(message)
    return lines


@pytest.fixture(scope="module")
def both(stock_python: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[object, object]]:
    """The results of each command in stock Locust and here, which run concurrently to save time."""
    folder = tmp_path_factory.mktemp("side_by_side")
    for name, text in FILES.items():
        (folder / name).write_text(text)
    with ThreadPoolExecutor(4) as pool:
        stock = [pool.submit(run, str(stock_python), command, folder) for command in COMMANDS]
        ours = [pool.submit(run, sys.executable, command, folder) for command in COMMANDS]
        return {
            command: (theirs.result(), mine.result())
            for command, theirs, mine in zip(COMMANDS, stock, ours, strict=True)
        }


# Lines that only locust-rs logs.
ADDED = re.compile(r".*/INFO/locust.main: Available User\(s\): |The load generator was overloaded: ")


@pytest.mark.stock
@pytest.mark.parametrize("command", COMMANDS)
def test_same_as_stock(both, command: str) -> None:
    (stock_code, stock_lines, stock_out), (code, lines, out) = both[command]
    assert code == stock_code
    assert out == stock_out
    assert [line for line in lines if not ADDED.match(line)] == stock_lines
