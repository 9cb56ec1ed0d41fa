"""CPU per request: locust-rs, stock Locust, wrk and others against the same nginx, in the same run.

    python benches/http_cost.py [--rows fast_get,http_get] [--seconds 5] [--repeats 5]

See `benches/http_cases/README.md` for the method.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from harness import OUR_PYTHON, ROOT, STOCK_PYTHON, Spread, interleaved, machine, progress, run, table
from http_cases.target import Target  # type: ignore[import-not-found]

GENERATOR_CORE = 0
LOCUSTFILES = ROOT / "benches" / "http_cases"
# Where `make rivals` puts them.
os.environ["PATH"] = f"{ROOT / '.rivals' / 'bin'}{os.pathsep}{os.environ['PATH']}"


@dataclass(frozen=True)
class Row:
    """One line of the table: a locustfile and how to run it."""

    name: str
    locustfile: str
    reach: str
    users: int = 20
    tls: bool = False
    wire_requests: int = 1
    """Requests that the target receives for each one that is reported."""
    rival_path: str = "/"
    """The path for the other generators, if they can send such requests; empty: they are not measured."""
    form: str = ""
    """`http:NAME` or `fast:NAME` of `forms.py`."""


ROWS = [
    Row("FastHttpUser GET", "fast_get", "stock/9, wrk×1.6"),
    Row("FastHttpUser GET, 500 users", "fast_get", "", users=500),
    Row("FastHttpUser GET, 5000 users", "fast_get", "2× 20 users", users=5000),
    Row("FastHttpUser POST JSON, cookies, check", "fast_post", "stock/5", rival_path=""),
    Row("HttpUser GET", "http_get", "stock/10"),
    Row("HttpUser cookies, redirect, JSON", "http_session", "stock/6", wire_requests=2, rival_path=""),
    Row("FastHttpUser TLS 1 KiB", "fast_tls", "stock/6", tls=True, rival_path="/1k"),
    Row("HttpUser TLS 1 KiB", "http_tls", "stock/6", tls=True, rival_path="/1k"),
]

FORMS = {
    "http:header": 30, "http:bearer": 30, "http:session_bearer": 30, "http:verify": 30, "http:name": 30,
    "http:timeout": 30, "http:text": 30, "http:catch": 30, "http:catch_json": 30, "http:json": 30,
    "http:listener": 25, "http:params": 20, "http:session_params": 20, "http:adapter": 20, "http:retry": 20,
    "http:pool_manager": 20, "http:trust_env": 20, "http:proxies": 20, "http:host": 20, "http:stream_lines": 10,
    "http:stream_pieces": 10, "http:hook": 10, "http:auth": 10, "http:own_auth": 10, "http:digest": 10,
    "fast:bearer": 12, "fast:name": 12, "fast:text": 12, "fast:listener": 10, "fast:catch": 10, "fast:json": 10,
    "fast:params": 10, "fast:rest": 10, "fast:stream": 10,
}  # fmt: skip
"""Forms of `forms.py`, and how many times cheaper than stock Locust each is meant to be."""

ROWS += [
    Row(f"{form.replace(':', 'User ').replace('http', 'Http').replace('fast', 'FastHttp')}", "forms", f"stock/{reach}",
        rival_path="", form=form)
    for form, reach in FORMS.items()
]  # fmt: skip

Run = Callable[[Target, Row, int], tuple[float, int]]
"""Runs a generator for some seconds; returns its CPU seconds and the number of requests that it reports."""


def _locust(python: Path) -> Run:
    def measure(target: Target, row: Row, seconds: int) -> tuple[float, int]:
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder, "report.json")
            finished = run(
                [python, "-m", "locust", "-f", LOCUSTFILES / f"{row.locustfile}.py", "--headless", "--only-summary",
                 "-u", str(row.users), "-r", str(row.users), "-t", f"{seconds}s", "--stop-timeout", "5",
                 "-H", target.tls_url if row.tls else target.url, "--json-file", report.with_suffix(""),
                 "--loglevel", "WARNING"],
                core=GENERATOR_CORE,
                env={"FORM": row.form},
            )  # fmt: skip
            if finished.exit_code:
                raise SystemExit(f"locust failed with exit code {finished.exit_code}:\n{finished.stderr[-4000:]}")
            # Not from the CSV: stock's is up to a second old when the process ends.
            return finished.cpu_s, sum(entry["num_requests"] for entry in json.loads(report.read_text()))

    return measure


def _foreign(command: Callable[[str, Row, int], list[str]], count: str) -> Run:
    def measure(target: Target, row: Row, seconds: int) -> tuple[float, int]:
        url = (target.tls_url if row.tls else target.url) + row.rival_path
        finished = run(command(url, row, seconds), core=GENERATOR_CORE)
        found = re.search(count, finished.stdout)
        if finished.exit_code or not found:
            raise SystemExit(f"{command(url, row, seconds)} failed:\n{finished.stdout}{finished.stderr}")
        return finished.cpu_s, int(found[1])

    return measure


FOREIGN: dict[str, Run] = {
    "wrk": _foreign(lambda url, row, s: ["wrk", "-t1", f"-c{row.users}", f"-d{s}s", url], r"(\d+) requests in"),
    "h2load": _foreign(
        lambda url, row, s: ["h2load", "--h1", "-t1", f"-c{row.users}", "-D", str(s), url], r"requests: (\d+) total"
    ),
    "hey": _foreign(
        lambda url, row, s: ["hey", "-cpus", "1", "-c", str(row.users), "-z", f"{s}s", url],
        r"\[200\]\s+(\d+) responses",
    ),
    "oha": _foreign(
        lambda url, row, s: ["oha", "--no-tui", "--insecure", "-c", str(row.users), "-z", f"{s}s", url],
        r"\[200\] (\d+) responses",
    ),
    "fasthttp-rival": _foreign(
        lambda url, row, s: ["fasthttp-rival", "-c", str(row.users), "-d", str(s), url], r"requests: (\d+)"
    ),
    "goose-rival": _foreign(
        lambda url, row, s: [
            *("goose-rival", "--host", url, "--users", str(row.users), "--hatch-rate", str(row.users)),
            *("--run-time", f"{s}s", "--no-reset-metrics", "--accept-invalid-certs", "-qq"),
            *("--no-telnet", "--no-websocket", "--no-print-metrics"),
        ],
        r"requests: (\d+)",
    ),
}


def cost_us(generator: Run, target: Target, row: Row, seconds: int) -> float:
    """CPU microseconds of one request, without start-up."""
    short_cpu, short_requests = generator(target, row, 1)
    long_cpu, long_requests = generator(target, row, 1 + seconds)
    return (long_cpu - short_cpu) / (long_requests - short_requests) * 1e6


def prove_counts(generator: Run, target: Target, row: Row, name: str) -> None:
    """Stops the bench unless the generator reports exactly what the target has served."""
    before = target.served()
    _, reported = generator(target, row, 1)
    served = target.served() - before - 1
    preparation = row.users if row.locustfile in ("fast_post", "http_session") else 0
    if served != (reported - preparation) * row.wire_requests + preparation:
        raise SystemExit(f"{row.name}: {name} reported {reported} requests, but nginx has served {served}")


def main() -> None:
    """Parses the command line, measures, prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", help="comma-separated locustfile names, or forms; all by default")
    parser.add_argument("--seconds", type=int, default=4, help="length of a measured run beyond its first second")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--no-foreign", action="store_true", help="only locust-rs and stock Locust")
    options = parser.parse_args()
    wanted = options.rows.split(",") if options.rows else None
    rows = [row for row in ROWS if wanted is None or row.locustfile in wanted or row.form in wanted]
    foreign = {} if options.no_foreign else {name: tool for name, tool in FOREIGN.items() if shutil.which(name)}
    print("\n".join(machine()))
    missing = [name for name in FOREIGN if not shutil.which(name)]
    if missing and not options.no_foreign:
        print(f"not there: {', '.join(missing)} (`make rivals`; Debian: apt-get install wrk nghttp2-client)")
    with Target() as target:
        lines = []
        for _, group in groupby(rows, key=lambda row: (row.locustfile, row.form)):
            lines += _measure_rows(target, list(group), foreign, options.seconds, options.repeats)
    rivals = list(foreign)
    print("\nCPU µs per request, median [lowest … highest]; users: times the cost at 20 users, repeat by repeat\n")
    print(table(["row", "locust-rs", "stock", *rivals, "stock/ours", "ours/wrk", "users", "reach"], lines))


