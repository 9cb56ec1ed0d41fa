"""How far reported latencies are from those of the server, with a target that has an exact delay and measures itself.

    python benches/latency_truth.py [--seconds 6] [--repeats 5]

Three loads: 2,000 requests/s at 20 ms, far from the generator's limit; users without wait time at 10 ms, the hardest
load for their number; and tasks that compute, which takes 85 to 90 % of a core. Prints the reported latency less the
one that the target measured, for locust-rs and stock Locust alternately, with the share of a core that the generator
used.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from harness import (
    OUR_PYTHON,
    ROOT,
    STOCK_PYTHON,
    Spread,
    build_exact_delay,
    exact_delay_target,
    machine,
    progress,
    run_json,
    table,
)

GENERATOR = ROOT / "benches" / "latency_cases" / "generator.py"


@dataclass(frozen=True)
class Load:
    """How hard the target is driven."""

    name: str
    delay_us: int
    users: int
    rate_per_user: float
    work_us: int
    bounds: str


LOADS = [
    Load("20 ms, 2,000 req/s", 20_000, 100, 20, 0, "median ±0.3, p99 ±1"),
    Load("10 ms, 60 users, no wait", 10_000, 60, 0, 0, "median ±0.5, p99 ±2"),
    Load("10 ms, 3,000 req/s, busy tasks", 10_000, 100, 30, 280, "median ±0.5, p99 ±2"),
]


def measure(program: Path, python: Path, load: Load, seconds: int) -> dict[str, float]:
    """One run: the difference between the report and the target's own measurement, in milliseconds."""
    with exact_delay_target(program, load.delay_us) as target:
        arguments = [target["url"], str(load.users), str(load.rate_per_user), str(seconds), str(load.work_us)]
        report: Any = run_json(python, GENERATOR, *arguments, core=0)
    if report["failures"]:
        raise SystemExit(f"requests failed: {report['failures']}")
    if python == OUR_PYTHON and not report["requests"] == report["recorded"] == target["served"]:
        raise SystemExit(f"the counts differ: reported {report['recorded']}, served {target['served']}")
    return {
        "median": report["median_ms"] - target["median_us"] / 1000,
        "p99": report["p99_ms"] - target["p99_us"] / 1000,
        "cpu": report["cpu_share"] * 100,
        "rate": report["rate"],
    }


def main() -> None:
    """Builds the target, measures, prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=6)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    program = build_exact_delay()
    rows = []
    for load in LOADS:
        results: dict[str, list[dict[str, float]]] = {"locust-rs": [], "stock": []}
        for number in range(options.repeats):
            for name, python in (("locust-rs", OUR_PYTHON), ("stock", STOCK_PYTHON)):
                progress(f"{load.name}: {name}, {number + 1} of {options.repeats}")
                results[name].append(measure(program, python, load, options.seconds))
        for name, runs in results.items():
            rows.append([load.name, name, *(_cell(runs, key) for key in ("median", "p99", "cpu", "rate")), load.bounds])
    print("\n".join(machine()))
    print("\nReported less what the target measured itself, median [lowest … highest]\n")
    print(table(["load", "generator", "median ms", "p99 ms", "CPU %", "req/s", "reach"], rows))


def _cell(runs: list[dict[str, float]], key: str) -> str:
    spread = Spread.of([result[key] for result in runs])
    digits = 2 if key in ("median", "p99") else 0
    return f"{spread.median:.{digits}f} [{spread.low:.{digits}f} … {spread.high:.{digits}f}]"


if __name__ == "__main__":
    main()
