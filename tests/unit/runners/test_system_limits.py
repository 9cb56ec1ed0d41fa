"""How near the process is to the system's limits."""

from __future__ import annotations

import gc
import resource
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from locust_rs.runners.system_limits import SystemLimits

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells without much ado")


@pytest.fixture
def _nothing_else_opens_or_closes() -> Iterator[None]:
    """The event loop has opened what it needs, and no earlier test's leftovers are collected meanwhile."""
    socket.socket().close()
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("_nothing_else_opens_or_closes")
def test_open_descriptors_are_counted() -> None:
    limits = SystemLimits()
    limits.look()
    before = limits.open_files
    with ExitStack() as stack:
        for _ in range(50):
            stack.enter_context(socket.socket())
        limits.look()
        assert before is not None
        assert limits.open_files is not None
        assert limits.open_files - before == 50
    assert limits.most_open_files in (None, resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def test_local_ports_are_counted() -> None:
    limits = SystemLimits()
    limits.look()
    assert limits.local_ports is not None
    assert limits.most_local_ports is not None
    assert 0 < limits.local_ports < limits.most_local_ports


@pytest.mark.parametrize(
    ("open_files", "local_ports", "sentences"),
    [
        pytest.param(100, 100, [], id="plenty left"),
        pytest.param(950, 100, ["950 of 1,000 possible descriptors"], id="descriptors"),
        pytest.param(100, 27_000, ["27,000 of this machine's 28,000 local ports"], id="ports"),
        pytest.param(None, None, [], id="unknown"),
    ],
)
def test_a_limit_that_is_near_is_named(open_files: int | None, local_ports: int | None, sentences: list[str]) -> None:
    limits = SystemLimits()
    limits.open_files, limits.most_open_files = open_files, 1000
    limits.local_ports, limits.most_local_ports = local_ports, 28_000
    warnings = limits.warnings()
    assert len(warnings) == len(sentences)
    assert all(sentence in warning for sentence, warning in zip(sentences, warnings, strict=True))
