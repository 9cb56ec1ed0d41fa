"""The cost of the web UI, beside stock Locust: CPU time of one request with 1,000 endpoints in the statistics.

Run `make setup references` first, then `.venv/bin/python benches/web_cost.py [CASE …]`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from harness import OUR_PYTHON, STOCK_PYTHON, interleaved, machine, progress, run_json, table

SCRIPT = Path(__file__).with_name("web_cases") / "cases.py"

AGAINST_STOCK = {
    # case: (description, factor by which it should be cheaper)
    "requests": ("/stats/requests", 5),
    "csv": ("/stats/requests/csv", 5),
    "report": ("/stats/report", 5),
}
OURS_ALONE = {
    # case: (description, limit of its CPU ms)
    "busy_poll": ("/stats/updates, every endpoint changed", 15),
    "quiet_poll": ("/stats/updates, nothing changed", 15),
    "metrics": ("/metrics, every endpoint changed", 20),
}


def prove() -> None:
    """Ends the bench unless both give the same answers."""
    ours, stocks = (run_json(python, SCRIPT, "prove") for python in (OUR_PYTHON, STOCK_PYTHON))
    if ours != stocks:
        sys.exit("ours and stock's answers differ: fix that before looking at their cost")


def measure(python: Path, case: str) -> float:
    """CPU seconds of one request."""
    return float(str(run_json(python, SCRIPT, "time", case)))


def main() -> None:
    """Prints the tables."""
    wanted = sys.argv[1:] or [*AGAINST_STOCK, *OURS_ALONE]
    prove()
    compared, alone = [], []
    for case in wanted:
        title, goal = (AGAINST_STOCK | OURS_ALONE)[case]
        progress(title)
        candidates = {"ours": lambda case=case: measure(OUR_PYTHON, case)}
        if case in AGAINST_STOCK:
            candidates["stock"] = lambda case=case: measure(STOCK_PYTHON, case)
        spread = interleaved(candidates)
        figures = [
            figure
            for each in spread.values()
            for figure in (f"{each.median * 1e3:.2f}", f"{each.low * 1e3:.2f}–{each.high * 1e3:.2f}")
        ]
        if case in AGAINST_STOCK:
            ratio = spread["stock"].median / spread["ours"].median
            compared.append([title, *figures, f"{ratio:.1f}×", f"{goal}×"])
        else:
            alone.append([title, *figures, f"{goal}"])
    print("\n".join(machine()))
    print("CPU ms per request with 1,000 endpoints, median and range of 5\n")
    if compared:
        print(table(["", "ours", "range", "stock", "range", "cheaper", "goal"], compared))
    if alone:
        print(table(["", "ours", "range", "at most"], alone))


if __name__ == "__main__":
    main()
