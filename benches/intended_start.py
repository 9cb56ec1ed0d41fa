"""Times from the intended start beside a target's own log, when the target stalls once for two seconds.

    python benches/intended_start.py [--seconds 10] [--users 20]

Users with a pace of 10 requests per second each. The log tells when each request arrived and was answered, and so how
long every start that was meant had to wait (`tests/support/meant_starts.py`). The figures of `--intended-start` may
differ from it by 1 %, or by 3 ms: the target cannot see how late the generator's own timers are, which count as well.
The last column has the times of the requests that were sent, as the target saw them: what response times tell.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from harness import OUR_PYTHON, machine, run, table
from meant_starts import LOCUSTFILE, PACE_S, meant_times_ms, percentile, stalling_target

FRACTIONS = ("0.5", "0.75", "0.9", "0.95", "0.99", "0.999", "max")


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--users", type=int, default=20)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, stalling_target(2.0, 2.0) as (url, target):
        file = Path(folder, "paced.py")
        file.write_text(LOCUSTFILE)
        load = ["--headless", "-u", str(asked.users), "-r", "1000", "-t", str(asked.seconds), "-H", url]
        outputs = ["--intended-start", "--precise", "--json", "--only-summary"]
        done = run([OUR_PYTHON, "-m", "locust", "-f", file, *load, *outputs], core=0)
        log = json.loads(target.communicate(timeout=30)[0])
    (row,) = json.loads(done.stdout)
    told, meant = row["from_intended_start"], meant_times_ms(log, PACE_S)
    served = sorted((answered - arrived) * 1000 for _, arrived, answered in log)
    lines, wrong = [], 0
    for fraction in FRACTIONS:
        true = meant[-1] if fraction == "max" else percentile(meant, float(fraction))
        said = told[fraction] if fraction in told else float("nan")
        right = abs(said - true) <= max(0.01 * true, 3.0)
        wrong += fraction in told and not right
        sent = served[-1] if fraction == "max" else percentile(served, float(fraction))
        lines.append(
            [fraction, f"{true:.1f}", f"{said:.1f}", f"{said / true - 1:+.2%}", "yes" if right else "NO", f"{sent:.1f}"]
        )
    print("\n".join(machine()))
    print(f"{len(meant):,} starts were meant, {told['count']:,} counted; {row['num_requests']:,} requests were sent\n")
    titles = ["percentile", "target's log, ms", "from intended start, ms", "differs", "right", "requests alone, ms"]
    print(table(titles, lines))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
