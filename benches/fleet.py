"""A fleet on one master: thousands of simulated workers and a million users.

python benches/fleet.py [--workers 1000 2500] [--users 1000000] [--rate 50000] [--endpoints 10] [--requests 30]
                        [--seconds 15] [--stock] [--patient] [--json]

The master is the command as users start it, with a web UI and a journal. Each simulated worker has a ZeroMQ connection
of its own over loopback and sends what a worker sends: it registers, obeys orders, sends a heartbeat every second and a
report every 3 seconds, keeps reports until they are confirmed, and quits. Only the users are missing.

A run has these steps: all workers join; the users ramp up; the load stays for some seconds; then a page of the web UI
is open for as long; the master is killed and started again; it ends in order. The proof: the master's final number of
requests is the sum of those that the workers have reported, across the kill. A run whose numbers differ is marked, and
the exit code is 1. With workers that behave as stock ones, whose reports a killed master may lose, it is not killed.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from fleet_cases.processes import Master, Simulation
from harness import machine, progress, table

GIVE_UP_AFTER_S = 300.0
REPORT_INTERVAL_S = 3.0
SETTLES_AFTER_S = 4.0
"""After a ramp: a report and a few heartbeats of every worker."""


@dataclass
class Seen:
    """The results of one run. Times are in seconds; CPU is that of the master."""

    workers: int
    users: int = 0
    joined_s: float = 0.0
    """From the start of the workers until the master had acknowledged all of them."""

    ramped_s: float = 0.0
    """From the first order until all workers had their last number of users."""

    cpu_share: float = 0.0
    """CPU seconds per second under load."""

    loop_share: float = 0.0
    """The part of the thread that runs Python."""

    cpu_with_page: float = 0.0
    """CPU seconds per second under load while a page polls each second."""

    page_ms: float = 0.0
    """Median time of an answer to the page."""

    peak_mib: float = 0.0
    back_s: float = 0.0
    """From the start after the kill until the new process had acknowledged all workers."""

    again_s: float = 0.0
    """From the start after the kill until all users ran under the new process's orders."""

    ended_s: float = 0.0
    """From SIGTERM until the master's end."""

    missing: int = 0
    """How often the master took a living worker for missing."""

    reported: int = 0
    counted: int = 0
    exit_code: int = 0


