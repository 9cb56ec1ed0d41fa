"""Phases, connections and bytes of real requests, as the server knows them, merged over worker processes."""

from __future__ import annotations

import csv
import json
import socketserver
import threading
import time
from collections.abc import Iterator

import pytest

from serving import serving

FIRST_BYTE_S, LAST_BYTE_S = 0.02, 0.01
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", b"world"

LOCUSTFILE = """\
from locust import FastHttpUser, HttpUser, task

class Fast(FastHttpUser):
    @task
    def plain(self):
        self.client.get("/plain")

    @task
    def marked(self):
        with self.client.post("/marked", data=b"x" * 300, catch_response=True) as response:
            response.failure("as an example")

class Requests(HttpUser):
    @task
    def posts(self):
        self.client.post("/posts", json={"a": 1})
"""


class Server(socketserver.ThreadingTCPServer):
    """Answers in two parts after known times, and counts connections and bytes."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self) -> None:
        self.connections = self.received = self.sent = 0
        self.lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), Handler)


class Handler(socketserver.StreamRequestHandler):
    server: Server

    def handle(self) -> None:
        with self.server.lock:
            self.server.connections += 1
        while head := self.read_head():
            length = next((int(line[15:]) for line in head if line.lower().startswith(b"content-length:")), 0)
            self.rfile.read(length)
            time.sleep(FIRST_BYTE_S)
            self.wfile.write(ANSWER[0])
            time.sleep(LAST_BYTE_S)
            with self.server.lock:
                self.server.received += sum(map(len, head)) + length
                self.server.sent += sum(map(len, ANSWER))
            self.wfile.write(ANSWER[1])

    def read_head(self) -> list[bytes]:
        lines = []
        while line := self.rfile.readline():
            lines.append(line)
            if line == b"\r\n":
                return lines
        return []


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(Server()) as server:
        yield server


def test_what_workers_tell_of_their_requests_is_what_the_server_saw(shell, server: Server) -> None:
    shell.write("phases.py", LOCUSTFILE)
    host = f"http://127.0.0.1:{server.server_address[1]}"
    load = ["-f", "phases.py", "--headless", "-H", host, "-u", "4", "-r", "100", "-i", "60"]
    done = shell.run(*load, "--processes", "2", "--precise", "--csv", "out", "--json-file", "out")
    assert "Traceback" not in done.err, done.err
    rows = json.loads((shell.folder / "out.json").read_text())
    assert {row["name"] for row in rows} == {"/plain", "/marked", "/posts"}
    for row in rows:
        phases = row["phases"]
        assert phases["requests"] == row["num_requests"]
        assert phases["connections_opened"] + phases["connections_reused"] == phases["requests"]
        assert phases["connect"]["count"] == phases["connections_opened"]
        # A busy machine shifts the border between two phases, but no further than this.
        until_answered, rest = phases["send"]["avg"] + phases["first_byte"]["avg"], phases["last_byte"]
        assert until_answered >= FIRST_BYTE_S * 1000
        assert until_answered + rest["avg"] >= (FIRST_BYTE_S + LAST_BYTE_S) * 1000
        assert rest["max"] > 0
        parts = sum(phases[name]["avg"] * phases[name]["count"] for name in list(phases)[6:])
        assert parts == pytest.approx(row["total_response_time"], rel=0.01)

    with (shell.folder / "out_phases.csv").open(newline="") as file:
        *_, total = csv.DictReader(file)
    assert total["Name"] == "Aggregated"
    assert int(total["Requests"]) == sum(row["num_requests"] for row in rows)
    assert int(total["Connections Opened"]) == server.connections
    assert int(total["Bytes Sent"]) == server.received
    assert int(total["Bytes Received"]) == server.sent
