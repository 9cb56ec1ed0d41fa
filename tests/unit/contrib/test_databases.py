"""The users for Qdrant, Milvus and MongoDB: what they report, as far as it can be tested without the servers."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from gevent.pywsgi import WSGIServer

from locust_rs.env import Environment


@pytest.fixture
def qdrant_url() -> Iterator[str]:
    """A server with the part of Qdrant's API that the calls here need."""

    def answer(environ: Any, start_response: Any) -> list[bytes]:
        path = environ["PATH_INFO"]
        environ["wsgi.input"].read()
        if path.endswith("/query"):
            result: Any = {"points": [{"id": 1, "version": 1, "score": 0.5}]}
        elif path.endswith("/scroll"):
            result = {"points": [], "next_page_offset": None}
        elif path.endswith("/exists"):
            result = {"exists": False}
        elif environ["REQUEST_METHOD"] == "PUT" and not path.endswith("/points"):
            result = True
        else:
            result = {"operation_id": 1, "status": "completed"}
        start_response("200 OK", [("content-type", "application/json")])
        return [json.dumps({"time": 0, "status": "ok", "result": result}).encode()]

    server = WSGIServer(("127.0.0.1", 0), answer, log=None)
    server.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.stop(timeout=0.1)


def test_qdrant(environment: Environment, requests: list[dict[str, Any]], qdrant_url: str) -> None:
    models = pytest.importorskip("qdrant_client", reason="qdrant-client is not installed").models
    from locust_rs.contrib.qdrant import QdrantUser

    class Searcher(QdrantUser):
        url = qdrant_url
        collection_name = "c"
        vectors_config = models.VectorParams(size=2, distance=models.Distance.COSINE)
        client_kwargs = {"check_compatibility": False}

    user = Searcher(environment)
    assert user.upsert([models.PointStruct(id=1, vector=[0.1, 0.2])])["success"]
    found = user.search([0.1, 0.2])
    assert (found["success"], found["empty"], found["result"].points[0].id) == (True, False, 1)
    scrolled = user.scroll()
    assert (scrolled["success"], scrolled["empty"], scrolled["next_offset"]) == (True, True, None)
    assert user.delete([1])["success"]
    user.on_stop()
    assert not user.search([0.1, 0.2])["success"]

    assert [(r["request_type"], r["name"]) for r in requests] == [
        ("qdrant", name) for name in ("upsert", "search", "scroll", "delete", "search")
    ]
    assert [r["exception"] is None for r in requests] == [True] * 4 + [False]
    assert requests[0]["response_time"] > 0

    class Nowhere(QdrantUser): ...

    with pytest.raises(ValueError, match="'collection_name' must be provided"):
        Nowhere(environment)


RECALL = """
from locust_rs.contrib.milvus import MilvusV2Client

recall = MilvusV2Client.get_recall
assert recall([[{"id": 1}, {"id": 5}]], [[1, 3]]) == 0.5
assert recall([[{"id": 1}, {"id": 5}], [{"id": 2}]], [[1, 3], [2]], 1) == 1.0
assert recall([], []) == 0.0
print("right")
"""


def test_recall_is_the_share_of_true_neighbours() -> None:
    """In a process of its own, because grpc changes gevent's loop for good."""
    if importlib.util.find_spec("pymilvus") is None:
        pytest.skip("pymilvus is not installed")
    done = subprocess.run([sys.executable, "-c", RECALL], capture_output=True, text=True, timeout=60)
    assert done.stdout == "right\n", done.stderr


def test_mongodb_without_server_is_a_failed_request(
    environment: Environment, requests: list[dict[str, Any]], free_port: int
) -> None:
    pytest.importorskip("pymongo", reason="pymongo is not installed")
    from locust_rs.contrib.mongodb import MongoDBUser

    class Finder(MongoDBUser):
        conn_string = f"mongodb://127.0.0.1:{free_port}/?serverSelectionTimeoutMS=100"
        db_name = "db"

    user = Finder(environment)
    assert user.client.execute_query("things", {"a": 1}) is None
    user.on_stop()
    (request,) = requests
    assert (request["request_type"], request["name"]) == ("MONGODB", "QUERY")
    assert "Connection refused" in str(request["exception"])

    class Nowhere(MongoDBUser): ...

    with pytest.raises(ValueError, match="Nowhere has no conn_string"):
        Nowhere(environment)
