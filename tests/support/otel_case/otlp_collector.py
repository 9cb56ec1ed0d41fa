"""An OpenTelemetry collector: prints a JSON line for each name that it receives over OTLP, by HTTP or gRPC.

Runs in a process of its own, with OpenTelemetry's packages on PYTHONPATH. The first line has its ports.

Its HTTP port is the target of the test as well: it prints with which context each request came.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import grpc
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

SERVICES = {
    "opentelemetry.proto.collector.trace.v1.TraceService": ExportTraceServiceRequest,
    "opentelemetry.proto.collector.metrics.v1.MetricsService": ExportMetricsServiceRequest,
    "opentelemetry.proto.collector.logs.v1.LogsService": ExportLogsServiceRequest,
}


def attributes(owner: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in owner.attributes}


def say(kind: str, resource: Any, name: str, **more: Any) -> None:
    print(json.dumps({"kind": kind, "resource": attributes(resource), "name": name, **more}), flush=True)


def traces(exported: Any) -> None:
    for spans in exported.resource_spans:
        for scope in spans.scope_spans:
            for span in scope.spans:
                ids = {"trace_id": span.trace_id.hex(), "span_id": span.span_id.hex(), "failed": span.status.code == 2}
                say("span", spans.resource, span.name, attributes=attributes(span), **ids)


def metrics(message: Any) -> None:
    for exported in message.resource_metrics:
        for scope in exported.scope_metrics:
            for metric in scope.metrics:
                for point in metric.histogram.data_points:
                    values = {"count": point.count, "sum": point.sum}
                    say("metric", exported.resource, metric.name, attributes=attributes(point), **values)
                for point in metric.gauge.data_points:
                    say("metric", exported.resource, metric.name, attributes=attributes(point), value=point.as_int)


def logs(message: Any) -> None:
    for exported in message.resource_logs:
        for scope in exported.scope_logs:
            for record in scope.log_records:
                say("log", exported.resource, record.body.string_value)


SIGNALS = {"/v1/traces": traces, "/v1/metrics": metrics, "/v1/logs": logs}
READERS = dict(zip(SIGNALS.values(), SERVICES.values(), strict=True))


def grpc_handlers() -> list[grpc.GenericRpcHandler]:
    """The services of OTLP/gRPC, each with its one method; an empty answer says that all was taken."""
    handlers = []
    for (service, message), read in zip(SERVICES.items(), SIGNALS.values(), strict=True):

        def export(request: Any, context: Any, read: Any = read) -> bytes:
            read(request)
            return b""

        method = grpc.unary_unary_rpc_method_handler(export, request_deserializer=message.FromString)
        handlers.append(grpc.method_handlers_generic_handler(service, {"Export": method}))
    return handlers


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        read = SIGNALS.get(self.path)
        if read is None:
            self.answer_the_test()
            return
        read(READERS[read].FromString(body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def answer_the_test(self) -> None:
        """Says with what the request was sent; everything is missing here."""
        if self.command != "POST":
            self.rfile.read(int(self.headers["Content-Length"] or 0))
        traceparent = self.headers["traceparent"]
        print(json.dumps({"kind": "request", "name": self.path, "traceparent": traceparent}), flush=True)
        self.send_response(404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = answer_the_test

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing but names on the standard output."""


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
by_grpc = grpc.server(ThreadPoolExecutor(4), grpc_handlers())
grpc_port = by_grpc.add_insecure_port("127.0.0.1:0")
by_grpc.start()
print(server.server_address[1], grpc_port, flush=True)
server.serve_forever()
