"""What a master spends on its workers, beside stock Locust: 500 endpoints each, a report every 3 seconds.

python benches/master.py [--workers 1000] [--seconds 15] [--repeats 3]

The proof: every request that the workers report is counted. A master that can't keep up counts fewer than that,
and its figure is marked.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from harness import OUR_PYTHON, ROOT, STOCK_PYTHON, interleaved, machine, progress, table

CASES = ROOT / "benches" / "master_cases"
ENDPOINTS = 500
REQUESTS_PER_REPORT = 20 * ENDPOINTS
INTERVAL_S = 3.0


def measure(python: Path, workers: int, seconds: float) -> tuple[float, float]:
    """Runs a master under `python` with a swarm of workers, each in a process of its own.

    Returns:
        CPU seconds per second, and the share of the reported requests that was counted in time.
    """
    master = subprocess.Popen([python, CASES / "master.py"], stdout=subprocess.PIPE, text=True)
    assert master.stdout
    port = master.stdout.readline().strip()
    arguments = [port, str(workers), str(ENDPOINTS), str(seconds + 180)]
    swarm = subprocess.Popen([OUR_PYTHON, CASES / "swarm.py", *arguments])

    def ask() -> dict[str, Any]:
        master.send_signal(signal.SIGUSR1)
        assert master.stdout
        answer: dict[str, Any] = json.loads(master.stdout.readline())
        return answer

    try:
        deadline = time.monotonic() + 60
        while ask()["workers"] < workers and time.monotonic() < deadline:
            time.sleep(0.5)
        time.sleep(2 * INTERVAL_S)
        before, started = ask(), time.monotonic()
        time.sleep(seconds)
        after, elapsed = ask(), time.monotonic() - started
    finally:
        for process in (swarm, master):
            process.kill()
            process.wait()
        master.stdout.close()
    reported = workers * REQUESTS_PER_REPORT / INTERVAL_S * elapsed
    return (after["cpu_s"] - before["cpu_s"]) / elapsed, (after["requests"] - before["requests"]) / reported


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, nargs="*", default=[100, 1000])
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    lines = []
    for workers in options.workers:
        for who, python in {"ours": OUR_PYTHON, "stock": STOCK_PYTHON}.items():
            progress(f"{who} with {workers} workers")
            counted: list[float] = []

            def one(python: Path = python, workers: int = workers, counted: list[float] = counted) -> float:
                cpu_per_s, share = measure(python, workers, options.seconds)
                counted.append(share)
                return cpu_per_s

            spread = interleaved({who: one}, options.repeats)[who]
            share = min(counted)
            lines.append(
                [
                    f"{workers} workers, {who}",
                    f"{spread.median:.2f} [{spread.low:.2f} … {spread.high:.2f}]",
                    f"{100 * share:.0f} %" + (" (can't keep up)" if share < 0.9 else ""),
                ]
            )
    print("\n".join(machine()))
    print()
    print(table(["master", "CPU s per second", "reports counted in time"], lines))


if __name__ == "__main__":
    main()
