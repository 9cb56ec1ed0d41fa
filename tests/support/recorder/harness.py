"""Starts the recording server, and runs the scripted calls against it in any interpreter."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


class RecordingServer:
    """The server of `server.py`, in its process."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "server.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.ports: list[int] = json.loads(self._ask())["ports"]
        self.url = f"http://127.0.0.1:{self.ports[0]}"

    def _ask(self, command: str | None = None) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        if command is not None:
            self._process.stdin.write(command + "\n")
            self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the recording server has ended"
        return line

    def drain(self) -> list[dict[str, Any]]:
        """The requests since the last call: `{"origin": 0 or 1, "connection": number, "raw": text}`."""
        records: list[dict[str, Any]] = json.loads(self._ask("drain"))
        return records

    def wire(self) -> list[str]:
        """The raw requests since the last call, without what differs from run to run."""
        return [self.neutral(str(record["raw"])) for record in self.drain()]

    def neutral(self, text: str) -> str:
        """Replaces ports and multipart boundaries."""
        for index, port in enumerate(self.ports):
            text = text.replace(str(port), f"PORT{index}")
        return re.sub(r"[0-9a-f]{32}", "BOUNDARY", text)

    def close(self) -> None:
        """Ends the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)
        self._process.stdout.close()


@contextmanager
def recording_server() -> Iterator[RecordingServer]:
    """A server for a with-block."""
    server = RecordingServer()
    try:
        yield server
    finally:
        server.close()


def run_calls(python: Path | str, kind: str, **environment: str) -> dict[str, dict[str, Any]]:
    """Runs every scripted call.

    Args:
        python: The interpreter, which has a `locust`.
        kind: `http` or `fast`.
        **environment: Added to the environment of the calls.

    Returns:
        For each call its `result`, the `events` it fired and the `wire`: what the server received.
    """
    outcomes: dict[str, dict[str, Any]] = {}
    with recording_server() as server:
        calls = subprocess.Popen(
            [str(python), str(HERE / "calls.py"), kind, *map(str, server.ports)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | environment,
        )
        assert calls.stdin is not None
        assert calls.stdout is not None
        with calls:
            for line in calls.stdout:
                outcome = json.loads(line)
                outcome["wire"] = server.wire()
                outcomes[outcome.pop("call")] = outcome
                calls.stdin.write("\n")
                calls.stdin.flush()
        assert calls.returncode == 0, "the scripted calls have crashed"
    return outcomes


def differences(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    """What differs between two runs: `{call: {part: (ours, theirs)}}`."""
    found: dict[str, Any] = {}
    for call in sorted(set(ours) | set(theirs)):
        mine, other = ours.get(call, {}), theirs.get(call, {})
        parts = {key: (mine.get(key), other.get(key)) for key in mine | other if mine.get(key) != other.get(key)}
        if parts:
            found[call] = parts
    return found
