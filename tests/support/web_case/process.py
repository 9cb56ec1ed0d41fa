"""Real processes: the counting target, and `locust` with its web UI, ours or stock."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from polling import until

HERE = Path(__file__).resolve().parent
LOCUSTFILES = HERE / "locustfiles"
PATIENCE_S = 60
"""The limit, on a busy machine, after which anything counts as broken."""


class Target:
    """The server under test."""

    def __init__(self) -> None:
        # An interpreter of its own without gevent, because the target must not share the generator's event loop.
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "target.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.url = f"http://127.0.0.1:{int(self.process.stdout.readline())}"

    def served(self) -> dict[str, int]:
        """Requests served per path."""
        return requests.get(f"{self.url}/count", timeout=PATIENCE_S).json()

    def close(self) -> None:
        """Ends it."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(PATIENCE_S)
        self.process.stdout.close()


@contextmanager
def target() -> Iterator[Target]:
    """A target for the duration of a block."""
    started = Target()
    try:
        yield started
    finally:
        started.close()


class Locust:
    """One `locust` process; with a web UI unless it is a worker."""

    def __init__(
        self,
        arguments: list[str],
        log: Path,
        *,
        python: str | Path = sys.executable,
        port: int | None = None,
        environment: dict[str, str] | None = None,
        scheme: str = "http",
    ) -> None:
        self.log = log
        self._is_ours = str(python) == sys.executable
        self.url = f"{scheme}://127.0.0.1:{port}"
        web = ["--web-host", "127.0.0.1", "--web-port", str(port)] if port else []
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("LOCUST", "SSL_"))}
        with log.open("w") as out:
            self.process = subprocess.Popen(
                [str(python), "-m", "locust", *arguments, *web],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env={**clean, "LOCUST_NO_HISTORY": "true", **(environment or {})},
            )

    def wait_until_it_answers(self, path: str = "/login", **kwargs: Any) -> None:
        """Returns once the web UI serves."""

        def answers() -> bool:
            if self.process.poll() is not None:
                raise AssertionError(f"locust ended with {self.process.returncode}:\n{self.log.read_text()}")
            try:
                requests.get(self.url + path, timeout=PATIENCE_S, **kwargs)
            except requests.ConnectionError:
                return False
            return True

        until(answers, "the web UI answers")

    def get(self, path: str) -> Any:
        """The JSON of a route."""
        return requests.get(self.url + path, timeout=PATIENCE_S).json()

    def post(self, path: str, **kwargs: Any) -> requests.Response:
        """Posts to a route."""
        return requests.post(self.url + path, timeout=PATIENCE_S, **kwargs)

    def template_args(self) -> dict[str, Any]:
        """The data of the page, whichever build it is."""
        page = requests.get(self.url, timeout=PATIENCE_S).text
        for start in ('id="template-args">', "window.templateArgs = "):
            _, found, rest = page.partition(start)
            if found:
                args: dict[str, Any] = json.JSONDecoder().raw_decode(rest.strip())[0]
                return args
        raise AssertionError(f"no template args in {page[:500]}")

    def close(self) -> None:
        """Ends it like Ctrl-C."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                # Stock does not always end.
                if self._is_ours:
                    raise


@contextmanager
def locust(arguments: list[str], log: Path, **kwargs: Any) -> Iterator[Locust]:
    """A process for the duration of a block; it serves when the block begins."""
    started = Locust(arguments, log, **kwargs)
    try:
        if kwargs.get("port"):
            started.wait_until_it_answers()
        yield started
    finally:
        started.close()
