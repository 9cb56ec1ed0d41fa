"""What tracing costs: CPU per GET without `--otel`, with it, and with one request of a hundred sampled; beside stock.

Run `make setup references` first, then `.venv/bin/python benches/tracing_cost.py`. Spans are sent by OTLP/HTTP to the
nginx that is the target as well. Stock Locust has spans for HttpUser alone.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from harness import OUR_PYTHON, ROOT, STOCK_PYTHON, interleaved, machine, progress, run, table
from http_cases.target import Target  # type: ignore[import-not-found]

LOCUSTFILE = Path(__file__).with_name("tracing_cases") / "locustfile.py"
SITE = ROOT / ".stock" / "otel" / "site"

MODES: dict[str, tuple[list[str], dict[str, str]]] = {
    "off": ([], {}),
    "on": (["--otel"], {}),
    "1 % sampled": (
        ["--otel"],
        {"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.01"},
    ),
}


def cost_us(python: Path, client: str, mode: str, url: str, seconds: int) -> float:
    """CPU microseconds per request of one run, without start-up and shutdown."""
    arguments, settings = MODES[mode]
    environment = {
        "CLIENT": client,
        "PYTHONPATH": os.pathsep.join([str(SITE), os.environ.get("PYTHONPATH", "")]),
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"{url}/",
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_METRICS_EXPORTER": "none",
        "OTEL_LOGS_EXPORTER": "none",
        **settings,
    }
    load = ["--headless", "-u", "20", "-r", "20", "-t", str(seconds), "--only-summary", "-H", url]
    done = run([python, "-m", "locust", "-f", LOCUSTFILE, *arguments, *load], core=0, env=environment)
    told = json.loads(next(line for line in done.stdout.splitlines() if line.startswith("{")))
    if told["failures"] or not told["requests"] or ("OpenTelemetry enabled" in done.stderr) != bool(arguments):
        sys.exit(f"the run proves nothing: {told}\n{done.stderr}")
    return float(told["cpu_s"] / told["requests"] * 1e6)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--repeats", type=int, default=5)
    asked = parser.parse_args()
    lines = []
    with Target() as target:
        for client, title in (("http", "HttpUser"), ("fast", "FastHttpUser")):
            progress(title)
            spreads = interleaved(
                {
                    f"{name}, {mode}": lambda python=python, client=client, mode=mode: cost_us(
                        python, client, mode, target.url, asked.seconds
                    )
                    for name, python in (("ours", OUR_PYTHON), ("stock", STOCK_PYTHON))
                    for mode in MODES
                },
                asked.repeats,
            )
            for mode in MODES:
                ours, stock = spreads[f"ours, {mode}"], spreads[f"stock, {mode}"]
                cells = [f"{each.median:.1f} ({each.low:.1f}–{each.high:.1f})" for each in (ours, stock)]
                lines.append([f"{title}, {mode}", *cells, f"{ours.times(spreads['ours, off']):.2f}×"])
    print("\n".join(machine()))
    print(f"CPU µs per GET, 20 users, median and range of {asked.repeats}\n")
    print(table(["", "ours", "stock", "ours: beside off"], lines))


if __name__ == "__main__":
    main()
