"""A run with `--otel`, and the collector that receives what it exports and the requests that it sends."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

SITE = Path(__file__).parents[3] / ".stock" / "otel" / "site"
"""OpenTelemetry's packages."""

END = """
import gevent

def end(user):
    # Not by the user itself, which is stopped by it.
    gevent.spawn(user.environment.runner.quit)
    gevent.sleep(60)
"""


def _context(traceparent: str | None) -> str:
    if not traceparent:
        return "none"
    # The lowest flag says that it is sampled.
    return traceparent[3:-3] if int(traceparent[-2:], 16) & 1 else "unsampled"


class Collector:
    """A running `otlp_collector.py`."""

    def __init__(self, folder: Path) -> None:
        self._said = folder / "collected.jsonl"
        with self._said.open("w") as output:
            self._process = subprocess.Popen(
                [sys.executable, Path(__file__).with_name("otlp_collector.py")],
                stdout=output,
                env={"PYTHONPATH": str(SITE)},
            )
        while not self._said.read_text().endswith("\n"):
            assert self._process.poll() is None, "the collector has ended"
        port, grpc_port = self._said.read_text().splitlines()[0].split()
        self.url, self.grpc_url = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{grpc_port}"

    def received(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._said.read_text().splitlines()[1:]]

    def contexts(self) -> list[str]:
        """Trace and span of each request that says it is sampled, sorted; "unsampled" and "none" for the others."""
        told = [one["traceparent"] for one in self.received() if one["kind"] == "request"]
        headers = [header for header in told if header]
        assert all(re.fullmatch("00-[0-9a-f]{32}-[0-9a-f]{16}-0[0-3]", header) for header in headers)
        assert len(set(headers)) == len(headers)
        # The other flags are the same for all.
        assert len({int(header[-2:], 16) & ~1 for header in headers}) <= 1
        return sorted(_context(header) for header in told)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


def to_collector(collector: Collector, protocol: str = "http/protobuf", **more: str) -> dict[str, str]:
    return {
        "PYTHONPATH": str(SITE),
        "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.grpc_url if protocol == "grpc" else collector.url,
        **more,
    }
