"""An OpenTelemetry collector: prints a JSON line for each name that it receives over OTLP/HTTP.

Runs in a process of its own, with OpenTelemetry's packages on PYTHONPATH. The first line is its port.
"""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


def attributes(owner: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in owner.attributes}


def say(kind: str, resource: Any, name: str, **more: Any) -> None:
    print(json.dumps({"kind": kind, "resource": attributes(resource), "name": name, **more}), flush=True)


def traces(body: bytes) -> None:
    for spans in ExportTraceServiceRequest.FromString(body).resource_spans:
        for scope in spans.scope_spans:
            for span in scope.spans:
                say("span", spans.resource, span.name, attributes=attributes(span))


def metrics(body: bytes) -> None:
    for exported in ExportMetricsServiceRequest.FromString(body).resource_metrics:
        for scope in exported.scope_metrics:
            for metric in scope.metrics:
                for point in metric.histogram.data_points:
                    values = {"count": point.count, "sum": point.sum}
                    say("metric", exported.resource, metric.name, attributes=attributes(point), **values)
                for point in metric.gauge.data_points:
                    say("metric", exported.resource, metric.name, attributes=attributes(point), value=point.as_int)


def logs(body: bytes) -> None:
    for exported in ExportLogsServiceRequest.FromString(body).resource_logs:
        for scope in exported.scope_logs:
            for record in scope.log_records:
                say("log", exported.resource, record.body.string_value)


SIGNALS = {"/v1/traces": traces, "/v1/metrics": metrics, "/v1/logs": logs}


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        SIGNALS[self.path](self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        self.send_response(404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing but names on the standard output."""


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
