"""Draws `docs/pictures/open-and-closed-load.svg` from runs against a target that stalls, under closed and open load.

Run `.venv/bin/python tools/docs/open_and_closed_load.py`; it takes about 15 seconds.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from load_picture import Answer, picture_of

ROOT = Path(__file__).parents[2]
TARGET = ROOT / "tests/support/stalling_target.py"
PICTURE = ROOT / "docs/pictures/open-and-closed-load.svg"

AFTER_S, STALL_S, SECONDS = 1.0, 1.5, 4
USERS, RATE = 10, 100

LOCUSTFILE = f"""
from locust import FastHttpUser, constant, task

class Resident(FastHttpUser):
    wait_time = constant({USERS / RATE})

    @task
    def get(self):
        self.client.get("/resident")

class Visitor(FastHttpUser):
    arrival_rate = [(0, {RATE}), ({SECONDS}, {RATE})]

    @task
    def get(self):
        self.client.get("/visitor")
"""

CLOSED = ["-u", str(USERS), "-r", str(USERS), "-t", str(SECONDS), "--stop-timeout", "30"]


def answers_under(class_name: str, load: list[str]) -> list[Answer]:
    """What the target saw in a run with one of the classes, in seconds since the first request."""
    target = subprocess.Popen(
        [sys.executable, TARGET, str(AFTER_S), str(STALL_S)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with target, tempfile.TemporaryDirectory() as folder:
        assert target.stdout
        url = f"http://127.0.0.1:{target.stdout.readline().strip()}"
        (Path(folder) / "loads.py").write_text(LOCUSTFILE)
        command = [sys.executable, "-m", "locust", "-f", "loads.py", "-H", url, "--headless", "--only-summary"]
        subprocess.run([*command, *load, class_name], cwd=folder, check=True, timeout=60)
        log = json.loads(target.communicate(timeout=60)[0])
    begun = min(arrived for _, arrived, _ in log)
    return sorted((arrived - begun, answered - begun) for _, arrived, answered in log)


def main() -> None:
    """Makes both runs and writes the picture."""
    loads = {
        f"closed: {USERS} users": answers_under("Resident", CLOSED),
        f"open: {RATE} arrivals/s": answers_under("Visitor", []),
    }
    PICTURE.write_text(picture_of(loads, (AFTER_S, AFTER_S + STALL_S), SECONDS + 0.5))


if __name__ == "__main__":
    main()
