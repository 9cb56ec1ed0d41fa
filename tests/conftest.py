"""Fixtures for all tests: free ports, and the reference environments that `make references` installs."""

from __future__ import annotations

import locust_rs  # noqa: F401  # isort: skip  # first of all: it patches the standard library

import signal
import socket
from pathlib import Path

import pytest

# Under a shell that ignores the signal (`nohup make test`) every process that the tests start would ignore it too.
if hasattr(signal, "SIGHUP"):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def free_port() -> int:
    """A TCP port of the loopback interface on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def reference_python(name: str) -> Path:
    """The interpreter of a reference environment: `2.47.0`, `2.44.4` (stock Locust) or `httpbin`.

    A missing one is an error and not a skip, because a comparison that silently does not run proves nothing.
    """
    python = ROOT / ".stock" / name / "bin" / "python"
    if not python.exists():
        pytest.fail(f"{python.relative_to(ROOT)} is missing: run `make references` first")
    return python


@pytest.fixture(scope="session")
def stock_python() -> Path:
    """The interpreter with stock Locust 2.47.0."""
    return reference_python("2.47.0")
