"""`--otel`: exports traces, metrics and logs of a run with OpenTelemetry. Public module `locust.opentelemetry`.

Everything is configured with OpenTelemetry's own environment variables: `OTEL_TRACES_EXPORTER`,
`OTEL_METRICS_EXPORTER` and `OTEL_LOGS_EXPORTER` list exporters (`otlp`, `console`, `none`; metrics also `prometheus`),
`OTEL_EXPORTER_OTLP_PROTOCOL` chooses between `grpc` and `http/protobuf`. Names of spans, metrics and attributes are
Locust's.
"""

from __future__ import annotations

import importlib
import logging
import os
import socket
from typing import TYPE_CHECKING, Any

from locust_rs._reexports import provide_reexports
from locust_rs._version import __version__
from locust_rs_installation import install_command

if TYPE_CHECKING:
    from opentelemetry.sdk.resources import Resource
    from requests import PreparedRequest

    from locust_rs.runners import Runner

logger = logging.getLogger("locust.opentelemetry")

MAX_REQUEST_NAMES = 20
"""Distinct request names that become values of a metric's attribute; each is a time series of its own."""

OTHER_NAMES = "Too many unique request names"

request_names: set[str] = set()
"""The names seen so far."""


def setup_opentelemetry(locustfile: str, profile: str | None) -> bool:
    """Sets up the exporters and instruments `requests` and `urllib3`.

    Args:
        locustfile: Becomes the resource attribute `filename`.
        profile: Becomes the resource attribute `profile`; empty if there is none.

    Returns:
        Whether OpenTelemetry is on; False, with a logged error, if the SDK is not installed.
    """
    try:
        from opentelemetry.sdk.resources import Resource
    except ImportError:
        logger.error(f"OpenTelemetry SDK is not installed, opentelemetry not enabled. {_remedy()}")
        return False
    attributes = {
        "service.name": os.environ.get("OTEL_SERVICE_NAME", "locust"),
        "service.version": __version__,
        "host.name": socket.gethostname(),
        "filename": locustfile,
        "profile": profile or "",
    }
    resource = Resource.create(attributes)
    for signal, set_up in (
        ("TRACES", _setup_tracer_provider),
        ("METRICS", _setup_meter_provider),
        ("LOGS", _setup_logger_provider),
    ):
        exporters = _exporter_names(signal)
        if exporters:
            set_up(resource, exporters)
    _setup_auto_instrumentation()
    return True


def _exporter_names(signal: str) -> list[str]:
    listed = os.environ.get(f"OTEL_{signal}_EXPORTER", "otlp")
    names = [name.strip().lower() for name in listed.split(",") if name.strip()]
    return [] if "none" in names else names


def _protocol_of(signal: str) -> str:
    general = os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    return os.environ.get(f"OTEL_EXPORTER_OTLP_{signal}_PROTOCOL", general)


def _otlp_exporter(signal: str, class_name: str) -> Any:
    """An exporter for the configured protocol; None, with a logged error, if there is none."""
    protocol = _protocol_of(signal)
    transports = {"grpc": "grpc", "http": "http", "http/protobuf": "http"}
    transport = transports.get(protocol)
    if transport is None:
        logger.error(f"Unknown OpenTelemetry protocol '{protocol}': use grpc or http/protobuf")
        return None
    packages = {"TRACES": "trace_exporter", "METRICS": "metric_exporter", "LOGS": "_log_exporter"}
    if transport == "grpc":
        _let_grpc_wait()
    module = f"opentelemetry.exporter.otlp.proto.{transport}.{packages[signal]}"
    try:
        return getattr(importlib.import_module(module), class_name)()
    except ImportError:
        logger.error(f"The OpenTelemetry exporter for {protocol} is not installed. {_remedy()}")
        return None


def _let_grpc_wait() -> None:
    """Makes gRPC wait in gevent's hub: otherwise a slow collector holds all users."""
    try:
        from grpc.experimental import gevent as grpc_gevent
    except ImportError:
        return  # the missing exporter is told
    grpc_gevent.init_gevent()


def _remedy() -> str:
    command = install_command("otel")
    return f"Run: {command}" if command else "Install OpenTelemetry's packages for Python"


def _unknown_exporter(name: str, signal: str) -> None:
    known = "otlp, console, prometheus or none" if signal == "METRICS" else "otlp, console or none"
    logger.error(f"Unknown exporter '{name}' in OTEL_{signal}_EXPORTER: use {known}")


def _prometheus_reader() -> Any:
    """A reader that Prometheus scrapes where OpenTelemetry's variables say; None, with a logged error, if it cannot."""
    try:
        from opentelemetry.exporter.prometheus import PrometheusMetricReader
        from prometheus_client import start_http_server
    except ImportError:
        logger.error(f"The OpenTelemetry exporter for prometheus is not installed. {_remedy()}")
        return None
    host = os.environ.get("OTEL_EXPORTER_PROMETHEUS_HOST", "localhost")
    port = os.environ.get("OTEL_EXPORTER_PROMETHEUS_PORT", "9464")
    try:
        start_http_server(int(port), host)
    except (OSError, ValueError, OverflowError) as error:
        logger.error(
            f"Can't serve OpenTelemetry's metrics at {host}:{port}: {error}. Each process needs a port of its own: set "
            "OTEL_EXPORTER_PROMETHEUS_PORT"
        )
        return None
    return PrometheusMetricReader()


