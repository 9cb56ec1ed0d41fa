"""What an installed locust-rs does on every platform: versions, the demo, a run with its files, master and worker.

`python tools/smoke.py` uses the commands on PATH; `--engine off` sends HTTP as Windows does, without the native engine.
Needs nothing but the standard library and an installation, which may be one without this checkout.
"""

from __future__ import annotations

import argparse
import csv
import http.server
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE_S = 120

LOCUSTFILE = """
from locust import FastHttpUser, HttpUser, constant, task

class Visitor(HttpUser):
    wait_time = constant(0.1)

    @task
    def look(self):
        self.client.get(self.environment.parsed_options.path)

class FastVisitor(FastHttpUser):
    wait_time = constant(0.1)

    @task
    def look(self):
        self.client.get(self.environment.parsed_options.path)
"""

ARGUMENTS = """
from locust import events

@events.init_command_line_parser.add_listener
def _(parser):
    parser.add_argument("--path", default="/")
"""


class Site(http.server.BaseHTTPRequestHandler):
    """Serves `/`, and counts."""

    protocol_version = "HTTP/1.1"
    served = 0
    lock = threading.Lock()

    def do_GET(self) -> None:
        """Answers a GET."""
        with self.lock:
            Site.served += 1
        self.send_response(200 if self.path == "/" else 404)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@contextmanager
def site() -> Iterator[str]:
    """A web site on a free port; its address."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


class Commands:
    """Runs the installed commands in a folder of their own."""

    def __init__(self, folder: Path, engine: str) -> None:
        self.folder = folder
        # Where pipes are not UTF-8 by themselves.
        self.environment = {**os.environ, "PYTHONIOENCODING": "utf-8", "LOCUST_HTTP_ENGINE": engine}

    def start(self, *command: str) -> subprocess.Popen[str]:
        """Starts a command found on PATH."""
        found = shutil.which(command[0])
        if found is None:
            sys.exit(f"{command[0]} is not on PATH")
        return subprocess.Popen(
            [found, *command[1:]],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )

    def end(self, process: subprocess.Popen[str], code: int = 0) -> str:
        """Waits for a process that has to end with a code; returns what it said."""
        try:
            said, _ = process.communicate(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            said, _ = process.communicate()
            sys.exit(f"{process.args} did not end within {PATIENCE_S} s:\n{said}")
        if process.returncode != code:
            sys.exit(f"{process.args} ended with {process.returncode} instead of {code}:\n{said}")
        return said

    def say(self, *command: str, code: int = 0) -> str:
        """Runs a command that has to end with a code."""
        return self.end(self.start(*command), code)


def require(holds: object, what: str) -> None:
    """Ends with a message unless something holds."""
    if not holds:
        sys.exit(f"FAILED {what}")
    print(f"good   {what}", flush=True)


def versions(commands: Commands) -> None:
    """The commands start, and know who they are."""
    require("locust-rs" in commands.say("locust", "-V"), "locust -V names locust-rs")
    require("the compiled core is loaded" in commands.say("locust-rs", "doctor"), "the compiled core is loaded")


def demo(commands: Commands) -> None:
    """The built-in sample shop under load."""
    commands.say("locust-rs", "demo", "-u", "20", "-r", "20", "-t", "2s")
    require(True, "locust-rs demo counts what its shop has served")


def run_with_files(commands: Commands) -> None:
    """A headless run: counts, files and exit codes."""
    headless = ["locust", "--headless", "-u", "4", "-r", "4", "-t", "2s"]
    with site() as address:
        before = Site.served
        commands.say(*headless, "-H", address, "--csv", "run", "--html", "run.html", "--json-file", "run")
        with (commands.folder / "run_stats.csv").open(encoding="utf-8", newline="") as file:
            rows = {row["Name"]: row for row in csv.DictReader(file)}
        counted = int(rows["Aggregated"]["Request Count"])
        require(0 < counted == Site.served - before, "the CSV file counts what the site has served")
        require("</html>" in (commands.folder / "run.html").read_text("utf-8"), "the HTML report is whole")
        require((commands.folder / "run.json").exists(), "the JSON file is there")
        commands.say(*headless, "-H", address, "--path", "/missing", code=1)
        require(True, "a run with failed requests ends with 1")


def master_and_worker(commands: Commands) -> None:
    """Two processes and a test between them."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    with site() as address:
        before = Site.served
        line = ["locust", "--headless", "--master", "--master-bind-host", "127.0.0.1", "--master-bind-port", port]
        test = ["--expect-workers", "1", "-u", "4", "-r", "4", "-t", "2s", "-H", address, "--csv", "fleet"]
        master = commands.start(*line, *test)
        worker = commands.start("locust", "--worker", "--master-host", "127.0.0.1", "--master-port", port)
        commands.end(master)
        commands.end(worker)
        rows = (commands.folder / "fleet_stats.csv").read_text("utf-8").splitlines()
        counted = int(rows[-1].split(",")[2])
        require(0 < counted == Site.served - before, "a master counts what the site has served to its worker")


def main() -> None:
    """Runs all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=["on", "off"], default="on")
    engine = parser.parse_args().engine
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "locustfile.py").write_text(ARGUMENTS + LOCUSTFILE, "utf-8")
        commands = Commands(folder, engine)
        for check in (versions, demo, run_with_files, master_and_worker):
            check(commands)


if __name__ == "__main__":
    main()
