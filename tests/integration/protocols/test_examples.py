"""The example locustfiles for other protocols, run as they stand by the command, against real servers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from gevent.server import StreamServer

from polling import GENEROUS_S
from real_servers import RACES_WITH_SERVERS, broker_port, pick_port, postgres_url, running_program

from .test_dns import NameServer

pytestmark = RACES_WITH_SERVERS

__all__ = ["broker_port", "postgres_url"]

ROOT = Path(__file__).parents[3]
SERVERS = Path(__file__).parent / "servers"


def rows(folder: Path, name: str, *arguments: str, **variables: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Runs an example with ten users for three seconds, and returns the rows by type and name."""
    command = [sys.executable, "-m", "locust", "-f", str(ROOT / "examples" / name), "--headless", "-u10", "-r10", "-t3"]
    done = subprocess.run(
        [*command, "--json", "--skip-log", *arguments],
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=GENEROUS_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return {(row["method"], row["name"]): row for row in json.loads(done.stdout)}


@pytest.fixture
def line_server() -> Iterator[int]:
    """Answers each line."""

    def answer(connection: Any, peer: Any) -> None:
        with connection, connection.makefile("rb") as lines:
            for line in lines:
                connection.sendall(b"You asked: " + line)

    server = StreamServer(("127.0.0.1", 0), answer)
    server.start()
    yield server.server_port
    server.stop(timeout=0.1)


def test_a_protocol_of_ones_own(tmp_path: Path, line_server: int) -> None:
    (row,) = rows(tmp_path, "own_protocol.py", "--host", f"tcp://127.0.0.1:{line_server}").values()
    assert (row["method"], row["name"]) == ("LINE", "how are you?")
    assert row["num_requests"] >= 1
    answers, beside = divmod(row["total_content_length"], len(b"You asked: how are you?\n"))
    assert beside == 0
    # `measure` also reports the calls during which the ten users were stopped.
    assert row["num_requests"] - 10 <= answers <= row["num_requests"]


def test_the_guide_shows_that_example() -> None:
    source = (ROOT / "examples" / "own_protocol.py").read_text()
    shown = source.partition('"""\n\n')[2]
    assert f"```python\n{shown}```" in (ROOT / "docs" / "protocols.md").read_text()


def test_mqtt(tmp_path: Path, broker_port: int) -> None:
    seen = rows(tmp_path, "mqtt_sensors.py", BROKER="127.0.0.1", BROKER_PORT=str(broker_port))
    assert seen["MQTT", "connect"]["num_requests"] >= 1
    assert seen["MQTT", "publish:1:rooms/1/temperature"]["num_requests"] >= 1


def test_socketio(tmp_path: Path) -> None:
    with running_program(SERVERS / "socketio_rooms.py", pick_port()) as server:
        seen = rows(tmp_path, "socketio_chat.py", "--host", f"http://127.0.0.1:{server.port}")
    assert {("WS", "connect"), ("WSC", "enter"), ("WSE", "say"), ("WSR", "said")} <= set(seen)


def test_postgres(tmp_path: Path, postgres_url: str) -> None:
    (row,) = rows(tmp_path, "postgres_accounts.py", "--host", postgres_url).values()
    assert (row["method"], row["name"]) == ("postgres_success", "execute_query")
    assert row["num_requests"] >= 1


def test_dns(tmp_path: Path) -> None:
    certificate = trustme.CA().issue_cert("127.0.0.1")
    certificate.private_key_pem.write_to_path(tmp_path / "server.key")
    certificate.cert_chain_pems[0].write_to_path(tmp_path / "server.pem")
    server = NameServer(tmp_path)
    try:
        ports = {"UDP_PORT": str(server.ports["udp"]), "TCP_PORT": str(server.ports["tcp"])}
        seen = rows(tmp_path, "dns_lookups.py", **ports)
    finally:
        server.kill()
    assert seen["DNS", "udp"]["num_requests"] >= 1