def _setup_tracer_provider(resource: Resource, traces_exporters: list[str]) -> None:
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter

    from locust_rs.http.sampling import Draw
    from locust_rs.http.tracing import trace_requests

    draw = Draw()
    provider = TracerProvider(resource=resource, id_generator=draw)
    for name in traces_exporters:
        if name == "otlp":
            exporter = _otlp_exporter("TRACES", "OTLPSpanExporter")
        elif name == "console":
            exporter = ConsoleSpanExporter()
        else:
            _unknown_exporter(name, "TRACES")
            continue
        if exporter is not None:
            provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    trace_requests(provider, draw)


def _setup_meter_provider(resource: Resource, metrics_exporters: list[str]) -> None:
    from opentelemetry import metrics
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import ConsoleMetricExporter, PeriodicExportingMetricReader

    readers: list[Any] = []
    for name in metrics_exporters:
        if name == "otlp":
            exporter = _otlp_exporter("METRICS", "OTLPMetricExporter")
        elif name == "console":
            exporter = ConsoleMetricExporter()
        elif name == "prometheus":
            reader = _prometheus_reader()
            readers += [] if reader is None else [reader]
            continue
        else:
            _unknown_exporter(name, "METRICS")
            continue
        if exporter is not None:
            readers.append(PeriodicExportingMetricReader(exporter))
    provider = MeterProvider(resource=resource, metric_readers=readers)
    metrics.set_meter_provider(provider)
    meter = provider.get_meter("locust")
    _record_requests(meter)
    _count_users(meter)


def _record_requests(meter: Any) -> None:
    from locust_rs.event import default

    duration = meter.create_histogram(
        "locust.client.duration", unit="s", description="Response times of requests, as in the statistics"
    )

    def on_request(name: str, response_time: float | None, exception: object = None, **kwargs: Any) -> None:
        if response_time is None:
            return
        attributes = {"name": _bounded(name)}
        if exception is not None:
            attributes["error.type"] = type(exception).__name__
        duration.record(response_time / 1000, attributes)

    default.events.request.add_listener(on_request)


def _bounded(name: str) -> str:
    if name in request_names:
        return name
    if len(request_names) >= MAX_REQUEST_NAMES:
        return OTHER_NAMES
    request_names.add(name)
    return name


def _count_users(meter: Any) -> None:
    """Exports the number of users in this process. A master runs none: its workers export theirs."""
    from opentelemetry.metrics import CallbackOptions, Observation

    from locust_rs.event import default

    runners: list[Runner] = []

    def count(options: CallbackOptions) -> list[Observation]:
        return [
            Observation(count, {"user_class": user_class})
            for runner in runners
            if not runner.is_master
            for user_class, count in runner.user_classes_count.items()
        ]

    meter.create_observable_gauge("locust.users.count", [count], unit="{user}", description="Users that run")
    default.events.init.add_listener(lambda runner, **kwargs: runners.append(runner))


def _setup_logger_provider(resource: Resource, logs_exporters: list[str]) -> None:
    from opentelemetry._logs import set_logger_provider
    from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
    from opentelemetry.sdk._logs.export import (
        BatchLogRecordProcessor,
        ConsoleLogRecordExporter,
        SimpleLogRecordProcessor,
    )

    provider = LoggerProvider(resource=resource)
    for name in logs_exporters:
        if name == "otlp":
            exporter = _otlp_exporter("LOGS", "OTLPLogExporter")
            if exporter is not None:
                provider.add_log_record_processor(BatchLogRecordProcessor(exporter))
        elif name == "console":
            provider.add_log_record_processor(SimpleLogRecordProcessor(ConsoleLogRecordExporter()))
        else:
            _unknown_exporter(name, "LOGS")
    set_logger_provider(provider)
    handler = LoggingHandler(logger_provider=provider)
    for logged in (logging.getLogger(), logging.getLogger("locust")):
        logged.addHandler(handler)


def _setup_auto_instrumentation() -> None:
    """Traces what the test sends with requests and urllib3 themselves. Both clients bring their own spans."""
    from locust_rs.http.requests.untouched import ORIGINALS

    with ORIGINALS.accepting():
        _instrument_libraries()


def _instrument_libraries() -> None:
    for module, class_name, settings in (
        ("opentelemetry.instrumentation.requests", "RequestsInstrumentor", {"request_hook": _name_span}),
        ("opentelemetry.instrumentation.urllib3", "URLLib3Instrumentor", {}),
    ):
        try:
            instrumentor = getattr(importlib.import_module(module), class_name)()
        except ImportError:
            logger.error(f"{module} is not installed. {_remedy()}")
            continue
        instrumentor.instrument(**settings)


def _name_span(span: Any, request: PreparedRequest) -> None:
    """Gives the span of a request the name that it has in the statistics."""
    name = getattr(request, "_explicit_name", None) or request.path_url
    span.update_name(f"{request.method} {name}")


provide_reexports(__name__)
