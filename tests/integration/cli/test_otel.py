"""`--otel` with OpenTelemetry's own SDK and a collector: names and counts, alone and with `--processes`."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SITE = Path(__file__).parents[3] / ".stock" / "otel" / "site"

LOCUSTFILE = """
from locust import FastHttpUser, HttpUser, constant, task

class Calls(HttpUser):
    wait_time = constant(0.1)

    @task
    def named(self):
        self.client.get("/anything/1", name="named")
        self.client.get("/plain")

class Fails(FastHttpUser):
    wait_time = constant(0.1)

    @task
    def missing(self):
        self.client.get("/missing")
"""


class Collector:
    """A running `otlp_collector.py`."""

    def __init__(self, folder: Path) -> None:
        self._said = folder / "collected.jsonl"
        with self._said.open("w") as output:
            self._process = subprocess.Popen(
                [sys.executable, Path(__file__).with_name("otlp_collector.py")],
                stdout=output,
                env={"PYTHONPATH": str(SITE)},
            )
        while not self._said.read_text().endswith("\n"):
            assert self._process.poll() is None, "the collector has ended"
        self.url = f"http://127.0.0.1:{self._said.read_text().strip()}"

    def received(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._said.read_text().splitlines()[1:]]

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


@pytest.fixture
def collector(tmp_path: Path) -> Iterator[Collector]:
    if not SITE.exists():
        pytest.fail(".stock/otel is missing: run `make references` first")
    made = Collector(tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize("processes", [[], ["--processes", "2"]], ids=["alone", "with workers"])
def test_spans_metrics_and_logs_arrive(shell, collector: Collector, free_port: int, processes: list[str]) -> None:
    shell.write("calls.py", LOCUSTFILE)
    load = ["--headless", "-u", "4", "-r", "100", "-t", "2", "--json-file", "result", "--profile", "mine", *processes]
    environment = {
        "PYTHONPATH": str(SITE),
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
    }
    done = shell.run(
        "-f", "calls.py", "-H", collector.url, "--otel", "--master-bind-port", str(free_port), *load, env=environment
    )
    assert "Starting Locust" in done.err
    assert "OpenTelemetry enabled" in done.err
    assert "Traceback" not in done.err
    counted = {row["name"]: row["num_requests"] for row in json.loads((shell.folder / "result.json").read_text())}
    assert set(counted) == {"named", "/plain", "/missing"}

    received = collector.received()
    spans = Counter(one["name"] for one in received if one["kind"] == "span")
    # FastHttpUser is not instrumented. A request that the end of the run interrupts has a span but is not counted.
    assert set(spans) == {"GET named", "GET /plain"}
    assert spans["GET named"] + spans["GET /plain"] >= counted["named"] + counted["/plain"]

    # Every process exports its own sum since its start.
    durations: dict[tuple[str, str], int] = {}
    for one in received:
        if one["name"] == "locust.client.duration":
            durations[one["resource"]["service.instance.id"], one["attributes"]["name"]] = one["count"]
            failed = one["attributes"]["name"] == "/missing"
            assert one["attributes"].get("error.type") == ("LocustBadStatusCode" if failed else "HTTPError")
    for name, requests in counted.items():
        assert sum(count for (_, told), count in durations.items() if told == name) == requests

    gauges = [one for one in received if one["name"] == "locust.users.count"]
    assert {one["attributes"]["user_class"] for one in gauges} == {"Calls", "Fails"}
    assert any("All users spawned" in one["name"] for one in received if one["kind"] == "log")
    for one in received:
        resource = one["resource"]
        assert (resource["service.name"], resource["filename"], resource["profile"]) == ("locust", "calls.py", "mine")
        assert resource["host.name"]
