"""The cost of one step of a ramp, up or down, on the master, including spawn messages, beside stock Locust.

python benches/dispatch.py [--repeats 5]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from harness import OUR_PYTHON, ROOT, STOCK_PYTHON, interleaved, machine, progress, run_json, table

STEP = ROOT / "benches" / "dispatch_cases" / "step.py"

ROWS = [
    ("1,000 workers × 50 classes, 10 users more a step", "20×", (1000, 50, 10, 100, "up")),
    ("… 100 users more", "20×", (1000, 50, 100, 50, "up")),
    ("… 1,000 users more, to 101,000", "", (1000, 50, 1000, 100, "up")),
    ("… 10 users fewer", "20×", (1000, 50, 10, 100, "down")),
    ("… 100 users fewer", "20×", (1000, 50, 100, 50, "down")),
    ("… 1,000 users fewer, from 101,000", "", (1000, 50, 1000, 100, "down")),
    ("10 workers × 5 classes, 10 users more a step", "", (10, 5, 10, 200, "up")),
]

Figures = tuple[int | str, ...]


def step(python: Path, figures: Figures) -> Any:
    """Runs the case under one interpreter."""
    return run_json(python, STEP, *map(str, figures))


def cpu_us(python: Path, figures: Figures) -> Callable[[], float]:
    """CPU microseconds of one step."""
    return lambda: float(step(python, figures)["cpu_s"]) * 1e6


def main() -> None:
    """Proves that both decide the same, then measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    lines = []
    for name, reach, figures in ROWS:
        progress(name)
        if step(OUR_PYTHON, figures)["digest"] != step(STOCK_PYTHON, figures)["digest"]:
            raise SystemExit(f"{name}: the steps differ, so their costs can't be compared")
        spreads = interleaved({"ours": cpu_us(OUR_PYTHON, figures), "stock": cpu_us(STOCK_PYTHON, figures)}, repeats)
        ours, stock = spreads["ours"], spreads["stock"]
        lines.append([name, f"{ours.median:.0f}", f"{stock.median:.0f}", f"{stock.median / ours.median:.1f}×", reach])
    print("\n".join(machine()))
    print()
    print(table(["one step, CPU µs", "ours", "stock", "cheaper", "reach"], lines))


if __name__ == "__main__":
    main()
