"""`locust-rs demo`: the sample service, a real load test against it, and a comparison of both sides' counts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click

LOCUSTFILE = Path(__file__).with_name("locustfile.py")


@click.command()
@click.option("-u", "--users", default=200, show_default=True, type=click.IntRange(1, 100_000), help="Simulated users.")
@click.option(
    "-r",
    "--spawn-rate",
    default=25.0,
    show_default=True,
    type=click.FloatRange(0.1),
    help="Users started per second.",
)
@click.option(
    "-t",
    "--run-time",
    default="15s",
    show_default=True,
    metavar="TIME",
    help="How long, e.g. 20s, 3m, 1h30m.",
)
@click.option(
    "--port",
    default=0,
    type=click.IntRange(0, 65535),
    help="Port of the sample service; a free one by default.",
)
@click.option("--web", is_flag=True, help="Open the web UI instead of running headless.")
@click.option("--serve", is_flag=True, help="Only run the sample service, for a test of your own.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address of the sample service.")
@click.option("--show-locustfile", is_flag=True, help="Only print the locustfile.")
def demo(
    users: int,
    spawn_rate: float,
    run_time: str,
    port: int,
    web: bool,
    serve: bool,
    host: str,
    show_locustfile: bool,
) -> None:
    """Runs a load test against a sample shop on this machine.

    Starts the shop, runs Locust against it with the locustfile that is printed first, and compares the requests
    that Locust reports with those that the shop has served.
    """
    if show_locustfile:
        click.echo(LOCUSTFILE.read_text(encoding="utf-8"), nl=False)
        return
    _say(f"The locustfile: {_shown_path(LOCUSTFILE)}")
    with _sample_service(port, host) as url:
        _say(f"The sample shop is listening on {url}")
        if serve:
            _wait_for_ctrl_c()
            return
        if web:
            _run_locust(url, ["--web-host", "127.0.0.1", "-u", str(users), "-r", f"{spawn_rate:g}", "-t", run_time])
            return
        with tempfile.TemporaryDirectory(prefix="locust-rs-demo-") as folder:
            load = ["--headless", "-u", str(users), "-r", f"{spawn_rate:g}", "-t", run_time]
            outputs = ["--csv", str(Path(folder, "demo")), "--exit-code-on-error", "0", "--stop-timeout", "2"]
            _say(f"Running: locust -f {LOCUSTFILE.name} -H {url} {' '.join(load)}")
            code = _run_locust(url, [*load, *outputs, *([] if sys.stdout.isatty() else ["--only-summary"])])
            if code:
                raise click.ClickException(f"locust ended with exit code {code}; its output above says why")
            _compare_counts(reported=_reported_requests(Path(folder, "demo_stats.csv")), served=_served_requests(url))
    _say("Next: copy the locustfile, point it at your own service, and run `locust`.")


def _say(text: str) -> None:
    click.secho(text, bold=True)


def _shown_path(path: Path) -> str:
    """The path, relative to the working directory if that is shorter."""
    relative = os.path.relpath(path)
    return min(relative, str(path), key=len)


def _wait_for_ctrl_c() -> None:
    _say("Ctrl-C ends it")
    with suppress(KeyboardInterrupt):
        threading.Event().wait()


@contextmanager
def _sample_service(port: int, host: str) -> Iterator[str]:
    """Runs the sample service; yields its base URL."""
    # asyncio needs the unpatched standard library, so the service's process does not patch it.
    environment = {**os.environ, "LOCUST_SKIP_MONKEY_PATCH": "1"}
    command = [sys.executable, "-m", "locust_rs.demo.service", "--port", str(port), "--host", host]
    service = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
    assert service.stdin is not None
    assert service.stdout is not None
    try:
        greeting = service.stdout.readline()
        if not greeting.startswith("listening on "):
            raise click.ClickException("the sample service did not start; the line above says why")
        yield greeting.removeprefix("listening on ").strip()
    finally:
        service.stdin.close()
        service.wait(timeout=10)
        service.stdout.close()


def _run_locust(url: str, arguments: list[str]) -> int:
    """Runs the `locust` command on this terminal and returns its exit code."""
    command = [sys.executable, "-m", "locust_rs", "-f", str(LOCUSTFILE), "-H", url, *arguments]
    locust = subprocess.Popen(command)
    while True:
        try:
            return locust.wait()
        except KeyboardInterrupt:
            continue  # Ctrl-C reaches locust too, which stops the test and prints its tables


def _reported_requests(stats_file: Path) -> int:
    """The number of requests in the Aggregated row of a `_stats.csv`."""
    import csv

    with stats_file.open(newline="") as rows:
        return next(int(row["Request Count"]) for row in csv.DictReader(rows) if row["Name"] == "Aggregated")


def _served_requests(url: str) -> int:
    with urllib.request.urlopen(f"{url}/health", timeout=10) as answer:  # our own loopback service
        return int(json.load(answer)["served"])


def _compare_counts(*, reported: int, served: int) -> None:
    if reported != served:
        raise click.ClickException(f"Locust reported {reported:,} requests, but the shop has served {served:,}")
    click.secho(
        f"Locust reported {reported:,} requests, and the shop has served {served:,}: every one was counted.",
        fg="green",
    )
