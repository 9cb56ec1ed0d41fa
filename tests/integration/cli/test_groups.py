"""Requests by User class and by tag in real runs, as the server knows them; thresholds about them."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from serving import serving

LOCUSTFILE = """\
import json

import gevent
from locust import FastHttpUser, HttpUser, TaskSet, User, constant, events, tag, task


class Fast(FastHttpUser):
    wait_time = constant(0.01)

    def on_start(self):
        self.client.get("/Fast/start")

    @task
    class Site(TaskSet):
        @tag("buy")
        @task
        def buy(self):
            self.client.post("/Fast/buy", data=b"x")

        @tag("buy", "slow")
        @task
        def missing(self):
            self.client.get("/Fast/missing")

        @task
        def look(self):
            self.client.get("/Fast/look")


class Requests(HttpUser):
    wait_time = constant(0.01)

    @tag("slow")
    @task
    def read(self):
        gevent.joinall([gevent.spawn(self.client.get, "/Requests/read") for _ in range(2)], raise_error=True)

    @task
    def marked(self):
        with self.client.get("/Requests/marked", catch_response=True) as response:
            response.failure("as an example")


class Own(User):
    wait_time = constant(0.01)

    @task
    def call(self):
        self.environment.events.request.fire(
            request_type="OWN", name="/Own/call", response_time=50, response_length=1, exception=None, context={}
        )


@events.quitting.add_listener
def tell(environment, **_):
    if environment.runner.is_worker:
        return
    stats = environment.stats
    groups = {**stats.by_class, **stats.by_tag}
    with open("groups.json", "w") as file:
        json.dump(
            {
                name: {
                    "requests": {row.name: row.num_requests for row in group.entries.values()},
                    "failures": {row.name: row.num_failures for row in group.entries.values() if row.num_failures},
                    "total": [group.total.num_requests, group.total.num_failures],
                }
                for name, group in groups.items()
            },
            file,
        )
"""

THRESHOLDS = {
    "p95 of class Own < 51ms": "PASSED",
    "median(class Own) > 49.5ms": "PASSED",
    "failures of class Own == 0": "PASSED",
    "failures of class Requests < 1%": "FAILED",
    "rate of class Fast > 0.1/s": "PASSED",
    "failures of tag buy < 1%": "FAILED",
    "failures(POST /Fast/buy) of tag buy == 0": "PASSED",
    "max of tag slow < 60s for 1h": "ERROR",
    "requests(/Own/call) of class Fast < 1000": "ERROR",
}


class Server(ThreadingHTTPServer):
    """Counts the requests of each path."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()
        self.lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), Handler)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with self.server.lock:
            self.server.seen[self.path] += 1
        self.send_response(404 if self.path.endswith("missing") else 200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    do_POST = do_GET

    def log_message(self, *args: Any) -> None:
        """Nothing: what was seen is counted."""


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(Server()) as server:
        yield server


RUNS = {
    "local": ((), {}),
    "distributed": (("--processes", "2"), {}),
    "without the engine": ((), {"LOCUST_HTTP_ENGINE": "off"}),
}


@pytest.mark.parametrize("case", RUNS)
def test_classes_and_tags_have_the_requests_that_the_server_saw(shell, server: Server, case: str) -> None:
    nodes, variables = RUNS[case]
    shell.write("mixed.py", LOCUSTFILE)
    thresholds = [part for text in THRESHOLDS for part in ("--threshold", text)]
    host = f"http://127.0.0.1:{server.server_address[1]}"
    load = ("-f", "mixed.py", "--headless", "-H", host, "-u", "9", "-r", "100", "-i", "300", "-s", "30")
    done = shell.run(*load, *nodes, *thresholds, "--results", "out.json", env=variables)
    assert done.code == 99, done.err
    for text, outcome in THRESHOLDS.items():
        assert f"{outcome:<7} {text} " in done.err
    assert "nothing measured: no request of class Fast is called '/Own/call'" in done.err

    found = json.loads((shell.folder / "groups.json").read_text())
    of_class = {name: found[name]["requests"] for name in ("Fast", "Requests")}
    assert {path: count for counted in of_class.values() for path, count in counted.items()} == server.seen
    for name, counted in of_class.items():
        assert all(path.startswith(f"/{name}/") for path in counted)
    assert found["Fast"]["failures"] == {"/Fast/missing": server.seen["/Fast/missing"]}
    assert found["Requests"]["failures"] == {"/Requests/marked": server.seen["/Requests/marked"]}
    assert found["Own"]["requests"].keys() == {"/Own/call"}
    assert found["buy"]["requests"] == {path: server.seen[path] for path in ("/Fast/buy", "/Fast/missing")}
    assert found["slow"]["requests"] == {path: server.seen[path] for path in ("/Fast/missing", "/Requests/read")}
    for group in found.values():
        assert group["total"] == [sum(group["requests"].values()), sum(group["failures"].values())]

    results = json.loads((shell.folder / "out.json").read_text())
    rows = {row["name"]: [row["requests"], row["failures"]] for row in (*results["classes"], *results["tags"])}
    assert rows == {name: group["total"] for name, group in found.items()}


WRONG = {
    "a class": ("p95 of class Shoper < 1s", "There is no User class 'Shoper'. Did you mean 'Shopper'?"),
    "a tag": ("failures of tag bui < 1%", "There is no tag 'bui'. Did you mean 'buy'?"),
}


@pytest.mark.parametrize("nodes", [(), ("--processes", "2")], ids=["local", "distributed"])
@pytest.mark.parametrize("case", WRONG)
def test_threshold_about_what_is_not_there_ends_the_command_at_once(shell, case: str, nodes: tuple[str, ...]) -> None:
    text, problem = WRONG[case]
    shell.write("locustfile.py", "from shop import *\n")
    done = shell.run("--headless", "-t", "10m", *nodes, "--threshold", text)
    assert done.code == 1, done.err
    assert f"{problem}\n    {text}\n" in done.err
    assert "All users spawned" not in done.err


def test_tags_are_counted_if_an_option_asks(shell) -> None:
    shell.write("locustfile.py", LOCUSTFILE.replace("class Fast", "class Left").replace("class Requests", "class Out"))
    shell.write(
        "few.py", "from locustfile import Own, tell\nfrom locust import tag\nOwn.tasks = [tag('mine')(Own.tasks[0])]\n"
    )
    done = shell.run("-f", "few.py", "--headless", "-i", "5", "--stats-by-tag")
    assert done.code == 0, done.err
    found = json.loads((shell.folder / "groups.json").read_text())
    assert found == {"mine": {"requests": {"/Own/call": 5}, "failures": {}, "total": [5, 0]}}
