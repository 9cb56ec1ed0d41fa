"""The cost of kept runs: CPU time and room of an hour with 500 endpoints, of a list of 1,000 runs, of a comparison.

Run `make setup` first, then `.venv/bin/python benches/history_cost.py`.
"""

from __future__ import annotations

import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from harness import interleaved, machine, progress, table
from history_cases.kept_hour import ENDPOINTS, hour, short
from locust_rs.history.catalogue import catalogue
from locust_rs.history.compare import compare
from locust_rs.history.findings import finding
from locust_rs.history.model import KeptRun
from locust_rs.history.store import Store
from locust_rs.web.kept_runs.course import course_of
from locust_rs.web.kept_runs.opened import opened

RUNS = 1_000
LINES = 50
SLOWER = 1.05

GOALS_S = {
    "keep an hour": 5.0,
    f"list {LINES} of {RUNS:,} runs": 0.1,
    "open an hour": 3.0,
    "chart of one endpoint": 0.5,
    "compare two hours": 1.5,
}


def keep(store: Store, kept: KeptRun) -> None:
    """Keeps a run as one that was not there before."""
    kept.run.uid = uuid.uuid4().hex
    store.finish(kept)


def cpu_s(work: Callable[[], object]) -> float:
    """CPU seconds of this process."""
    before = time.process_time()
    work()
    return time.process_time() - before


def prove(store: Store) -> None:
    """Ends the bench unless the runs come back whole, and the comparison finds what was made slower."""
    before, after = (store.load(store.find(number)) for number in ("1", "2"))
    if len(opened(before)["requests_statistics"]) != ENDPOINTS + 1:
        sys.exit("an opened run has lost endpoints: fix that before looking at its cost")
    said = [finding(one) for one in compare(before, after).differences]
    if not all(text.startswith("slower by") for text in said):
        sys.exit(f"endpoints that are {SLOWER - 1:.0%} slower are called '{said[0]}'")


def main() -> None:
    """Prints the table."""
    with tempfile.TemporaryDirectory() as folder:
        store, listed = Store(Path(folder, "hours.sqlite")), Store(Path(folder, "list.sqlite"))
        progress(f"making two hours of {ENDPOINTS} endpoints and {RUNS:,} short runs")
        runs = [hour(1), hour(2, SLOWER)]
        for kept in runs:
            keep(store, kept)
        size = store.path.stat().st_size / len(runs)
        prove(store)
        line = short()
        for _ in range(RUNS):
            keep(listed, line)
        cases: dict[str, Callable[[], object]] = {
            "keep an hour": lambda: keep(store, runs[0]),
            f"list {LINES} of {RUNS:,} runs": lambda: catalogue(listed, "shop", None, RUNS // 2, LINES),
            "open an hour": lambda: opened(store.load(store.find("1"))).as_json(),
            "chart of one endpoint": lambda: course_of(store, store.find("1"), f"/endpoint/{ENDPOINTS - 1}", "GET"),
            "compare two hours": lambda: compare(*(store.load(store.find(number)) for number in ("1", "2"))),
        }
        progress("measuring")
        spread = interleaved({name: lambda work=work: cpu_s(work) for name, work in cases.items()})
    print("\n".join(machine()))
    print(f"CPU seconds, median and range of 5; an hour takes {size / 1e6:.1f} MB (at most 20)\n")
    rows = [
        [name, f"{each.median:.3f}", f"{each.low:.3f}–{each.high:.3f}", f"{GOALS_S[name]:g}"]
        for name, each in spread.items()
    ]
    print(table(["", "CPU s", "range", "at most"], rows))


if __name__ == "__main__":
    main()