def _measure_rows(
    target: Target, rows: list[Row], foreign: dict[str, Run], seconds: int, repeats: int
) -> list[list[str]]:
    """Measures rows that differ only in their users alternately, so that these can be compared too."""
    generators: dict[str, Run] = {"locust-rs": _locust(OUR_PYTHON), "stock": _locust(STOCK_PYTHON)}
    for row in rows:
        progress(f"{row.name}: counts of locust-rs")
        # Stock's counts are not exact; it is measured all the same.
        prove_counts(generators["locust-rs"], target, row, "locust-rs")
    if rows[0].rival_path:
        generators |= foreign
    progress(f"{', '.join(row.name for row in rows)}: {', '.join(generators)}")
    candidates = {
        f"{name}, {row.name}": lambda tool=tool, row=row: cost_us(tool, target, row, seconds)
        for name, tool in generators.items()
        for row in rows
    }
    spreads = interleaved(candidates, repeats)
    lines = []
    for row in rows:
        known = {name: spreads[f"{name}, {row.name}"] for name in generators}
        ours, wrk = known["locust-rs"], known.get("wrk")
        growth = "–" if row is rows[0] else f"{ours.times(spreads[f'locust-rs, {rows[0].name}']):.2f}×"
        cells = [_cell(known.get(name)) for name in ["locust-rs", "stock", *foreign]]
        rates = [
            f"{known['stock'].median / ours.median:.1f}×",
            f"{ours.median / wrk.median:.2f}×" if wrk else "–",
            growth,
        ]
        lines.append([row.name, *cells, *rates, row.reach])
    return lines


def _cell(spread: Spread | None) -> str:
    return f"{spread.median:.1f} [{spread.low:.1f} … {spread.high:.1f}]" if spread else "–"


if __name__ == "__main__":
    main()
