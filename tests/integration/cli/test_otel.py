"""`--otel` with OpenTelemetry's own SDK and a collector: names, counts, context, requests on the engine."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
import requests

from otel_case import END, Collector, to_collector
from polling import GENEROUS_S, until

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


@pytest.mark.parametrize(
    ("protocol", "processes"),
    [("http/protobuf", []), ("http/protobuf", ["--processes", "2"]), ("grpc", [])],
    ids=["alone", "with workers", "grpc"],
)
def test_spans_metrics_and_logs_arrive(
    shell, collector: Collector, free_port: int, protocol: str, processes: list[str]
) -> None:
    shell.write("calls.py", LOCUSTFILE)
    load = ["--headless", "-u", "4", "-r", "100", "-t", "2", "--json-file", "result", "--profile", "mine", *processes]
    done = shell.run(
        "-f", "calls.py", "-H", collector.url, "--otel", "--master-bind-port", str(free_port), *load,
        env=to_collector(collector, protocol),
    )  # fmt: skip
    assert "Starting Locust" in done.err
    assert "OpenTelemetry enabled" in done.err
    assert "Traceback" not in done.err
    assert "instead of the engine" not in done.err
    counted = {row["name"]: row["num_requests"] for row in json.loads((shell.folder / "result.json").read_text())}
    assert set(counted) == {"named", "/plain", "/missing"}

    received = collector.received()
    spans = Counter(one["name"] for one in received if one["kind"] == "span")
    # A request that the end of the run interrupts has a span but is not counted.
    assert set(spans) == {f"GET {name}" for name in counted}
    assert all(spans[f"GET {name}"] >= number for name, number in counted.items())
    assert all(one["attributes"]["http.method"] == "GET" for one in received if one["kind"] == "span")

    # Every process exports its own sum since its start.
    durations: dict[tuple[str, str], int] = {}
    for one in received:
        if one["name"] == "locust.client.duration":
            durations[one["resource"]["service.instance.id"], one["attributes"]["name"]] = one["count"]
            failed = one["attributes"]["name"] == "/missing"
            assert one["attributes"].get("error.type") == ("LocustBadStatusCode" if failed else "HTTPError")
    for name, number in counted.items():
        assert sum(count for (_, told), count in durations.items() if told == name) == number

    gauges = [one for one in received if one["name"] == "locust.users.count"]
    assert {one["attributes"]["user_class"] for one in gauges} == {"Calls", "Fails"}
    assert any("All users spawned" in one["name"] for one in received if one["kind"] == "log")
    for one in received:
        if one["kind"] == "request":
            continue
        resource = one["resource"]
        assert (resource["service.name"], resource["filename"], resource["profile"]) == ("locust", "calls.py", "mine")
        assert resource["host.name"]


EVERY_VERB = f"""
from locust import FastHttpUser, HttpUser
from locust_rs.http.fast.engine_response import FastResponse
from locust_rs.http.requests.engine_response import EngineResponse
{END}
class EveryVerb:
    def call(self):
        client = self.client
        responses = [
            client.get("/get"), client.get("/named", name="renamed"), client.get("/header", headers=dict(mine="1")),
            client.post("/post", data="x"), client.put("/put", json=[1]), client.patch("/patch", data=dict(a=1)),
            client.delete("/delete"), client.head("/head"), client.options("/options"),
            client.request("GET", "/request"),
        ]
        with client.get("/caught", catch_response=True) as response:
            response.failure("no")
        with client.rename_request("inside"):
            client.get("/renamed")
        client.get(self.host + "/absolute")
        print("by the engine:", sum(isinstance(response, (EngineResponse, FastResponse)) for response in responses))
        end(self)

class Slow(EveryVerb, HttpUser):
    tasks = [EveryVerb.call]

class Fast(EveryVerb, FastHttpUser):
    tasks = [EveryVerb.call]
"""


@pytest.mark.parametrize("user", ["Slow", "Fast"], ids=["HttpUser", "FastHttpUser"])
def test_every_call_has_one_span_and_sends_its_context(shell, collector: Collector, user: str) -> None:
    done = call_every_verb(shell, collector, user)
    assert "by the engine: 10" in done.out, done.err
    spans = [one for one in collector.received() if one["kind"] == "span"]
    sent = {f"{one['trace_id']}-{one['span_id']}" for one in spans}
    assert len(spans) == len(sent) == 13
    assert sorted(one["name"] for one in spans) == sorted(
        ["GET /get", "GET renamed", "GET /header", "POST /post", "PUT /put", "PATCH /patch", "DELETE /delete",
         "HEAD /head", "OPTIONS /options", "GET /request", "GET /caught", "GET inside", "GET /absolute"]
    )  # fmt: skip
    assert all(one["failed"] for one in spans)  # nothing is there
    assert collector.contexts() == sorted(sent)


@pytest.mark.parametrize("user", ["Slow", "Fast"], ids=["HttpUser", "FastHttpUser"])
@pytest.mark.parametrize(
    ("propagators", "context"), [("tracecontext,baggage", "unsampled"), ("baggage", "none")], ids=["W3C", "another"]
)
def test_every_call_tells_that_it_is_not_sampled(
    shell, collector: Collector, user: str, propagators: str, context: str
) -> None:
    done = call_every_verb(shell, collector, user, OTEL_TRACES_SAMPLER="always_off", OTEL_PROPAGATORS=propagators)
    assert "by the engine: 10" in done.out, done.err
    assert collector.contexts() == [context] * 13


def call_every_verb(shell, collector: Collector, user: str, **settings: str) -> Any:
    shell.write("verbs.py", EVERY_VERB)
    settings |= {"OTEL_METRICS_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "none"}
    return shell.run(
        "-f", "verbs.py", "-H", collector.url, "--headless", "-u", "1", "--otel", user,
        env=to_collector(collector, **settings),
    )  # fmt: skip


def test_prometheus_scrapes_what_the_exporter_has(shell, collector: Collector, free_port: int) -> None:
    shell.write("calls.py", LOCUSTFILE)
    environment = to_collector(
        collector,
        OTEL_TRACES_EXPORTER="none",
        OTEL_LOGS_EXPORTER="none",
        OTEL_METRICS_EXPORTER="prometheus",
        OTEL_EXPORTER_PROMETHEUS_HOST="127.0.0.1",
        OTEL_EXPORTER_PROMETHEUS_PORT=str(free_port),
    )
    with shell.started(
        "-f", "calls.py", "-H", collector.url, "--headless", "-u", "2", "--otel", env=environment
    ) as running:
        running.wait_for("All users spawned")

        def scraped() -> str:
            return requests.get(f"http://127.0.0.1:{free_port}/metrics", timeout=GENEROUS_S).text

        until(
            lambda: "locust_client_duration_seconds_count{" in scraped(),
            "requests are counted",
            hopeless=lambda: running.process.poll() is not None,
        )
        text = scraped()
        assert 'error_type="HTTPError",name="named"' in text.replace('otel_scope_name="locust",', "")
        assert "locust_users_count" in text
