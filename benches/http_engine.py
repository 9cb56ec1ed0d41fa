"""CPU per request of the bare engine (no users, no sessions) beside wrk, against the same nginx in the same run.

    python benches/http_engine.py [--greenlets 20] [--seconds 2] [--repeats 5]

The rest of the cost that `benches/http_cost.py` measures is due to sessions, tasks and statistics.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from harness import OUR_PYTHON, ROOT, interleaved, machine, run, run_json, table
from http_cases.target import Target  # type: ignore[import-not-found]

GENERATOR_CORE = 0
KINDS = ["get", "object", "recorded", "post"]


def engine_us(url: str, greenlets: int, seconds: float, kind: str) -> float:
    """CPU microseconds of one request through the engine."""
    script = ROOT / "benches" / "engine_cases" / "bare.py"
    answer: Any = run_json(OUR_PYTHON, script, url, str(greenlets), str(seconds), kind, core=GENERATOR_CORE)
    return float(answer["cpu_s"] / answer["requests"] * 1e6)


def wrk_us(url: str, connections: int, seconds: float) -> float:
    """CPU microseconds of one of wrk's requests."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{max(int(seconds), 1)}s", f"{url}/"]
    finished = run(command, core=GENERATOR_CORE)
    found = re.search(r"(\d+) requests in", finished.stdout)
    if finished.exit_code or not found:
        raise SystemExit(f"{command} failed:\n{finished.stdout}{finished.stderr}")
    return finished.cpu_s / int(found[1]) * 1e6


def main() -> None:
    """Parses the command line, measures, prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--greenlets", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    greenlets, seconds = options.greenlets, options.seconds
    print("\n".join(machine()))
    with Target() as target:
        url = target.url
        candidates = {
            kind: lambda kind=kind: engine_us(url, greenlets, seconds, kind)  # type: ignore[misc]
            for kind in KINDS
        }
        spreads = interleaved({**candidates, "wrk": lambda: wrk_us(url, greenlets, seconds)}, options.repeats)
    wrk = spreads["wrk"].median
    lines = [
        [name, f"{spread.median:.2f} [{spread.low:.2f} … {spread.high:.2f}]", f"{spread.median / wrk:.2f}×"]
        for name, spread in spreads.items()
    ]
    print("\nCPU µs per request, median [lowest … highest]\n")
    print(table(["", "µs", "against wrk"], lines))


if __name__ == "__main__":
    main()
