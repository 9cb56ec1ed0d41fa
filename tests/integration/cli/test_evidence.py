"""Evidence of failed requests in real runs: every client, one process and workers, and no secret in any file."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from locust_rs.history.folder import history_file
from locust_rs.history.store import Store

SCHEMA = Path(__file__).resolve().parents[3] / "docs" / "schemas" / "results-1.json"

LOCUSTFILE = """\
from locust import FastHttpUser, HttpUser, User, events, task

SECRETS = {"Authorization": "Bearer bearer-4711", "Cookie": "id=cookie-4711", "X-Customer": "customer-4711"}
QUERY = "token=query-4711&page=2"

@events.init_command_line_parser.add_listener
def _(parser):
    parser.add_argument("--pin", is_secret=True, default="", env_var="LOCUST_PIN")

@events.init.add_listener
def _(environment, **kwargs):
    if not environment.runner.is_master:
        environment.evidence.redact("x-customer")

def calls(user):
    user.client.get("/good")
    user.client.get(f"/bad/{user.environment.parsed_options.pin}?{QUERY}", name="bad", headers=SECRETS)
    body = {"user": "anna", "password": "password-4711"}
    with user.client.post("/marked", json=body, headers=SECRETS, catch_response=True) as response:
        response.failure("as an example")
    user.client.get("/broken")

class Fast(FastHttpUser):
    tasks = [calls]

class FastLibrary(FastHttpUser):
    tasks = [calls]
    http_engine = False

class Requests(HttpUser):
    tasks = [calls]

class RequestsLibrary(HttpUser):
    tasks = [calls]
    http_engine = False

class Own(User):
    @task
    def call(self):
        self.environment.events.request.fire(
            request_type="rpc", name="call", response_time=5, response_length=0, exception=OSError("no"),
            response={"session_token": "own-4711", "code": 5}, context={"secret": "own-4711", "step": 1},
            url="rpc://anna:own-4711@target/",
        )
