"""Runs a converted locustfile against the recording server until that has seen enough."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from polling import GENEROUS_S, until

HURRY = Path(__file__).with_name("hurry.py")


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
            until(enough, log.read_text, hopeless=lambda: process.poll() is not None)
            process.send_signal(signal.SIGTERM)
            code = process.wait(GENEROUS_S)
        finally:
            process.kill()
            process.wait()
    printed = log.read_text()
    assert code == 0, printed
    return printed
