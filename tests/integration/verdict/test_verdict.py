"""What the generator says of its own lateness, against a target that measures itself. `make bench-verdict` is the
long form.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
GENERATOR = HERE.parents[2] / "benches" / "verdict_cases" / "generator.py"
DELAY_MS = 50

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells when a response arrived")


def measure(client: str, engine: str, share: float, work_ms: float) -> tuple[dict[str, Any], dict[str, Any]]:
    """One run: what the generator says, and what the target has measured."""
    target = subprocess.Popen(
        [sys.executable, HERE / "exact_delay.py", str(DELAY_MS)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert target.stdout is not None
    try:
        url = f"http://127.0.0.1:{target.stdout.readline().strip()}"
        said = subprocess.run(
            [sys.executable, GENERATOR, url, client, str(share), str(work_ms), "5"],
            env={**os.environ, "LOCUST_HTTP_ENGINE": engine},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert said.returncode == 0, said.stderr
        measured, _ = target.communicate(timeout=60)
        return json.loads(said.stdout.splitlines()[-1]), json.loads(measured)
    finally:
        target.kill()
        target.wait()
        target.stdout.close()


@pytest.mark.parametrize(
    ("client", "engine", "share", "work_ms"),
    [
        pytest.param("fast", "on", 1, 4, id="FastHttpUser on the engine, full core"),
        pytest.param("http", "on", 0.5, 40, id="HttpUser on the engine, half a core, long tasks"),
        pytest.param("http", "off", 1, 4, id="HttpUser with requests, full core"),
        pytest.param("fast", "off", 0.5, 4, id="FastHttpUser with geventhttpclient, half a core"),
        pytest.param("own", "on", 1, 4, id="a client of one's own, full core"),
    ],
)
def test_the_inflation_that_is_told_is_the_true_one(client: str, engine: str, share: float, work_ms: float) -> None:
    said, measured = measure(client, engine, share, work_ms)
    assert said["failures"] == 0
    assert said["requests"] == measured["served"] > 20
    true = said["mean_ms"] / measured["mean_ms"] - 1
    # Beyond 300 % the exact figure means nothing to anybody.
    assert abs(min(said["said"], 3) - min(true, 3)) <= max(0.05, 0.2 * min(true, 3))
    assert said["marked"] or share < 1 or true < 0.2