"""


class Handler(BaseHTTPRequestHandler):
    """Fails, repeats what it was sent, or breaks off."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answers one request."""
        length = int(self.headers.get("Content-Length") or 0)
        sent = f"{self.path}\n{self.headers}\n".encode() + self.rfile.read(length)
        if self.path == "/broken":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\nX-Part: here\r\n\r\npart")
            self.close_connection = True
            return
        self.send_response(503 if self.path.startswith("/bad") else 200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Set-Cookie", "id=set-4711; Path=/")
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Logs nothing."""


@pytest.fixture(scope="module")
def target() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def check_success(pieces: list[dict[str, Any]], user: str, target: str) -> None:
    """What is kept of a request that has not failed, and that the event did not tell of."""
    good, _ = [piece for piece in pieces if piece["name"] == "/good"]
    assert (good["error"], good["user_class"], good["worker"]) == ("", user, "local")
    assert (good["request"]["method"], good["request"]["url"]) == ("GET", f"{target}/good")
    headers = {name.lower(): value for name, value in good["request"]["headers"]}
    assert {"user-agent", "accept-encoding"} <= set(headers)
    assert good["response"]["status"] == 200
    assert good["response"]["body"]["text"].startswith("/good\n")


def check_http(pieces: list[dict[str, Any]], user: str, target: str) -> None:
    """What is kept of the requests of one user class."""
    of_user = [piece for piece in pieces if piece["user_class"] == user]
    by_name = {piece["name"]: piece for piece in of_user}
    assert set(by_name) == {"bad", "/marked", "/broken"}
    bad, marked, broken = by_name["bad"], by_name["/marked"], by_name["/broken"]
    assert bad["request"]["method"] == "GET"
    assert bad["request"]["url"] == f"{target}/bad/[redacted]?token=[redacted]&page=2"
    headers = {name.lower(): value for name, value in bad["request"]["headers"]}
    assert (headers["authorization"], headers["x-customer"]) == ("[redacted]", "[redacted]")
    reason = "" if user == "FastLibrary" else "Service Unavailable"
    assert (bad["response"]["status"], bad["response"]["reason"]) == (503, reason)
    assert bad["response"]["body"]["text"].startswith("/bad/[redacted]?token=[redacted]&page=2\n")
    answered = {name.lower(): value for name, value in bad["response"]["headers"]}
    assert (answered["content-type"], answered["set-cookie"]) == ("text/plain", "[redacted]")
    assert marked["request"]["body"]["text"].replace(" ", "") == '{"user":"anna","password":"[redacted]"}'
    assert (marked["error"], marked["response"]["status"]) == ("CatchResponseError('as an example')", 200)
    assert broken["request"]["url"] == f"{target}/broken"
    for piece in of_user:
        assert piece["response_time_ms"] > 0
    if "Library" not in user:
        assert {"queue", "send", "first_byte", "last_byte"} <= set(bad["phases_ms"])
        assert sum(bad["phases_ms"].values()) == pytest.approx(bad["response_time_ms"], abs=0.1)
        assert broken["failed_in"] == "receive"
        assert ("x-part", "here") in {(name.lower(), value) for name, value in broken["response"]["headers"]}


@pytest.mark.parametrize("nodes", [(), ("--processes", "2")], ids=["one process", "workers"])
def test_failures_of_every_client_are_shown_without_secrets(shell: Any, target: str, nodes: tuple[str, ...]) -> None:
    shell.write("locustfile.py", LOCUSTFILE)
    settings = {"LOCUST_PIN": "pin-4711", "LOCUST_NO_HISTORY": "false"}
    files = ("--results", "out.json", "--html", "out.html", "--history", "kept")
    arguments = ("--headless", "-u", "10", "-r", "100", "-i", "60", "--host", target, "--redact", "X-Part-Two", *files)
    done = shell.run(*arguments, *nodes, env=settings)
    results = json.loads((shell.folder / "out.json").read_text())
    assert done.code == 1, done.err
    jsonschema_rs.validate(json.loads(SCHEMA.read_text()), results)
    pieces = results["evidence"]["failures"]
    counted = {(row["method"], row["name"], row["error"]): row["occurrences"] for row in results["errors"]}
    kept = {
        kind: [piece for piece in pieces if (piece["method"], piece["name"], piece["error"]) == kind]
        for kind in counted
    }
    assert {kind: len(kept[kind]) for kind in counted} == {kind: min(3, count) for kind, count in counted.items()}
    for ofkind in kept.values():
        assert [piece["time"] for piece in ofkind] == sorted(piece["time"] for piece in ofkind)
    nodes_seen = {piece["worker"] for piece in pieces}
    assert nodes_seen == {"local"} if not nodes else 1 <= len(nodes_seen) <= 2 and "local" not in nodes_seen

    (own, *_) = kept["rpc", "call", "OSError('no')"]
    assert (own["user_class"], own["request"]["url"]) == ("Own", "rpc://[redacted]@target/")
    assert own["response"]["body"]["text"] == '{"session_token": "[redacted]", "code": 5}'
    assert own["context"] == {"secret": "[redacted]", "step": "1"}

    page = (shell.folder / "out.html").read_text()
    args = re.search(r'id="template-args">(.*?)</script>', page, re.DOTALL)
    assert args
    assert json.loads(args[1])["evidence"] == results["evidence"]
    slowest = results["evidence"]["slowest"]
    endpoints = {(row["method"], row["name"]): row for row in results["endpoints"]}
    assert {(piece["method"], piece["name"]) for piece in slowest} == set(endpoints)
    for endpoint, row in endpoints.items():
        times = [piece["response_time_ms"] for piece in slowest if (piece["method"], piece["name"]) == endpoint]
        assert len(times) == min(3, row["requests"])
        assert times == sorted(times, reverse=True)
        assert row["max_ms"] / 1.021 <= times[0] <= row["max_ms"] + 0.001
    (run,) = Store(history_file(str(shell.folder / "kept"))).runs()
    assert run.result["evidence"] == results["evidence"]
    outputs = [path for path in shell.folder.rglob("*") if path.is_file() and path.name != "locustfile.py"]
    assert len(outputs) >= 2
    for path in outputs:
        assert b"-4711" not in path.read_bytes(), path


@pytest.mark.parametrize("user", ["Fast", "FastLibrary", "Requests", "RequestsLibrary"])
def test_each_client_tells_what_it_sent_and_got(shell: Any, target: str, user: str) -> None:
    shell.write("locustfile.py", LOCUSTFILE)
    options = ("--headless", "-u", "1", "-i", "2", "--host", target, "--results", "out.json", "--pin", "pin-4711")
    shell.run(*options, user)
    evidence = json.loads((shell.folder / "out.json").read_text())["evidence"]
    check_http(evidence["failures"], user, target)
    check_success(evidence["slowest"], user, target)


def test_evidence_can_be_switched_off(shell: Any) -> None:
    shell.write("locustfile.py", LOCUSTFILE)
    shell.run("--headless", "-u", "1", "-i", "2", "--no-evidence", "--results", "out.json", "Own")
    results = json.loads((shell.folder / "out.json").read_text())
    assert (len(results["errors"]), results["evidence"]) == (1, {"failures": [], "slowest": []})


def test_a_wrong_rule_is_told(shell: Any) -> None:
    shell.write("locustfile.py", LOCUSTFILE)
    done = shell.run("--headless", "--redact", "/(/", "Own")
    assert done.code == 2
    assert "argument --redact: '/(/' is no regular expression" in done.err
