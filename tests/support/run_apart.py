"""Ten users in a process of their own, for clients that change gevent's loop for good (grpc's)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from polling import GENEROUS_S

# Writes a line for each request, and ends the test when there are enough of all, or failures enough.
_LISTENER = """
import collections, json, os
import gevent
from locust import constant, events

counts, enough = collections.Counter(), gevent.event.Event()
lines = open(os.environ["LINES"], "w", buffering=1)

@events.request.add_listener
def note(request_type, name, response_time, response_length, exception, **kwargs):
    lines.write(json.dumps([request_type, name, response_time, response_length, str(exception or "")]) + "\\n")
    counts["failed" if exception else name] += 1
    if all(counts[name] >= at_least for name, at_least in ENOUGH.items()):
        enough.set()

@events.init.add_listener
def init(environment, **kwargs):
    gevent.spawn(lambda: enough.wait() and environment.runner.quit())
"""


class RunApart:
    """A run of `locust` with ten users of a file that ends by itself.

    Args:
        folder: Where its files are.
        source: The locustfile; `ENOUGH` in it says how many requests of which name end the run, or how many `failed`.
        host: The target.
        **variables: Of its environment.
    """

    def __init__(self, folder: Path, source: str, host: str, **variables: str) -> None:
        (folder / "test.py").write_text(_LISTENER + source)
        self._lines = folder / "lines"
        self._log = folder / "log"
        environment = {**os.environ, **variables, "LINES": str(self._lines)}
        command = [sys.executable, "-m", "locust", "-f", "test.py", "--headless", "-u10", "-r10", "--only-summary"]
        with self._log.open("w") as log:
            self.process = subprocess.Popen(
                [*command, "--host", host], cwd=folder, env=environment, stdout=log, stderr=log
            )

    @property
    def requests(self) -> list[tuple[str, str, float, int, str]]:
        """Type, name, time, length and failure of each."""
        text = self._lines.read_text() if self._lines.exists() else ""
        return [tuple(json.loads(line)) for line in text.splitlines(keepends=True) if line.endswith("\n")]

    def end(self) -> str:
        """Waits for the end and returns the log."""
        try:
            self.process.wait(GENEROUS_S)
        finally:
            self.process.kill()
            self.process.wait()
        return self._log.read_text()
