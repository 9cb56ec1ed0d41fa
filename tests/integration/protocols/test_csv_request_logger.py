"""CsvRequestLogger under ten users of the command: a row for every request that the statistics count."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gevent.pywsgi import WSGIServer

from polling import GENEROUS_S

LOCUSTFILE = """
from locust import FastHttpUser, HttpUser, events, task
from locust.contrib.csv_request_logger import CsvRequestLogger

@events.init.add_listener
def log_requests(environment, **_):
    CsvRequestLogger("requests.csv", flush_interval=100).register(environment)

class Requests(HttpUser):
    @task(5)
    def look(self):
        self.client.get("/")

    @task
    def miss(self):
        self.client.get("/missing")

class Fast(FastHttpUser):
    @task
    def look(self):
        self.client.get("/fast")
"""


def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    start_response("404 Not Found" if environ["PATH_INFO"] == "/missing" else "200 OK", [])
    return [b"hello"]


def test_ten_users_write_a_row_for_each_request(tmp_path: Path) -> None:
    (tmp_path / "locustfile.py").write_text(LOCUSTFILE)
    server = WSGIServer(("127.0.0.1", 0), answer, log=None, error_log=None)
    server.start()
    command = [sys.executable, "-m", "locust", "--headless", "-u10", "-r10", "-i300", "--json", "--skip-log"]
    try:
        done = subprocess.run(
            [*command, "--exit-code-on-error", "0", "-H", f"http://127.0.0.1:{server.server_port}"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=GENEROUS_S,
            check=False,
        )
    finally:
        server.stop(timeout=0.1)
    assert done.returncode == 0, done.stderr
    counted = {row["name"]: row["num_requests"] for row in json.loads(done.stdout)}
    with (tmp_path / "requests.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert sum(counted.values()) == 300
    assert Counter(row["name"] for row in rows) == counted
    for row in rows:
        assert (row["status_code"], row["exception"] == "") == (
            ("404", False) if row["name"] == "/missing" else ("200", True)
        )
        assert float(row["response_time_ms"]) > 0
        assert row["response_length"] == "5"
