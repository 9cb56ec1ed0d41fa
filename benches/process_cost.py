"""The cost of a process and of an idle user, beside stock Locust: start-up, spawning, memory.

Users are spawned by the runner. Some have sent nothing yet; the others have sent one request to nginx, so that they
have the parts of a user in a real test: a connection, cookies, headers, statistics.

python benches/process_cost.py [--repeats 5]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from harness import OUR_PYTHON, ROOT, STOCK_PYTHON, interleaved, machine, progress, run, run_json, table
from http_cases.target import Target  # type: ignore[import-not-found]

IDLE_USERS = ROOT / "benches" / "process_cases" / "idle_users.py"


def cpu_ms(*arguments: str) -> Callable[[Path], float]:
    """CPU milliseconds of one `python …`."""

    def measure(python: Path) -> float:
        finished = run([python, *arguments])
        if finished.exit_code:
            raise SystemExit(f"{python} {' '.join(arguments)} failed:\n{finished.stderr}")
        return finished.cpu_s * 1000

    return measure


def idle_user(user_class: str, count: int, key: str, factor: float, *, sends: bool = False) -> Callable[[Path], float]:
    """One figure of `process_cases/idle_users.py`, for users that have sent nothing or one request."""

    def measure(python: Path) -> float:
        with Target() if sends else nullcontext() as target:
            url = [target.url] if target is not None else []
            result: Any = run_json(python, IDLE_USERS, user_class, str(count), *url)
        return float(result[key] * factor)

    return measure


ROWS: list[tuple[str, str, Callable[[Path], float]]] = [
    ("import locust, CPU ms", "0.6×", cpu_ms("-c", "import locust")),
    ("locust -V, CPU ms", "0.6×", cpu_ms("-m", "locust", "-V")),
    # Many users, because only then the cost of a garbage collector that walks them repeatedly shows, and the second
    # in which they settle counts for little.
    ("spawn an HttpUser (1,000), CPU µs", "0.5×", idle_user("HttpUser", 1000, "cpu_s", 1e6)),
    ("spawn an HttpUser (5,000), CPU µs", "0.5×", idle_user("HttpUser", 5000, "cpu_s", 1e6)),
    ("spawn a FastHttpUser (1,000), CPU µs", "", idle_user("FastHttpUser", 1000, "cpu_s", 1e6)),
    ("spawn a FastHttpUser (5,000), CPU µs", "", idle_user("FastHttpUser", 5000, "cpu_s", 1e6)),
    ("… HttpUser and its first request", "", idle_user("HttpUser", 2000, "cpu_s", 1e6, sends=True)),
    ("… FastHttpUser and its first request", "", idle_user("FastHttpUser", 2000, "cpu_s", 1e6, sends=True)),
    ("memory of an idle FastHttpUser, KiB", "0.7×", idle_user("FastHttpUser", 10_000, "memory_bytes", 1 / 1024)),
    ("memory of an idle HttpUser, KiB", "", idle_user("HttpUser", 2000, "memory_bytes", 1 / 1024)),
    (
        "… FastHttpUser after a request, KiB",
        "0.7×",
        idle_user("FastHttpUser", 5000, "memory_bytes", 1 / 1024, sends=True),
    ),
    ("… HttpUser after a request, KiB", "", idle_user("HttpUser", 2000, "memory_bytes", 1 / 1024, sends=True)),
]


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    lines = []
    for name, reach, measure in ROWS:
        progress(name)
        pythons = {"ours": OUR_PYTHON, "stock": STOCK_PYTHON}
        spreads = interleaved({who: lambda p=python, m=measure: m(p) for who, python in pythons.items()}, repeats)
        ours, stock = spreads["ours"], spreads["stock"]
        cells = [f"{s.median:.1f} [{s.low:.1f} … {s.high:.1f}]" for s in (ours, stock)]
        lines.append([name, *cells, f"{ours.median / stock.median:.2f}×", reach])
    print("\n".join(machine()))
    print()
    print(table(["row", "locust-rs", "stock", "ours/stock", "reach"], lines))


if __name__ == "__main__":
    main()
