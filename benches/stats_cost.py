"""The cost of the statistics, beside stock Locust: CPU time of one operation, ours and stock's alternately.

Run `make bench-stats`, or `.venv/bin/python benches/stats_cost.py [CASE …]` for some of it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from harness import OUR_PYTHON, STOCK_PYTHON, interleaved, machine, progress, run_json, table

FOLDER = Path(__file__).parent
STATS = FOLDER / "stats_cases" / "cases.py"
WEB = FOLDER / "web_cases" / "cases.py"

CASES = {
    # case: (description, factor by which it should be cheaper, the script that times it and its name there)
    "fire": ("record one request (events.request.fire)", "5×", STATS, "fire"),
    "percentile": ("one percentile of a row", "2×", STATS, "percentile"),
    "pack": ("500-endpoint report: build and pack", "10×", STATS, "pack"),
    "merge": ("500-endpoint report: unpack and merge", "10×", STATS, "merge"),
    "pack_listened": ("the same while a Python listener hears it: build and pack", "1.5×", STATS, "pack_listened"),
    "merge_listened": ("… unpack and merge", "1.5×", STATS, "merge_listened"),
    "pack_busy": ("the same with 200 requests an endpoint: build and pack", "", STATS, "pack_busy"),
    "merge_busy": ("… unpack and merge", "", STATS, "merge_busy"),
    "csv": ("requests CSV, 1,000 endpoints", "5×", STATS, "csv"),
    "json": ("JSON report, 1,000 endpoints", "5×", STATS, "json"),
    "html": ("HTML report, 1,000 endpoints", "5×", WEB, "report"),
}


def prove(script: Path) -> None:
    """Ends the bench unless both sides compute the same."""
    ours, stocks = (run_json(python, script, "prove") for python in (OUR_PYTHON, STOCK_PYTHON))
    if ours != stocks:
        sys.exit(f"ours and stock's answers to {script.parent.name} differ: fix that before looking at their cost")


def measure(python: Path, case: str) -> float:
    """CPU seconds of one operation."""
    _, _, script, name = CASES[case]
    return float(str(run_json(python, script, "time", name)))


def main() -> None:
    """Prints the table."""
    wanted = sys.argv[1:] or list(CASES)
    for script in sorted({CASES[case][2] for case in wanted}):
        prove(script)
    rows = []
    for case in wanted:
        title, goal, _, _ = CASES[case]
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
                goal,
            ]
        )
    print("\n".join(machine()))
    print("CPU µs per operation, median and range of 5\n")
    print(table(["", "ours", "range", "stock", "range", "cheaper", "goal"], rows))


if __name__ == "__main__":
    main()
