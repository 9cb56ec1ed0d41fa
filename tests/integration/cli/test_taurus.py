"""Taurus runs locust-rs in its own interpreter, with listeners that it has added before."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from references import reference_python

pytestmark = pytest.mark.stock

SHOP = """
from locust import HttpUser, constant, task


class Shopper(HttpUser):
    wait_time = constant(0.05)

    @task
    def look(self):
        self.client.get("/shelf")
        self.client.get("/missing")
"""


class Shop(ThreadingHTTPServer):
    """Has a shelf and nothing else, and counts who looks."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        shop = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                shop.seen.append(self.path)
                self.send_response(200 if self.path == "/shelf" else 404)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None: ...

        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"


@pytest.fixture
def shop() -> Iterator[Shop]:
    server = Shop()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join(10)
    server.server_close()


def environment(**more: str) -> dict[str, str]:
    """Taurus's own packages, and this tree's installation before them."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LOCUST_", "VIRTUAL_ENV"))}
    ours = [path for path in sys.path if path and path != str(Path.cwd())]
    return {**kept, "PYTHONPATH": os.pathsep.join(ours), "LOCUST_UNKNOWN_TO_ALL": "1", **more}


def run_taurus(folder: Path, execution: dict[str, Any], **variables: str) -> list[dict[str, str]]:
    """Runs a test to its end.

    Returns:
        The rows of the results that its listeners wrote.
    """
    config = {
        "execution": [{"executor": "locust", **execution}],
        "settings": {"check-updates": False, "artifacts-dir": str(folder / "artifacts")},
        "modules": {"console": {"disable": True}},
        "reporting": [{"module": "final-stats", "dump-xml": str(folder / "final.xml")}],
    }
    (folder / "shop.py").write_text(SHOP)
    (folder / "taurus.json").write_text(json.dumps(config))
    command = [str(reference_python("taurus")), "-m", "bzt", "-q", "taurus.json"]
    home = environment(HOME=str(folder), **variables)
    done = subprocess.run(command, cwd=folder, env=home, capture_output=True, text=True, timeout=150)
    artifacts = folder / "artifacts"
    log = (artifacts / "bzt.log").read_text()
    assert done.returncode == 0, done.stdout + done.stderr + log
    # Where it finds no distribution called locust it installs one, which would run instead of ours.
    assert "Starting Locust" in (artifacts / "locust.log").read_text(), log
    assert not list(folder.rglob("site-packages/locust")), log
    results = artifacts / "kpi.jtl"
    return list(csv.DictReader(results.read_text().splitlines())) if results.exists() else []


def test_its_listeners_see_every_request_and_end_users_at_the_limit(shop: Shop, tmp_path: Path) -> None:
    scenario = {"default-address": shop.url, "script": "shop.py"}
    limits = {"concurrency": 2, "iterations": 10, "hold-for": "3s"}
    rows = run_taurus(tmp_path, {**limits, "scenario": scenario})
    assert {(row["label"], row["responseCode"], row["success"]) for row in rows} == {
        ("/shelf", "200", "true"),
        ("/missing", "404", "false"),
    }
    # Each user notices at the next request after the limit of 2 × 10.
    assert 20 <= len(rows) <= 22
    assert len(shop.seen) == len(rows)
    final = ElementTree.parse(tmp_path / "final.xml")
    counts = {group.get("label"): group.findtext("succ/value") for group in final.iter("Group")}
    assert int(counts["/shelf"] or 0) == sum(row["label"] == "/shelf" for row in rows)


def test_the_script_that_it_generates_runs(shop: Shop, tmp_path: Path) -> None:
    requests = [{"url": "/shelf", "assert": [{"subject": "http-code", "contains": ["200"]}]}, "/missing"]
    scenario = {"default-address": shop.url, "requests": requests, "think-time": "50ms"}
    rows = run_taurus(tmp_path, {"concurrency": 1, "hold-for": "2s", "scenario": scenario})
    assert {row["label"] for row in rows} == {"/shelf", "/missing"}
    assert {row["success"] for row in rows if row["label"] == "/shelf"} == {"true"}
    assert len(shop.seen) == len(rows)


def test_it_steers_a_master_whose_worker_has_the_same_arguments(shop: Shop, tmp_path: Path, free_port: int) -> None:
    (tmp_path / "shop.py").write_text(SHOP)
    masters = [
        "--headless",
        "--only-summary",
        "--users=2",
        "--spawn-rate=0.666667",
        "--run-time=4",
        "--stop-timeout=10",
    ]
    masters += ["--expect-workers=1", "--csv=worker", "--html=worker.html", f"--host={shop.url}"]
    worker = subprocess.Popen(
        [sys.executable, "-m", "locust", "-f", "shop.py", "--worker", f"--master-port={free_port}", *masters],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        scenario = {"default-address": shop.url, "script": "shop.py"}
        load = {"concurrency": 2, "ramp-up": "1s", "hold-for": "3s", "master": True, "workers": 1}
        run_taurus(tmp_path, {**load, "scenario": scenario}, LOCUST_MASTER_BIND_PORT=str(free_port))
        said, _ = worker.communicate(timeout=60)
    finally:
        worker.kill()
        worker.wait()
    assert worker.returncode in (0, 1), said
    assert len(shop.seen) > 4, said
    reports = next((tmp_path / "artifacts").glob("*.ldjson")).read_text().splitlines()
    counted = sum(entry["num_requests"] for line in reports for entry in json.loads(line)["stats"])
    assert counted == len(shop.seen), said
