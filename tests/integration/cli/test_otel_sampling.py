"""`--otel` with a sampler: what is sampled has spans, by the sampler's own rule, and each request tells which."""

from __future__ import annotations

import subprocess
import sys

import pytest

from otel_case import END, SITE, Collector, to_collector

SAMPLED = f"""
from locust import FastHttpUser, HttpUser
{END}
class Calls:
    def call(self):
        for number in range(250):
            self.client.get("/plain")
            self.client.get("/other", name="other")
        end(self)

class Slow(Calls, HttpUser):
    tasks = [Calls.call]

class Fast(Calls, FastHttpUser):
    tasks = [Calls.call]
"""


@pytest.mark.parametrize(
    ("user", "sampler", "ratio", "low", "high"),
    [
        ("Slow", "traceidratio", "0.2", 40, 160),
        ("Fast", "parentbased_traceidratio", "0.2", 40, 160),
        ("Fast", "parentbased_always_off", "", 0, 0),
    ],
    ids=["HttpUser, a fifth", "FastHttpUser, a fifth", "off"],
)
def test_each_request_tells_whether_it_is_sampled(
    shell, collector: Collector, user: str, sampler: str, ratio: str, low: int, high: int
) -> None:
    shell.write("sampled.py", SAMPLED)
    settings = {"OTEL_TRACES_SAMPLER": sampler, "OTEL_METRICS_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "none"}
    if ratio:
        settings["OTEL_TRACES_SAMPLER_ARG"] = ratio
    done = shell.run(
        "-f", "sampled.py", "-H", collector.url, "--headless", "-u", "1", "--otel", user,
        env=to_collector(collector, **settings),
    )  # fmt: skip
    assert "Traceback" not in done.err
    spans = [f"{one['trace_id']}-{one['span_id']}" for one in collector.received() if one["kind"] == "span"]
    assert collector.contexts() == sorted([*spans, *["unsampled"] * (500 - len(spans))])
    # By the same rule as in any service that has such a sampler.
    assert all(int(span.split("-")[0][16:], 16) < 0.2 * 2**64 for span in spans)
    # Of 500 with a chance of a fifth, 100 are expected; 60 away are seven standard deviations.
    assert low <= len(spans) <= high


WITHIN = f"""
from opentelemetry import trace
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags
from locust import FastHttpUser, HttpUser
{END}
class Calls:
    def call(self):
        self.client.get("/outside")
        with trace.use_span(NonRecordingSpan(SpanContext(0xAB, 0xCD, is_remote=True, trace_flags=TraceFlags(3)))):
            self.client.get("/inside")
            self.client.delete("/inside")
        self.client.get("/outside")
        end(self)

class Slow(Calls, HttpUser):
    tasks = [Calls.call]

class Fast(Calls, FastHttpUser):
    tasks = [Calls.call]
"""


@pytest.mark.parametrize("user", ["Slow", "Fast"], ids=["HttpUser", "FastHttpUser"])
def test_a_sampled_span_of_the_user_has_its_requests_sampled(shell, collector: Collector, user: str) -> None:
    shell.write("within.py", WITHIN)
    settings = {"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0"}
    done = shell.run(
        "-f", "within.py", "-H", collector.url, "--headless", "-u", "1", "--otel", user,
        env=to_collector(collector, OTEL_METRICS_EXPORTER="none", OTEL_LOGS_EXPORTER="none", **settings),
    )  # fmt: skip
    assert "Traceback" not in done.err
    spans = [one for one in collector.received() if one["kind"] == "span"]
    assert sorted(one["name"] for one in spans) == ["DELETE /inside", "GET /inside"]
    assert {one["trace_id"] for one in spans} == {f"{0xAB:032x}"}
    sent = [f"{one['trace_id']}-{one['span_id']}" for one in spans]
    assert collector.contexts() == sorted([*sent, "unsampled", "unsampled"])


DRAWN = """
import random
from locust_rs.http.sampling import Draw
from opentelemetry.sdk.trace.sampling import (
    ALWAYS_OFF, ALWAYS_ON, Decision, ParentBased, ParentBasedTraceIdRatio, Sampler, TraceIdRatioBased
)

class Own(TraceIdRatioBased):
    def should_sample(self, *args, **kwargs):
        return super().should_sample(*args, **kwargs)

random.seed(4)
for name, sampler, requests in (
    ("0.3", TraceIdRatioBased(0.3), 100_000), ("0.001", ParentBasedTraceIdRatio(0.001), 1_000_000),
    ("0", TraceIdRatioBased(0), 10_000), ("1", ParentBased(TraceIdRatioBased(1)), 1_000),
    ("off", ParentBased(ALWAYS_OFF), 10_000), ("on", ParentBased(ALWAYS_ON), 1_000), ("own", Own(0.5), 1_000),
):
    draw = Draw()
    draw.use(sampler)
    won, in_a_row, last = 0, 0, False
    for _ in range(requests):
        is_won = draw.is_won()
        won += is_won
        in_a_row += is_won and last
        last = is_won
        if is_won:
            trace_id = draw.generate_trace_id()
            if name != "own":
                assert sampler.should_sample(None, trace_id, "x").decision is Decision.RECORD_AND_SAMPLE
    print(name, won / requests, in_a_row / requests)
"""


def test_a_draw_wins_as_often_as_the_sampler_says() -> None:
    drawn = subprocess.run(
        [sys.executable, "-c", DRAWN], env={"PYTHONPATH": str(SITE)}, capture_output=True, text=True, check=True
    )
    rates = {name: (float(won), float(twice)) for name, won, twice in map(str.split, drawn.stdout.splitlines())}
    # The numbers are always the same: the seed is. Two wins in a row are as rare as two chances together.
    assert rates["0.3"] == pytest.approx((0.3, 0.09), rel=0.02)
    assert rates["0.001"][0] == pytest.approx(0.001, rel=0.1)
    assert rates["0"] == rates["off"] == (0, 0)
    # Of an unknown kind each request is asked for.
    assert {rates[name][0] for name in ("1", "on", "own")} == {1}
