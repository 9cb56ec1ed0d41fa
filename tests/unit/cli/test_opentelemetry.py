"""The parts of the OpenTelemetry set-up that do not need the SDK."""

from __future__ import annotations

import pytest

from locust_rs import opentelemetry


def test_names_beyond_the_limit_share_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opentelemetry, "request_names", set())
    names = [opentelemetry._bounded(f"/{number}") for number in range(opentelemetry.MAX_REQUEST_NAMES + 5)]
    assert names[-1] == "Too many unique request names"
    assert len(set(names)) == opentelemetry.MAX_REQUEST_NAMES + 1
    # A known name is still counted under its own name.
    assert opentelemetry._bounded("/0") == "/0"


@pytest.mark.parametrize(
    ("variable", "names"),
    [(None, ["otlp"]), ("otlp,console", ["otlp", "console"]), ("none", []), (" Console ", ["console"])],
)
def test_exporters_are_listed_in_a_variable(
    monkeypatch: pytest.MonkeyPatch, variable: str | None, names: list[str]
) -> None:
    monkeypatch.delenv("OTEL_TRACES_EXPORTER", raising=False)
    if variable is not None:
        monkeypatch.setenv("OTEL_TRACES_EXPORTER", variable)
    assert opentelemetry._exporter_names("TRACES") == names


def test_signal_may_have_a_protocol_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "http/protobuf")
    assert opentelemetry._protocol_of("LOGS") == "http/protobuf"
    assert opentelemetry._protocol_of("TRACES") == "grpc"
