"""The sample shop of `locust-rs demo`, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def sample_shop() -> Iterator[str]:
    """Its address, for the duration of a block."""
    service = subprocess.Popen(
        [sys.executable, "-m", "locust_rs.demo.service"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "LOCUST_SKIP_MONKEY_PATCH": "1"},
    )
    with service:
        assert service.stdout is not None
        yield service.stdout.readline().split()[-1]
        assert service.stdin is not None
        service.stdin.close()
        assert service.wait(timeout=30) == 0, "the service must end when its standard input closes"
