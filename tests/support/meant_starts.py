"""The times from the intended start that a target's own log proves, for users with a pace."""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from math import ceil
from pathlib import Path
from typing import Any

TARGET = Path(__file__).with_name("stalling_target.py")

LOCUSTFILE = """
from itertools import count
from locust import FastHttpUser, constant_throughput, task

numbers = count()

class Paced(FastHttpUser):
    wait_time = constant_throughput(10)

    def on_start(self):
        self.number = next(numbers)

    @task
    def get(self):
        self.client.get(f"/{self.number}", name="/")
"""
PACE_S = 0.1


@contextmanager
def stalling_target(after_s: float, stall_s: float) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A target that stalls once; its URL, and the process, whose log is what it prints at its end."""
    command = [sys.executable, TARGET, str(after_s), str(stall_s)]
    target = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert target.stdout
        yield f"http://127.0.0.1:{target.stdout.readline().strip()}", target
    finally:
        target.kill()
        target.wait()


def meant_times_ms(log: Iterable[tuple[str, float, float]], pace_s: float) -> list[float]:
    """From each start that was meant to the answer of the first request that began then or later, sorted.

    A user that was answered within its pace begins the next one on time. One that was not was meant to begin every
    `pace_s` since; the starts that it missed are answered when the next one is.
    """
    by_user: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for user, arrived, answered in log:
        by_user[user].append((arrived, answered))
    times: list[float] = []
    for requests in by_user.values():
        meant = answered_before = 0.0
        for number, (arrived, answered) in enumerate(sorted(requests)):
            if number == 0:
                meant, answered_before = arrived, answered
                continue
            meant += pace_s
            if answered_before <= meant:
                meant = arrived
            while True:
                times.append((answered - meant) * 1000)
                if meant + pace_s > arrived:
                    break
                meant += pace_s
            answered_before = answered
    return sorted(times)


def percentile(times: list[Any], fraction: float) -> float:
    """The smallest time that is not below this share of all."""
    return float(times[max(0, ceil(len(times) * fraction) - 1)])
