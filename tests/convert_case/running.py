"""Runs a converted locustfile against the recording server until that has seen enough."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

HURRY = Path(__file__).with_name("hurry.py")
PATIENCE_S = 60
"""How long anything may take on a busy machine before it counts as broken."""


def run_until(
    enough: Callable[[], bool],
    locustfile: Path,
    *user_classes: str,
    environment: dict[str, str] | None = None,
    python: Path = Path(sys.executable),
    hurry: bool = True,
) -> str:
    """Runs one user of the classes until `enough`, then ends the run; returns what locust has printed.

    Raises:
        AssertionError: The run had failures or exceptions, or did not come to an end.
    """
    files = f"{locustfile},{HURRY}" if hurry else str(locustfile)
    program = [str(python.with_name("locust")), "-f", files, "--headless", "--only-summary"]
    users = ["-u", str(max(len(user_classes), 1)), "-r", "100", *user_classes]
    log = locustfile.with_suffix(".log")
    with log.open("w") as output:
        process = subprocess.Popen(
            [*program, *users],
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=locustfile.parent,
            env={**os.environ, **(environment or {})},
        )
        try:
            deadline = time.monotonic() + PATIENCE_S
            while not enough() and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.02)
            was_running = process.poll() is None
            process.send_signal(signal.SIGTERM)
            code = process.wait(PATIENCE_S)
        finally:
            process.kill()
            process.wait()
    printed = log.read_text()
    assert was_running, printed
    assert enough(), printed
    assert code == 0, printed
    return printed
