"""Scenarios in a real Chromium: scripts of `tests/integration/web/browser`, which tell what they saw."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any

from web_case.process import PATIENCE_S

ROOT = Path(__file__).resolve().parents[3]
SCENARIOS = ROOT / "tests" / "integration" / "web" / "browser"
ARTIFACTS = ROOT / "artifacts" / "web"


def ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    found = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return found


def play(scenario: str, tmp_path: Path, **settings: Any) -> dict[str, Any]:
    """Runs a scenario in Chromium and returns what it saw."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert chromium, "no Chromium on PATH: install your distribution's `chromium`"
    node = shutil.which("node")
    assert node, "no Node.js on PATH"
    web = ROOT / "web"
    assert (web / "node_modules" / "playwright-core").is_dir(), "run `make setup` first: web/node_modules is incomplete"
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    given = {
        "web": str(web),
        "chromium": chromium,
        "artifacts": str(ARTIFACTS),
        "downloads": str(tmp_path),
        "patienceMs": PATIENCE_S * 1000,
        "files": ["report", "requests", "failures", "exceptions"],
        **settings,
    }
    done = subprocess.run(
        [node, str(SCENARIOS / f"{scenario}.mjs"), json.dumps(given)],
        capture_output=True,
        text=True,
        check=False,
        timeout=160,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    seen: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert seen["problems"] == []
    return seen
