"""MilvusUser against Milvus Lite, a server of Milvus' API, in a process of its own.

The users run apart too, because grpc changes gevent's loop for good.
"""

from __future__ import annotations

import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

from crowd import TEN
from polling import until
from real_servers import RACES_WITH_SERVERS, listens, pick_port
from run_apart import RunApart

pytestmark = RACES_WITH_SERVERS

PROGRAM = Path(sysconfig.get_path("scripts"), "milvus-lite")
if not PROGRAM.exists():  # it brings pymilvus
    pytest.skip("milvus-lite is not installed", allow_module_level=True)

PEOPLE = """
import itertools
from gevent.lock import Semaphore
from locust import constant, task
from locust.contrib.milvus import MilvusUser
from pymilvus import DataType, MilvusClient

first, numbers = Semaphore(1), itertools.count()

def vector(number):
    return [float(number % 7), float(number % 5), float(number % 3), 1.0]

class Person(MilvusUser):
    wait_time = constant(0.02)

    def __init__(self, environment):
        schema = index = None
        if first.acquire(blocking=False):
            schema = MilvusClient.create_schema()
            schema.add_field("id", DataType.INT64, is_primary=True)
            schema.add_field("vector", DataType.FLOAT_VECTOR, dim=4)
            index = MilvusClient.prepare_index_params()
            index.add_index("vector", index_type="FLAT", metric_type="L2")
        super().__init__(environment, uri=environment.host, collection_name="things", schema=schema, index_params=index,
                         timeout=2)
"""

BUSY = """
    @task
    def everything(self):
        number = next(numbers)
        assert self.insert([{"id": number, "vector": vector(number)}])["success"]
        assert self.upsert([{"id": number, "vector": vector(number)}])["success"]
        found = self.search([vector(number)], "vector", 3, calculate_recall=True, ground_truth=[[number]])
        assert found["success"] and found["recall"] in (0.0, 1.0)
        assert self.query(f"id == {number}")["success"]
        assert self.delete(f"id == {number}")["success"]
        assert not self.query("no such field == 1")["success"]

ENOUGH = dict.fromkeys(["insert", "upsert", "search", "recall", "query", "delete", "failed"], 30)
"""

DYING = """
    @task
    def ask(self):
        self.query("id >= 0")

ENOUGH = {"failed": 30}
"""


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The URL of a running server, and its process."""
    port = pick_port()
    folder = tmp_path_factory.mktemp("milvus")
    command = [PROGRAM, "server", "--data-dir", folder / "data", "--host", "127.0.0.1", "--port", str(port)]
    with (folder / "log").open("w") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            until(lambda: listens(port), "a server that listens", hopeless=lambda: process.poll() is not None)
            yield f"http://127.0.0.1:{port}", process
        finally:
            process.kill()


def test_ten_users_insert_and_search(server: tuple[str, subprocess.Popen[bytes]], tmp_path: Path) -> None:
    url, _ = server
    run = RunApart(tmp_path, PEOPLE + BUSY, url)
    log = run.end()
    assert run.process.returncode == 1, log  # there were failures
    assert "AssertionError" not in log, log  # pymilvus logs the traceback of a failed query
    for kind, name, response_time, _, failure in run.requests:
        assert kind == "milvus"
        assert not failure or name == "query"
        if name == "recall":
            assert response_time in (0, 100)  # percent stands in the place of milliseconds
        else:
            assert response_time > 0


def test_a_server_that_dies_hangs_no_user(server: tuple[str, subprocess.Popen[bytes]], tmp_path: Path) -> None:
    url, process = server
    run = RunApart(tmp_path, PEOPLE + DYING, url)
    try:
        until(lambda: len(run.requests) > 3 * TEN, "requests", hopeless=lambda: run.process.poll() is not None)
        process.kill()
    finally:
        log = run.end()
    assert run.process.returncode == 1, log
    assert len([failure for *_, failure in run.requests if failure]) >= 30
