"""Whether the generator's verdict on itself is right: a target with an exact delay that measures itself.

    python benches/verdict.py [--seconds 6] [--delay-ms 50]

Users compute between their requests, so that the core is idle, half or fully busy, in tasks of 0.3, 4 and 40 ms. What
is reported, divided by what the target has measured, is the true inflation; beside it stands what the generator says
(`runner.health.inflation`). The two may differ by 5 percentage points or a fifth of the true value, up to 300 %; more
than that is compared as 300 %.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from harness import OUR_PYTHON, ROOT, build_exact_delay, exact_delay_target, machine, progress, run_json, table

GENERATOR = ROOT / "benches" / "verdict_cases" / "generator.py"

CLIENTS = {
    "FastHttpUser": ("fast", "on"),
    "FastHttpUser, engine off": ("fast", "off"),
    "HttpUser": ("http", "on"),
    "HttpUser, engine off": ("http", "off"),
    "one's own": ("own", "on"),
}
SHARES = {"idle": 0.1, "half": 0.5, "full": 1.0}
WORK_MS = (0.3, 4, 40)
MOST_INFLATION = 3.0


def is_right(said: float, true: float) -> bool:
    """Whether the two agree as far as they have to."""
    said, true = min(said, MOST_INFLATION), min(true, MOST_INFLATION)
    return abs(said - true) <= max(0.05, 0.2 * true)


def measure(program: Path, client: str, share: float, work_ms: float, options: argparse.Namespace) -> list[str]:
    """One run: the cells of its row behind the load."""
    kind, engine = CLIENTS[client]
    with exact_delay_target(program, int(options.delay_ms * 1000)) as target:
        arguments = [target["url"], kind, str(share), str(work_ms), str(options.seconds)]
        said: Any = run_json(OUR_PYTHON, GENERATOR, *arguments, core=0, env={"LOCUST_HTTP_ENGINE": engine})
    if said["failures"] or said["requests"] != target["served"]:
        raise SystemExit(f"{client}: {said} beside {target}")
    true = said["mean_ms"] / (target["mean_us"] / 1000) - 1
    return [
        f"{said['cpu_share']:.0%}",
        f"{target['mean_us'] / 1000:.1f}",
        f"{said['mean_ms']:.1f}",
        f"{true:.1%}",
        f"{said['said']:.1%}",
        "yes" if is_right(said["said"], true) else "NO",
    ]


def main() -> None:
    """Measures every client under every load; ends with 1 if a verdict was wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--delay-ms", type=float, default=50)
    options = parser.parse_args()
    program = build_exact_delay()
    rows = []
    for client in CLIENTS:
        for load, share in SHARES.items():
            for work_ms in WORK_MS:
                progress(f"{client}: {load}, tasks of {work_ms} ms")
                cells = measure(program, client, share, work_ms, options)
                rows.append([f"{client}, {load}, {work_ms} ms", *cells])
    print("\n".join(machine()), "\n")
    print(table(["client, core, task", "CPU", "true ms", "reported ms", "inflation", "said", "right"], rows))
    wrong = sum(row[-1] != "yes" for row in rows)
    print(f"\n{len(rows) - wrong} of {len(rows)} verdicts are right")
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
