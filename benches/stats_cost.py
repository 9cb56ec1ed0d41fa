"""What the statistics cost, beside stock Locust: CPU time of one operation, ours and stock's in turn.

Run `make setup references` first, then `.venv/bin/python benches/stats_cost.py [CASE …]`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from harness import OUR_PYTHON, STOCK_PYTHON, interleaved, machine, progress, run_json, table

SCRIPT = Path(__file__).with_name("stats_cases") / "cases.py"

CASES = {
    # case: (what it is, times cheaper that it should be)
    "fire": ("record one request (events.request.fire)", 5),
    "percentile": ("one percentile of a row", 2),
    "pack": ("500-endpoint report: build and pack", 10),
    "merge": ("500-endpoint report: unpack and merge", 10),
    "csv": ("requests CSV, 1,000 endpoints", 5),
    "json": ("JSON report, 1,000 endpoints", 5),
}


def prove() -> None:
    """Ends the bench unless both sides compute the same."""
    ours, stocks = (run_json(python, SCRIPT, "prove") for python in (OUR_PYTHON, STOCK_PYTHON))
    if ours != stocks:
        sys.exit("ours and stock's statistics differ: fix that before looking at their cost")


def measure(python: Path, case: str) -> float:
    """CPU seconds of one operation."""
    return float(str(run_json(python, SCRIPT, "time", case)))


def main() -> None:
    """Prints the table."""
    wanted = sys.argv[1:] or list(CASES)
    prove()
    rows = []
    for case in wanted:
        title, goal = CASES[case]
        progress(title)
        spread = interleaved(
            {
                "ours": lambda case=case: measure(OUR_PYTHON, case),
                "stock": lambda case=case: measure(STOCK_PYTHON, case),
            }
        )
        ours, stock = spread["ours"], spread["stock"]
        rows.append(
            [
                title,
                f"{ours.median * 1e6:.2f}",
                f"{ours.low * 1e6:.2f}–{ours.high * 1e6:.2f}",
                f"{stock.median * 1e6:.2f}",
                f"{stock.low * 1e6:.2f}–{stock.high * 1e6:.2f}",
                f"{stock.median / ours.median:.1f}×",
                f"{goal}×",
            ]
        )
    print("\n".join(machine()))
    print("CPU µs per operation, median and range of 5\n")
    print(table(["", "ours", "range", "stock", "range", "cheaper", "goal"], rows))


if __name__ == "__main__":
    main()
