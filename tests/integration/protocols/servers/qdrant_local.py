"""Qdrant's REST API over the search that its Python client brings along: `python qdrant_local.py PORT`.

The routes are those that the tests call. A query for 77 points is answered when 30 other calls have been.
"""

from __future__ import annotations

import json
import re
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from typing import Any

from qdrant_client import QdrantClient, models

HELD_LIMIT, HELD_FOR = 77, 30

database = QdrantClient(":memory:")
calls = 0
turn = threading.Condition()
"""Guards the database, too, which one thread at a time may use."""


class Refused(Exception):
    """The status and the message of an answer."""


def create(name: str, body: Any) -> Any:
    if database.collection_exists(name):
        raise Refused(409, f"Wrong input: Collection `{name}` already exists!")
    if body["vectors"]["size"] == 0:
        raise Refused(422, "Validation error in JSON body: [vectors.size: value 0 invalid, must be 1 or larger]")
    return database.create_collection(name, models.VectorParams(**body["vectors"]))


def upsert(name: str, body: Any) -> Any:
    return database.upsert(name, [models.PointStruct(**point) for point in body["points"]])


def query(name: str, body: Any) -> Any:
    asked = models.QueryRequest(**body)
    if asked.limit == HELD_LIMIT:
        until = calls + HELD_FOR
        turn.wait_for(lambda: calls >= until)
    return database.query_points(
        name,
        query=asked.query,
        limit=asked.limit or 10,
        query_filter=asked.filter,
        with_payload=bool(asked.with_payload),
    )


def scroll(name: str, body: Any) -> Any:
    asked = models.ScrollRequest(**body)
    points, following = database.scroll(name, asked.filter, asked.limit or 10, with_payload=bool(asked.with_payload))
    return {"points": [point.model_dump() for point in points], "next_page_offset": following}


def delete(name: str, body: Any) -> Any:
    return database.delete(name, body["points"])


ROUTES = {
    ("GET", "/exists"): lambda name, _: {"exists": database.collection_exists(name)},
    ("PUT", ""): create,
    ("PUT", "/points"): upsert,
    ("POST", "/points/query"): query,
    ("POST", "/points/scroll"): scroll,
    ("POST", "/points/delete"): delete,
}


def answer(method: str, path: str, body: Any) -> Any:
    global calls
    if path == "/":
        return {"title": "qdrant - vector search engine", "version": version("qdrant-client")}
    name, rest = re.fullmatch(r"/collections/(\w+)([\w/]*)", path).groups()  # type: ignore[union-attr]
    with turn:
        calls += 1
        turn.notify_all()
        try:
            result = ROUTES[method, rest](name, body)
        except ValueError as error:
            raise Refused(404 if "not found" in str(error) else 400, str(error)) from error
    dumped = result.model_dump() if hasattr(result, "model_dump") else result
    return {"result": dumped, "status": "ok", "time": 0.0}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def reply(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status = 200
        try:
            told = answer(self.command, self.path.partition("?")[0], json.loads(body or "null"))
        except Refused as refused:
            status, message = refused.args
            told = {"status": {"error": message}, "time": 0.0}
        content = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_PUT = do_POST = reply

    def log_message(self, *args: object) -> None: ...


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
