"""Runs the command `locust` in a folder of its own, and always ends it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from otel_case import SITE, Collector
from polling import GENEROUS_S, until

LOCUST = [sys.executable, "-m", "locust"]

# Users without connections, because the command is what is tested.
USERS = """
from locust import User, constant, events, tag, task


class Shopper(User):
    wait_time = constant(0.1)

    @tag("browse")
    @task(3)
    def browse(self):
        self.record("browse")

    @tag("buy")
    @task
    def buy(self):
        self.record("buy")

    def record(self, name, exception=None):
        self.environment.events.request.fire(
            request_type="GET", name=name, response_time=5, response_length=3, exception=exception, context={}
        )


class Visitor(Shopper):
    weight = 2
"""


def clean_environment(folder: Path, **changes: str) -> dict[str, str]:
    """The process's environment without Locust's variables, and a home without configuration."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LOCUST_")}
    return {**kept, "HOME": str(folder), "COLUMNS": "160", "LOCUST_NO_HISTORY": "true", **changes}


@dataclass
class Finished:
    """The result of a run."""

    code: int
    out: str
    err: str

    @property
    def log(self) -> list[str]:
        """The messages of the log, each as `LEVEL/logger: message`."""
        lines = [line for line in self.err.splitlines() if line.startswith("[") and "] " in line]
        return [line.partition("] ")[2].partition("/")[2] for line in lines]


@dataclass
class Shell:
    """A folder to run `locust` in."""

    folder: Path
    command: list[str] = field(default_factory=lambda: LOCUST)

    def write(self, name: str, text: str) -> Path:
        """Writes a file there."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def inside(self, name: str) -> Shell:
        """A folder in this one, with the locustfile `shop.py`."""
        inner = Shell(self.folder / name, self.command)
        inner.write("shop.py", USERS)
        return inner

    def run(self, *args: str, env: dict[str, str] | None = None) -> Finished:
        """Runs to the end."""
        done = subprocess.run(
            [*self.command, *args],
            cwd=self.folder,
            env=clean_environment(self.folder, **(env or {})),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=GENEROUS_S,
            check=False,
        )
        return Finished(done.returncode, done.stdout, done.stderr)

    @contextlib.contextmanager
    def started(self, *args: str, env: dict[str, str] | None = None, unread: bool = False) -> Iterator[Running]:
        """Starts, and kills what is left of it at the end.

        Args:
            unread: Make the standard output a pipe that is not read.
        """
        log = self.folder / "stderr.txt"
        with log.open("w") as err, (self.folder / "stdout.txt").open("w") as out:
            process = subprocess.Popen(
                [*self.command, *args],
                cwd=self.folder,
                env=clean_environment(self.folder, **(env or {})),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if unread else out,
                stderr=err,
            )
        running = Running(process, log)
        try:
            yield running
        finally:
            running.kill_all()


class Running:
    """A process that runs, and its children."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process = process
        self._log = log
        self._seen: dict[int, psutil.Process] = {}

    @property
    def err(self) -> str:
        """What it has written to stderr so far."""
        return self._log.read_text()

    def children(self) -> list[psutil.Process]:
        """The children that run; those seen earlier count even if the parent has ended."""
        with contextlib.suppress(psutil.NoSuchProcess):
            for child in psutil.Process(self.process.pid).children(recursive=True):
                self._seen[child.pid] = child
        return [child for child in self._seen.values() if child.is_running() and child.status() != "zombie"]

    def wait_for(self, text: str, times: int = 1) -> None:
        """Returns when stderr has the text."""
        until(
            lambda: self.err.count(text) >= times,
            lambda: f"{text!r} in:\n{self.err}",
            hopeless=lambda: self.process.poll() is not None,
        )

    def end(self, number: signal.Signals | None = None) -> Finished:
        """Sends a signal, if any, and waits for the end."""
        self.children()
        if number is not None:
            self.process.send_signal(number)
        code = self.process.wait(timeout=GENEROUS_S)
        return Finished(code, (self._log.parent / "stdout.txt").read_text(), self.err)

    def kill_all(self) -> None:
        """Kills everything that is left of a test."""
        children = self.children()
        for process in (self.process, *children):
            with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
                process.kill()
        self.process.wait(timeout=GENEROUS_S)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """A folder with the locustfile `shop.py`."""
    made = Shell(tmp_path)
    made.write("shop.py", USERS)
    return made


@pytest.fixture
def collector(tmp_path: Path) -> Iterator[Collector]:
    if not SITE.exists():
        pytest.fail(".stock/otel is missing: run `make references` first")
    made = Collector(tmp_path)
    yield made
    made.close()
