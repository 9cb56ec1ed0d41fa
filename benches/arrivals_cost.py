"""CPU per arrival: a user comes, connects, sends one GET and ends; beside users that stay, and beside stock Locust.

    python benches/arrivals_cost.py [--arrivals 8000] [--repeats 5]

All rows are of the same run, against the same nginx: an arrival with a GET, one that takes over a user that has ended,
one that sends nothing, a user spawned by `runner.spawn_users` (here and under stock Locust, which has no arrivals) and
a GET of a user that stays. Each process first proves that the target has served what its statistics say.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from harness import OUR_PYTHON, ROOT, STOCK_PYTHON, interleaved, machine, progress, run_json, table
from http_cases.target import Target  # type: ignore[import-not-found]

VISITS = ROOT / "benches" / "arrivals_cases" / "visits.py"
GENERATOR_CORE = 0

ROWS = {
    "arrival with a GET": (OUR_PYTHON, "arrival"),
    "… of a user that is taken over": (OUR_PYTHON, "reused"),
    "… that sends nothing": (OUR_PYTHON, "idle"),
    "spawn_users with a GET": (OUR_PYTHON, "spawned"),
    "spawn_users with a GET, stock": (STOCK_PYTHON, "spawned"),
    "GET of a user that stays": (OUR_PYTHON, "stays"),
}
"""Title, and who does what of `arrivals_cases/visits.py`."""


def cost_us(python: Path, kind: str, count: int, target: Target) -> float:
    """CPU microseconds of one visit, without start-up."""
    before = target.served()
    answer: Any = run_json(python, VISITS, kind, str(count), target.url, core=GENERATOR_CORE)
    served = target.served() - before - 1
    if served != answer["requests"]:
        raise SystemExit(f"{kind}: {answer['requests']} requests were reported, but nginx has served {served}")
    return float(answer["cpu_s"] / answer["visits"] * 1e6)


def main() -> None:
    """Parses the command line, measures, prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--arrivals", type=int, default=8000)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()

    def measured(title: str, python: Path, kind: str) -> Callable[[], float]:
        def measure() -> float:
            progress(title)
            return cost_us(python, kind, options.arrivals, target)

        return measure

    print("\n".join(machine()))
    with Target() as target:
        spreads = interleaved({title: measured(title, *who) for title, who in ROWS.items()}, options.repeats)
    stays = spreads["GET of a user that stays"]
    lines = [
        [title, f"{spread.median:.1f} [{spread.low:.1f} … {spread.high:.1f}]", f"{spread.times(stays):.1f}×"]
        for title, spread in spreads.items()
    ]
    per_core = 1e6 / spreads["arrival with a GET"].median
    print("\nCPU µs, median [lowest … highest]; times a GET of a user that stays, repeat by repeat\n")
    print(table(["", "µs", "times a GET"], lines))
    print(f"\nA core of this machine, as busy as it is, begins {per_core:,.0f} arrivals per second (reach: 20,000).")


if __name__ == "__main__":
    main()
