"""What a master spends on its workers, beside stock Locust: 500 endpoints each, a report every 3 seconds.

python benches/master.py [--workers 1000] [--seconds 15] [--repeats 3]

The proof: every request that the workers report is counted. A master that can't keep up counts fewer than that,
and its figure is marked.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from harness import OUR_PYTHON, ROOT, STOCK_PYTHON, interleaved, machine, progress, table

CASES = ROOT / "benches" / "master_cases"
ENDPOINTS = 500
REQUESTS_PER_REPORT = 20 * ENDPOINTS
INTERVAL_S = 3.0


def measure(python: Path, workers: int, seconds: float) -> dict[str, Any]:
    """Runs a master under `python` with a swarm of workers, each in its own process."""
    master = subprocess.Popen(
        [python, CASES / "master.py", str(workers), str(seconds)], stdout=subprocess.PIPE, text=True
    )
    assert master.stdout
    port = master.stdout.readline().strip()
    arguments = [port, str(workers), str(ENDPOINTS), str(seconds + 180)]
    swarm = subprocess.Popen([OUR_PYTHON, CASES / "swarm.py", *arguments])
    try:
        result: dict[str, Any] = json.loads(master.stdout.readline())
    finally:
        swarm.kill()
        swarm.wait()
        master.kill()
        master.wait()
        master.stdout.close()
    return result


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
                result = measure(python, workers, options.seconds)
                counted.append(result["requests_per_s"] / (workers * REQUESTS_PER_REPORT / INTERVAL_S))
                return float(result["cpu_per_s"])

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
