"""Fixtures for all tests: free ports, and the reference environments that `make references` installs."""

from __future__ import annotations

import locust_rs  # noqa: F401  # isort: skip  # first of all: it patches the standard library

import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import polling
from references import reference_python

pytest_plugins = ["gevent_timeout", "reruns"]

# Under a shell that ignores a signal (`nohup make test`, `make test &`) every process that the tests start would ignore
# it too.
if hasattr(signal, "SIGHUP"):
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


# In a job of GitHub Actions the runs of the tests would add to its annotations and its summary.
for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
    os.environ.pop(name, None)

# Runs of the tests are nobody's history; those that are asked for one name a folder.
os.environ["LOCUST_NO_HISTORY"] = "true"


@pytest.fixture
def free_port() -> int:
    """A TCP port of the loopback interface on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def stock_python() -> Path:
    """The interpreter with stock Locust 2.47.0."""
    return reference_python("2.47.0")


@pytest.fixture
def until() -> Callable[..., Any]:
    """Waits for a condition: `polling.until`."""
    return polling.until
