"""The cost of workers for a master, beside stock Locust: each one reports 500 endpoints every 3 seconds.

python benches/master.py [--workers 250 500 1000] [--stock-workers 250] [--seconds 12] [--repeats 5]

The proof: every request that the workers report is counted. A master that cannot keep up counts fewer, and its figure
is marked. After the CPU time was measured, a visitor requests pages of the master's web UI while the workers keep
reporting.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from harness import OUR_PYTHON, ROOT, STOCK_PYTHON, Spread, interleaved, machine, progress, table

CASES = ROOT / "benches" / "master_cases"
ENDPOINTS = 500
REQUESTS_PER_REPORT = 20 * ENDPOINTS
INTERVAL_S = 3.0
ROUTES = ("/", "/stats/requests", "/stats/report")
ANSWER_WITHIN_S = 0.5
GIVE_UP_AFTER_S = 20.0


@dataclass
class Seen:
    """The results of one master with a given number of workers."""

    shares: list[float] = field(default_factory=list)
    """The share of the reported requests that were counted in time."""

    answers_s: dict[str, list[float]] = field(default_factory=lambda: {route: [] for route in ROUTES})
    """Seconds from the request to the last byte, per route."""


class Master:
    """A master in a process of its own."""

    def __init__(self, python: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.web_port = free.getsockname()[1]
        command = [python, CASES / "master.py", str(self.web_port)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.port = self._line()

    def ask(self) -> dict[str, Any]:
        """Its CPU seconds, workers and counted requests."""
        self.process.send_signal(signal.SIGUSR1)
        answer: dict[str, Any] = json.loads(self._line())
        return answer

    def answer_s(self, route: str) -> float:
        """Seconds until its web UI has answered; `GIVE_UP_AFTER_S` if it did not."""
        started = time.perf_counter()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.web_port}{route}", timeout=GIVE_UP_AFTER_S) as answer:
                answer.read()
        except TimeoutError:
            return GIVE_UP_AFTER_S
        return time.perf_counter() - started

    def _line(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()


@contextlib.contextmanager
def loaded_master(python: Path, workers: int, seconds: float) -> Iterator[Master]:
    """A master whose workers have all registered and have reported for two intervals."""
    master = Master(python)
    arguments = [master.port, str(workers), str(ENDPOINTS), str(seconds + 180)]
    swarm = subprocess.Popen([OUR_PYTHON, CASES / "swarm.py", *arguments])
    try:
        deadline = time.monotonic() + 60
        while master.ask()["workers"] < workers and time.monotonic() < deadline:
            time.sleep(0.5)
        time.sleep(2 * INTERVAL_S)
        yield master
    finally:
        for process in (swarm, master.process):
            process.kill()
            process.wait()
        assert master.process.stdout
        master.process.stdout.close()


def measure(python: Path, workers: int, seconds: float, seen: Seen) -> float:
    """CPU seconds per second of a master under `python`; stores the other results in `seen`."""
    with loaded_master(python, workers, seconds) as master:
        before, started = master.ask(), time.monotonic()
        time.sleep(seconds)
        after, elapsed = master.ask(), time.monotonic() - started
        visits_end = time.monotonic() + seconds
        while time.monotonic() < visits_end:
            for route in ROUTES:
                seen.answers_s[route].append(master.answer_s(route))
                time.sleep(0.3)
    reported = workers * REQUESTS_PER_REPORT / INTERVAL_S * elapsed
    seen.shares.append((after["requests"] - before["requests"]) / reported)
    return float(after["cpu_s"] - before["cpu_s"]) / elapsed


def cost_row(name: str, workers: int, spread: Spread, seen: Seen) -> list[str]:
    """CPU of the master, in total and per report; the latter grows if the work is quadratic."""
    share = min(seen.shares)
    per_report_ms = 1e3 * spread.median * INTERVAL_S / workers
    return [
        name,
        f"{spread.median:.2f} [{spread.low:.2f} … {spread.high:.2f}]",
        f"{per_report_ms:.2f}",
        f"{100 * share:.0f} %" + (" (can't keep up)" if share < 0.9 else ""),
    ]


def answer_rows(name: str, seen: Seen) -> list[list[str]]:
    """Milliseconds of each route."""
    rows = []
    for route, answers_s in seen.answers_s.items():
        median_ms, worst_ms = 1e3 * statistics.median(answers_s), 1e3 * max(answers_s)
        late = sum(answer_s > ANSWER_WITHIN_S for answer_s in answers_s)
        rows.append([f"{name}, {route}", f"{median_ms:.0f}", f"{worst_ms:.0f}", f"{late} of {len(answers_s)}"])
    return rows


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, nargs="*", default=[250, 500, 1000])
    parser.add_argument("--stock-workers", type=int, nargs="*", default=[250])
    parser.add_argument("--seconds", type=float, default=12.0)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    masters = {f"{workers} workers, ours": (OUR_PYTHON, workers) for workers in options.workers}
    masters |= {f"{workers} workers, stock": (STOCK_PYTHON, workers) for workers in options.stock_workers}
    seen = {name: Seen() for name in masters}

    def one(name: str) -> float:
        progress(name)
        python, workers = masters[name]
        return measure(python, workers, options.seconds, seen[name])

    spreads = interleaved({name: lambda name=name: one(name) for name in masters}, options.repeats)
    costs = [cost_row(name, masters[name][1], spreads[name], seen[name]) for name in masters]
    answers = [row for name in masters for row in answer_rows(name, seen[name])]
    print("\n".join(machine()))
    print()
    print(table(["master", "CPU s per second", "CPU ms per report", "reports counted in time"], costs))
    print()
    print(table(["answer of the web UI, ms", "median", "worst", f"over {1e3 * ANSWER_WITHIN_S:.0f}"], answers))


if __name__ == "__main__":
    main()
