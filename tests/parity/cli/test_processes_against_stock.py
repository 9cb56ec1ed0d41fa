"""`--processes` logs in parent and workers what stock Locust logs there."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from polling import GENEROUS_S, until
from real_servers import pick_port

pytestmark = pytest.mark.stock

SHOP = """
from locust import User, constant, task

class Shopper(User):
    wait_time = constant(0.1)

    @task
    def buy(self):
        self.environment.events.request.fire(
            request_type="GET", name="buy", response_time=5, response_length=3, exception=None, context={}
        )
"""

ONLY_SOMETIMES = re.compile(
    r"All users spawned|Waiting for workers|Worker '\w+' \(index|The last worker quit|Failed to connect to master"
)
"""Lines that depend on which process comes first, or how soon, in either."""

LOAD = ["--headless", "-u", "4", "-r", "100", "--only-summary", "--processes", "2"]


def log_of(python: Path | str, folder: Path, arguments: list[str], ctrl_c: bool) -> tuple[int, set[str]]:
    """The exit code of a run, and the lines of its log without warnings, times and ids."""
    port = str(pick_port())
    ports = ["--master-bind-host", "127.0.0.1", "--master-bind-port", port, "--master-port", port]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LOCUST_")}
    (folder / "shop.py").write_text(SHOP)
    path = folder / "log.txt"
    with path.open("w") as log:
        process = subprocess.Popen(
            [python, "-m", "locust", "-f", "shop.py", *LOAD, *arguments, *ports],
            cwd=folder,
            env={**kept, "HOME": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=log,
        )
    workers: list[psutil.Process] = []
    try:
        awaited = "All users spawned" if ctrl_c else "Sending spawn jobs"
        until(lambda: awaited in path.read_text(), path.read_text, hopeless=lambda: process.poll() is not None)
        with contextlib.suppress(psutil.NoSuchProcess):  # it has ended
            workers = psutil.Process(process.pid).children()
        if ctrl_c:
            process.send_signal(signal.SIGINT)
        code = process.wait(GENEROUS_S)
        psutil.wait_procs(workers, GENEROUS_S)
    finally:
        for left in (process, *workers):
            if left.poll() is None if isinstance(left, subprocess.Popen) else left.is_running():
                left.kill()
        process.wait(GENEROUS_S)
    lines = re.findall(r"^\[[^]]*\] [^/]+/(INFO/.*)", path.read_text(), re.MULTILINE)
    return code, {re.sub(r"_[0-9a-f]{32}", "", line) for line in lines if not ONLY_SOMETIMES.search(line)}


@pytest.mark.parametrize(
    ("arguments", "ctrl_c"), [(["-t", "2"], False), ([], True)], ids=["end of the run time", "Ctrl-C"]
)
def test_the_log_has_the_same_lines(stock_python: Path, tmp_path: Path, arguments: list[str], ctrl_c: bool) -> None:
    folders = [tmp_path / "stock", tmp_path / "ours"]
    for folder in folders:
        folder.mkdir()
    stocks = log_of(stock_python, folders[0], arguments, ctrl_c)
    ours = log_of(sys.executable, folders[1], arguments, ctrl_c)
    assert stocks[1] - ours[1] == set()
    assert ours == stocks
    assert any("Sending spawn jobs of 4 users" in line for line in ours[1])
