"""locust-influxdb-listener from PyPI, unchanged, against a real InfluxDB: its line protocol has every request."""

from __future__ import annotations

import json
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from polling import until
from real_servers import RACES_WITH_SERVERS, listens, pick_port

ROOT = Path(__file__).parents[3]
SITE = ROOT / ".stock" / "plugins" / "site"
PROGRAM = ROOT / "target" / "influxdb" / "influxd"

pytestmark = [
    pytest.mark.skipif(not PROGRAM.exists(), reason="InfluxDB is not there (make references builds it, with Go)"),
    RACES_WITH_SERVERS,
]

CONFIGURATION = """
reporting-disabled = true
bind-address = "127.0.0.1:{inner}"
[meta]
dir = "{folder}/meta"
[data]
dir = "{folder}/data"
wal-dir = "{folder}/wal"
[monitor]
store-enabled = false
[http]
bind-address = "127.0.0.1:{port}"
"""

LISTENED = """
import time
from locust import User, constant, events, task
from locust_influxdb_listener import InfluxDBListener, InfluxDBSettings

@events.init.add_listener
def listen(environment, **kwargs):
    settings = InfluxDBSettings(influx_host="127.0.0.1", influx_port=PORT, database="locust", interval_ms=100)
    InfluxDBListener(env=environment, influxDbSettings=settings)

class Caller(User):
    wait_time = constant(0.01)

    @task(3)
    def call(self):
        self.environment.events.request.fire(
            request_type="CALL", name="right", response_time=12.5, response_length=7, response=None, context={},
            exception=None, start_time=time.time(), url=None,
        )

    @task
    def fail(self):
        self.environment.events.request.fire(
            request_type="CALL", name="wrong", response_time=3.0, response_length=0, response=None, context={},
            exception=ValueError("no, thanks"), start_time=time.time(), url=None,
        )
"""


@pytest.fixture
def influxdb(tmp_path: Path) -> Iterator[int]:
    """The port of a server with an empty folder."""
    port = pick_port()
    file = tmp_path / "influxdb.conf"
    file.write_text(CONFIGURATION.format(folder=tmp_path, port=port, inner=pick_port()))
    command = [PROGRAM, "-config", file]
    with (tmp_path / "log").open("w") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            until(lambda: listens(port), "a server that listens", hopeless=lambda: process.poll() is not None)
            yield port
        finally:
            process.kill()


def rows(port: int, query: str) -> list[list[Any]]:
    """Each series' tags and values."""
    asked = urllib.parse.urlencode({"db": "locust", "q": query})
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/query?{asked}", timeout=30) as answer:
        (result,) = json.load(answer)["results"]
    return [[series.get("tags"), series["values"]] for series in result.get("series", [])]


def test_every_request_is_a_point(shell, influxdb: int) -> None:
    shell.write("listened.py", LISTENED.replace("PORT", str(influxdb)))
    # One user: points of the same series at the same microsecond are one.
    load = ["--headless", "-u", "1", "-t", "2", "--only-summary", "--json"]
    done = shell.run("-f", "listened.py", *load, env={"PYTHONPATH": str(SITE)})
    assert done.code == 1, done.err  # there were failures
    assert "Traceback" not in done.err
    told = {row["name"]: row for row in json.loads(done.out)}
    figures = 'count("response_time"), mean("response_time")'
    found = rows(influxdb, f'SELECT {figures} FROM "locust_requests" GROUP BY "name", "success"')
    assert {(tags["name"], tags["success"]): tuple(values[0][1:]) for tags, values in found} == {
        ("right", "True"): (told["right"]["num_requests"], 12.5),
        ("wrong", "True"): (told["wrong"]["num_requests"], 3.0),
    }
    ((_, exceptions),) = rows(influxdb, 'SHOW TAG VALUES FROM "locust_requests" WITH KEY = "exception"')
    assert ["exception", "ValueError('no, thanks')"] in exceptions
    ((_, events),) = rows(influxdb, 'SELECT "event" FROM "locust_events"')
    assert {event for _, event in events} >= {"test_started", "spawning_complete", "test_stopped", "quitting"}
