"""Real nodes in processes of their own: a counting target, masters and workers, ours and stock."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from flaky_wire import Wire
from polling import GENEROUS_S, until
from references import reference_python

PEERS = Path(__file__).parent / "peers"


class Node:
    """A process whose output is read in the background."""

    def __init__(self, python: str | Path, script: str, *arguments: str, env: dict[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            [str(python), str(PEERS / script), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONWARNINGS": "ignore", **(env or {})},
        )
        self.log: list[str] = []
        self._reader = threading.Thread(target=self._read_log, daemon=True)
        self._reader.start()

    def _read_log(self) -> None:
        assert self.process.stderr
        self.log.extend(iter(self.process.stderr.readline, ""))

    def line(self) -> str:
        """The next line of its output."""
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, f"{self.process.args} ended:\n{''.join(self.log)}"
        return line.strip()

    def logged(self, text: str) -> bool:
        return any(text in line for line in self.log)

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def wait(self, timeout_s: float = 30.0) -> int:
        code = self.process.wait(timeout_s)
        self._reader.join(5)
        return code

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join(5)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe:
                pipe.close()


class Target(Node):
    """The counting web server."""

    def __init__(self) -> None:
        super().__init__(sys.executable, "target.py")
        self.url = f"http://127.0.0.1:{self.line()}"

    def served(self) -> int:
        with urllib.request.urlopen(f"{self.url}/count") as answer:
            return int(answer.read())

    def times(self) -> dict[int, list[float]]:
        """Monotonic times of the answers, by process id of the client."""
        with urllib.request.urlopen(f"{self.url}/times") as answer:
            return {int(node or 0): times for node, times in json.loads(answer.read()).items()}


class Master(Node):
    """A master; commands return its state."""

    def __init__(self, python: str | Path, target: Target, **settings: Any) -> None:
        super().__init__(python, "master.py", json.dumps({"host": target.url, "port": 0, **settings}))
        self.port: int = json.loads(self.line())["port"]

    def do(self, command: str, **arguments: Any) -> dict[str, Any]:
        assert self.process.stdin
        self.process.stdin.write(json.dumps({"do": command, **arguments}) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.line())
        return answer

    def state(self) -> dict[str, Any]:
        return self.do("state")

    def until(self, condition: Callable[[dict[str, Any]], Any], timeout_s: float = GENEROUS_S) -> dict[str, Any]:
        """Polls until `condition(state)` holds and returns that state."""
        last: dict[str, Any] = {}

        def holds() -> bool:
            last.clear()
            last.update(self.state())
            return bool(condition(last))

        until(holds, lambda: f"{condition}; last state: {last}\n{''.join(self.log)}", timeout_s)
        return last


class Worker(Node):
    """A worker; `id` is known once it has registered."""

    def __init__(self, python: str | Path, port: int, env: dict[str, str] | None = None, **settings: Any) -> None:
        super().__init__(python, "worker.py", json.dumps({"port": port, **settings}), env=env)

    @property
    def id(self) -> str:
        if not hasattr(self, "_id"):
            self._id = self.line()
        return self._id


class Cluster:
    """Starts nodes and ends them all."""

    def __init__(self, stock: Path) -> None:
        self.pythons: dict[str, str | Path] = {"ours": sys.executable, "stock": stock}
        self.nodes: list[Node] = []
        self.wires: list[Wire] = []
        self.processes: list[subprocess.Popen[bytes]] = []
        self.target = self._keep(Target())

    def _keep(self, node: Any) -> Any:
        self.nodes.append(node)
        return node

    def master(self, kind: str | Path = "ours", **settings: Any) -> Master:
        master: Master = self._keep(Master(self.pythons.get(str(kind), kind), self.target, **settings))
        return master

    def worker(self, port: int, kind: str | Path = "ours", **settings: Any) -> Worker:
        worker: Worker = self._keep(Worker(self.pythons.get(str(kind), kind), port, **settings))
        return worker

    def wire(self, port: int, source: str = "127.0.0.1") -> Wire:
        """A proxy to a port, which connects from another address of this machine."""
        self.wires.append(Wire(port, source))
        return self.wires[-1]

    def process(self, command: list[str]) -> None:
        """A process of another kind, ended with the others."""
        self.processes.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

    def run(self, cwd: Path, *commands: list[str]) -> list[str]:
        """Runs `locust` concurrently with each list of arguments; all must succeed. Returns their outputs."""
        command = [sys.executable, "-m", "locust"]
        pipe = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        started = [subprocess.Popen([*command, *arguments], cwd=cwd, text=True, **pipe) for arguments in commands]
        try:
            outputs = [process.communicate(timeout=120)[0] for process in started]
        finally:
            for process in started:
                process.kill()
                process.wait()
        assert {process.returncode for process in started} == {0}, "\n".join(outputs)
        return outputs

    def workers(self, port: int, count: int, kind: str | Path = "ours", **settings: Any) -> list[Worker]:
        started = [self.worker(port, kind, **settings) for _ in range(count)]
        assert all(worker.id for worker in started)
        return started

    def close(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()
        for node in reversed(self.nodes):
            node.close()
        for wire in self.wires:
            wire.close()


class Fleet:
    """A master and three workers, started as on the command line, in one folder."""

    def __init__(self, folder: Path, port: int, target_url: str) -> None:
        self.folder = folder
        self._port = str(port)
        self._target_url = target_url
        self._processes: list[subprocess.Popen[str]] = []

    def write(self, locustfile: str) -> None:
        (self.folder / "locustfile.py").write_text(locustfile)

    def start(self, *arguments: str, name: str) -> subprocess.Popen[str]:
        with (self.folder / f"{name}.log").open("w") as log:
            command = [sys.executable, "-m", "locust", *arguments]
            self._processes.append(subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log, text=True))
        return self._processes[-1]

    def master(self, *arguments: str, name: str = "master") -> subprocess.Popen[str]:
        run = ["--master", "--master-bind-port", self._port, "--headless", "--expect-workers", "3", "--only-summary"]
        return self.start(*run, "-u", "9", "-r", "100", "--host", self._target_url, *arguments, name=name)

    def workers(self, *arguments: str) -> list[subprocess.Popen[str]]:
        worker = ["--worker", "--master-port", self._port, *arguments]
        return [self.start(*worker, name=f"worker{number}") for number in range(3)]

    def log(self, name: str = "master") -> str:
        return (self.folder / f"{name}.log").read_text()

    def logged(self, text: str, times: int = 1, name: str = "master") -> None:
        until(lambda: self.log(name).count(text) >= times, lambda: f"{times} times {text!r} in:\n{self.log(name)}")

    def counted(self, row: str, name: str = "master") -> int:
        """The number of requests in the last table of a master."""
        found = re.findall(rf"{row} +(\d+) ", self.log(name).split("Response time percentiles")[0])
        return int(found[-1]) if found else 0

    def end(self, process: subprocess.Popen[str]) -> int:
        process.send_signal(signal.SIGTERM)
        return process.wait(60)

    def close(self) -> None:
        for process in self._processes:
            process.kill()
            process.wait()


@pytest.fixture
def cluster(stock_python: Path) -> Iterator[Cluster]:
    cluster = Cluster(stock_python)
    yield cluster
    cluster.close()


@pytest.fixture
def fleet(cluster, tmp_path, free_port) -> Iterator[Fleet]:
    fleet = Fleet(tmp_path, free_port, cluster.target.url)
    yield fleet
    fleet.close()


@pytest.fixture(scope="session")
def old_stock_python() -> Path:
    """The interpreter with stock Locust 2.44.4."""
    return reference_python("2.44.4")
