"""The example files that stock Locust hands out run here as they do there: same exit code, same requests."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from polling import until
from references import ROOT, reference_python
from serving import serving

FOLDER = ROOT / ".stock" / "examples"

NO_LOCUSTFILES = {"use_as_lib.py", "custom_xmlrpc_client/server.py"}

ASK_OTHER_HOSTS = {"browse_docs_sequence_test.py", "browse_docs_test.py", "terraform/aws/plan/basic.py"}
"""They name hosts of their own, whatever `--host` says."""

LEFT_TO_CHANCE = "dispatch_test_scripts/"
"""Which of its classes has had a turn when it is interrupted nobody can tell."""

OF_ANOTHER_ENVIRONMENT = "grpc/"
"""They need packages that only one of the two environments has."""

ENDLESS = "custom_shape/"
"""Tests of a LoadTestShape, which know no run time: they are interrupted."""

DIFFER_ON_PURPOSE = {"custom_messages.py": (2, 1), "multiple_hosts.py": (2, 1)}
"""Exit codes, stock's first: users whose `__init__` raises are counted as exceptions; see docs/differences.md."""

EXAMPLES = sorted(
    name
    for name in (str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.py"))
    if name not in NO_LOCUSTFILES | ASK_OTHER_HOSTS and not name.startswith((LEFT_TO_CHANCE, OF_ANOTHER_ENVIRONMENT))
)

USERS = 60
"""So many that none of an example's tasks is left to chance."""

Outcome = tuple[int, set[tuple[str, str]]]


class Answers(BaseHTTPRequestHandler):
    """Answers everything with a little JSON."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b'{"status": "ok", "username": "anybody"}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = answer

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


class Server(ThreadingHTTPServer):
    """Takes all connections at once, and clients that end in the middle of a request for no fault."""

    request_queue_size = 1024

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    """A server."""
    with serving(Server(("127.0.0.1", 0), Answers)) as server:
        yield f"http://127.0.0.1:{server.server_port}"


def run(python: Path | str, name: str, host: str, home: Path) -> Outcome:
    """Runs an example: its exit code, and the requests in its statistics."""
    load = ["--users", str(USERS), "--spawn-rate", str(USERS), "--run-time", "3s", "--host", host]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("LOCUST_")}
    log = home / "log"
    with log.open("w") as told:
        process = subprocess.Popen(
            [python, "-m", "locust", "-f", (FOLDER / name).name, "--headless", "--json", *load],
            cwd=(FOLDER / name).parent,
            env={**environment, "HOME": str(home), "XDG_DATA_HOME": str(home)},
            stdout=subprocess.PIPE,
            stderr=told,
            text=True,
        )
    if name.startswith(ENDLESS):
        until(lambda: "Ramping to" in log.read_text())
        time.sleep(6)
        process.send_signal(signal.SIGINT)
    printed, _ = process.communicate(timeout=90)
    start = printed.find("[\n")
    rows = json.loads(printed[start:]) if start >= 0 else []
    return process.returncode, {(row["method"], row["name"]) for row in rows}


@pytest.fixture(scope="module")
def outcomes(host: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, list[Future[Outcome]]]]:
    """All examples under stock Locust and here, several at a time."""
    pythons = [reference_python("2.47.0"), sys.executable]
    with ThreadPoolExecutor(6) as pool:
        yield {
            name: [pool.submit(run, python, name, host, tmp_path_factory.mktemp("home")) for python in pythons]
            for name in EXAMPLES
        }


@pytest.mark.skipif(not EXAMPLES, reason="stock Locust's source distribution could not be had")
@pytest.mark.parametrize("name", EXAMPLES or [""])
def test_an_example_runs_as_it_does_with_stock(name: str, outcomes: dict[str, list[Future[Outcome]]]) -> None:
    (code_there, requests_there), (code_here, requests_here) = (future.result() for future in outcomes[name])
    assert (code_there, code_here) == DIFFER_ON_PURPOSE.get(name, (code_there, code_there))
    assert requests_here == requests_there