class Run:
    """One run from start to end.

    Args:
        options: Those of the command line.
        workers: The number of workers.
        folder: For the master's files.
    """

    def __init__(self, options: argparse.Namespace, workers: int, folder: Path) -> None:
        self._options = options
        self._folder = folder
        self._seen = Seen(workers)
        self._master = Master(
            folder,
            options.patient,
            [
                *("--autostart", "--expect-workers", str(workers), "--users", str(options.users)),
                *("--spawn-rate", str(options.rate), "--journal", "journal", "--json-file", "final"),
                *("--exit-code-on-error", "0"),
            ],
        )

    def results(self) -> Seen:
        """Does all steps."""
        options, seen = self._options, self._seen
        kind = "stock" if options.stock else "ours"
        self._simulation = Simulation(self._master.port, seen.workers, options.endpoints, options.requests, kind)
        try:
            self._master.start()
            self._ramp()
            self._carry_load()
            if not options.stock:
                self._restart()
            self._end()
        finally:
            self._master.kill()
            said = self._simulation.close()
        seen.reported = said["requests"]
        (final,) = self._folder.glob("final*.json")
        seen.counted = sum(row["num_requests"] for row in json.loads(final.read_text()))
        return seen

    def _ramp(self) -> None:
        seen, began = self._seen, time.monotonic()
        self._until("all workers to join", lambda: self._simulation.facts()["acknowledged"] == seen.workers)
        seen.joined_s = time.monotonic() - began
        self._until("the first order", lambda: self._simulation.facts()["orders"])
        began = time.monotonic()
        self._until("all users", lambda: self._simulation.facts()["users"] == self._options.users)
        seen.ramped_s = time.monotonic() - began
        self._until("the end of the ramp", self._master.has_ramped)
        seen.users = self._simulation.facts()["users"]
        time.sleep(min(SETTLES_AFTER_S, self._options.seconds))

    def _carry_load(self) -> None:
        seen, master, seconds = self._seen, self._master, self._options.seconds
        began, cpu_s, loop_cpu_s = time.monotonic(), master.cpu_s(), master.loop_cpu_s()
        time.sleep(seconds)
        lasted_s = time.monotonic() - began
        seen.cpu_share = (master.cpu_s() - cpu_s) / lasted_s
        seen.loop_share = (master.loop_cpu_s() - loop_cpu_s) / lasted_s
        began, cpu_s = time.monotonic(), master.cpu_s()
        answers_s = self._poll_page(began + seconds)
        seen.cpu_with_page = (master.cpu_s() - cpu_s) / (time.monotonic() - began)
        seen.page_ms = 1e3 * statistics.median(answers_s)
        seen.peak_mib = master.peak_mib()

    def _poll_page(self, ends: float) -> list[float]:
        answers_s, cursor = [], ""
        while time.monotonic() < ends:
            began = time.monotonic()
            url = f"http://127.0.0.1:{self._master.web_port}/stats/updates?cursor={cursor}"
            with urllib.request.urlopen(url, timeout=GIVE_UP_AFTER_S) as answer:
                cursor = json.load(answer)["cursor"]
            answers_s.append(time.monotonic() - began)
            time.sleep(max(0.0, began + 1 - time.monotonic()))
        return answers_s

    def _restart(self) -> None:
        seen, master = self._seen, self._master
        self._note_missing()
        self._until("a journal", lambda: any((self._folder / "journal").glob("*.journal")))
        master.kill()
        orders = self._simulation.facts("look")["orders"]
        began = time.monotonic()
        master.start()
        self._until("the workers to come back", lambda: self._simulation.facts()["acknowledged"] == seen.workers)
        seen.back_s = time.monotonic() - began
        self._until("new orders", lambda: self._simulation.facts()["orders"] > orders)
        self._until("the end of the second ramp", master.has_ramped)
        seen.again_s = time.monotonic() - began
        time.sleep(min(SETTLES_AFTER_S, self._options.seconds))
        seen.peak_mib = max(seen.peak_mib, master.peak_mib())

    def _note_missing(self) -> None:
        self._seen.missing += self._master.log().count("failed to send heartbeat")

    def _end(self) -> None:
        self._note_missing()
        began = time.monotonic()
        self._seen.exit_code = self._master.end(GIVE_UP_AFTER_S)
        self._seen.ended_s = time.monotonic() - began

    def _until(self, wanted: str, condition: Callable[[], object]) -> None:
        progress(f"{self._seen.workers} workers: waiting for {wanted}")
        deadline = time.monotonic() + GIVE_UP_AFTER_S
        while not condition():
            if time.monotonic() > deadline or self._master.process.poll() is not None:
                raise TimeoutError(
                    f"no sign of {wanted}: {dict(self._simulation.facts())}\n{self._master.log()[-2000:]}"
                )
            time.sleep(0.1)


def row(seen: Seen) -> list[str]:
    """A row of the table."""
    per_report_ms = 1e3 * seen.cpu_share * REPORT_INTERVAL_S / seen.workers
    return [
        f"{seen.workers:,}",
        f"{seen.joined_s:.0f}",
        f"{seen.ramped_s:.0f}",
        f"{seen.cpu_share:.2f}",
        f"{seen.loop_share:.2f}",
        f"{per_report_ms:.2f}",
        f"{seen.cpu_with_page:.2f}",
        f"{seen.page_ms:.0f}",
        f"{seen.peak_mib:.0f}",
        f"{seen.back_s:.0f}",
        f"{seen.again_s:.0f}",
        f"{seen.ended_s:.0f}",
        f"{seen.missing}",
        "all" if seen.counted == seen.reported else f"{seen.counted:,} of {seen.reported:,}",
    ]


HEADERS = [
    *("workers", "join s", "ramp s", "CPU", "of it Python", "ms/report", "CPU, page", "page ms", "peak MiB"),
    *("back s", "users s", "end s", "missing", "counted"),
]


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, nargs="+", default=[1000, 2500])
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--rate", type=float, default=50_000)
    parser.add_argument("--endpoints", type=int, default=10)
    parser.add_argument("--requests", type=int, default=30, help="per endpoint and report")
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--stock", action="store_true", help="workers that behave as those of stock Locust")
    parser.add_argument(
        "--patient", action="store_true", help="the master waits a minute for heartbeats and last reports"
    )
    parser.add_argument("--json", action="store_true", help="print all results as JSON")
    options = parser.parse_args()
    results = []
    for workers in options.workers:
        with tempfile.TemporaryDirectory() as folder:
            results.append(Run(options, workers, Path(folder)).results())
    if options.json:
        print(json.dumps([asdict(seen) for seen in results]))
    else:
        print("\n".join([*machine(), "", table(HEADERS, [row(seen) for seen in results])]))
    sys.exit(any(seen.counted != seen.reported or seen.exit_code for seen in results))


if __name__ == "__main__":
    main()
