"""MongoDBUser against FerretDB, a server of MongoDB's protocol, with SQLite behind it."""

from __future__ import annotations

import gc
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gevent.event import Event

from crowd import TEN, crowd, leaves_no_connection
from locust_rs import constant, task
from polling import until
from real_servers import RACES_WITH_SERVERS, listens, pick_port

from .test_examples import rows

pymongo = pytest.importorskip("pymongo", reason="pymongo is not installed")

from locust_rs.contrib.mongodb import MongoDBUser  # noqa: E402  # needs pymongo

PROGRAM = Path(__file__).parents[3] / "target" / "ferretdb" / "ferretdb"

# pymongo's monitors leave the sockets of a dead server to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.skipif(not PROGRAM.exists(), reason="FerretDB is not there (make references builds it, with Go)"),
    RACES_WITH_SERVERS,
]


class FerretDB:
    """A server in a folder of its own, which can be killed and started again."""

    def __init__(self, folder: Path, port: int) -> None:
        self.port = port
        self.url = f"mongodb://127.0.0.1:{port}/?serverSelectionTimeoutMS=1000"
        options = [f"--listen-addr=127.0.0.1:{port}", "--handler=sqlite", f"--sqlite-url=file:{folder}/"]
        quiet = [f"--state-dir={folder}", "--telemetry=disable", "--debug-addr=-"]
        self._command = [str(PROGRAM), *options, *quiet]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(lambda: listens(self.port), "a server that listens")

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FerretDB]:
    running = FerretDB(tmp_path, pick_port())
    try:
        running.start()
        with pymongo.MongoClient(running.url) as client:
            client.shop.things.insert_many([{"number": number} for number in range(30)])
        yield running
    finally:
        running.kill()
    gc.collect()


class Finder(MongoDBUser):
    abstract = True
    db_name = "shop"
    wait_time = constant(0.05)


def test_ten_users_find_documents(server: FerretDB) -> None:
    around: list[float] = []

    class Reader(Finder):
        conn_string = server.url

        @task
        def find(self) -> None:
            began = time.perf_counter()
            found = self.client.execute_query("things", {"number": {"$lt": 7}})
            around.append((time.perf_counter() - began) * 1000)
            assert sorted(document["number"] for document in found or []) == list(range(7))
            assert self.client.execute_query("things", {"$nonsense": 1}) is None

    with crowd(Reader) as seen:
        seen.wait_for_failures(3 * TEN)
    assert {request["response_length"] for request in seen.good} == {7}
    assert {request["response_length"] for request in seen.failed} == {0}
    assert all("$nonsense" in str(request["exception"]) for request in seen.failed)
    assert 0 < min(request["response_time"] for request in seen.good) <= min(around)
    leaves_no_connection(server.port)


def test_users_survive_a_server_that_dies_and_returns(server: FerretDB) -> None:
    class Patient(Finder):
        conn_string = server.url

        @task
        def find(self) -> None:
            self.client.execute_query("things", {"number": 3})

    with crowd(Patient) as seen:
        until(lambda: len(seen.good) >= 3 * TEN, "answers")
        server.kill()
        seen.wait_for_failures(TEN)
        server.start()
        before = len(seen.good)
        until(lambda: len(seen.good) >= before + 3 * TEN, "answers of the new server")
    leaves_no_connection(server.port)


def test_a_slow_query_of_one_user_does_not_hold_the_others(server: FerretDB) -> None:
    """The slow query looks for a server that is not there, as long as its URL says."""
    first = Event()
    ended: list[Any] = []

    class Mixed(Finder):
        conn_string = server.url

        @task
        def find(self) -> None:
            if first.is_set():
                self.client.execute_query("things", {"number": 3})
                return
            first.set()
            with pymongo.MongoClient(f"mongodb://127.0.0.1:{pick_port()}/?serverSelectionTimeoutMS=600000") as nowhere:
                ended.append(nowhere.shop.things.find_one())

    with crowd(Mixed) as seen:
        first.wait()
        until(lambda: len(seen.good) >= 10 * TEN, "answers")
        assert ended == []


def test_the_example_finds_orders(server: FerretDB, tmp_path: Path) -> None:
    (row,) = rows(tmp_path, "mongodb_orders.py", MONGODB_URL=server.url).values()
    assert (row["method"], row["name"]) == ("MONGODB", "QUERY")
    # Each buyer has ten.
    assert row["total_content_length"] == 10 * row["num_requests"] > 0
