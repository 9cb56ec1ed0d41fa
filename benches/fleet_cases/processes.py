"""The processes of the bench: a master as the command line starts it, and simulated workers beside it.

Each runs in a session of its own, because the kernel shares the processor among sessions, and a fleet is many programs.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).parent
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
WORKERS_PER_PROCESS = 2500
FILES_PER_WORKER = 3
"""Upper bound of the files that the connection of a simulated worker takes."""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


class Master:
    """A `locust --master` in a process of its own, which can be killed and started again in the same folder.

    Args:
        folder: For its files.
        is_patient: Whether it waits longer than by default for workers that are late.
        arguments: Of the command.
    """

    def __init__(self, folder: Path, is_patient: bool, arguments: Sequence[str]) -> None:
        self._folder = folder
        self._environment = {**os.environ, "FLEET_IS_PATIENT": "1" if is_patient else ""}
        self.port, self.web_port = free_port(), free_port()
        self._command = [
            *(sys.executable, "-m", "locust", "-f", str(HERE / "locustfile.py"), "--master"),
            *("--master-bind-port", str(self.port), "--web-host", "127.0.0.1", "--web-port", str(self.web_port)),
            *arguments,
        ]
        self.life = 0
        """How often it was started."""

    def start(self) -> None:
        """Starts it, for the first time or again."""
        self.life += 1
        with self._log.open("w") as log:
            self.process = subprocess.Popen(
                self._command, cwd=self._folder, env=self._environment, stdout=log, stderr=log, start_new_session=True
            )

    @property
    def _log(self) -> Path:
        return self._folder / f"master-{self.life}.log"

    def log(self) -> str:
        """What it has said since it was started."""
        return self._log.read_text()

    def has_ramped(self) -> bool:
        """Whether it has said that the ramp is over, with all reports or without those that took too long."""
        return any(line in self.log() for line in ("All users spawned", "Spawning is complete"))

    def cpu_s(self) -> float:
        """CPU seconds of all its threads."""
        return _cpu_s(Path(f"/proc/{self.process.pid}/stat"))

    def loop_cpu_s(self) -> float:
        """CPU seconds of the thread that runs Python, whose limit is one core."""
        return _cpu_s(Path(f"/proc/{self.process.pid}/task/{self.process.pid}/stat"))

    def peak_mib(self) -> float:
        """The most memory that it has had resident."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024

    def kill(self) -> None:
        """Ends it without a chance to do anything."""
        self.process.kill()
        self.process.wait()

    def end(self, timeout_s: float) -> int:
        """Ends it in order; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout_s)


class Simulation:
    """The processes that simulate workers.

    Raises:
        OSError: The limit of open files is too low for so many connections.
    """

    def __init__(self, port: int, workers: int, endpoints: int, requests_per_endpoint: int, kind: str) -> None:
        most = min(workers, WORKERS_PER_PROCESS)
        _allow_files(most * FILES_PER_WORKER)
        self._processes = []
        for first in range(0, workers, most):
            arguments = [port, first, min(most, workers - first), endpoints, requests_per_endpoint]
            self._processes.append(
                subprocess.Popen(
                    [sys.executable, str(HERE / "workers.py"), *map(str, arguments), kind],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    start_new_session=True,
                )
            )

    def facts(self, question: str = "") -> Counter[str]:
        """What all workers have done so far; after the question "look" acknowledgements count anew."""
        running = [process for process in self._processes if process.stdin and not process.stdin.closed]
        for process in running:
            assert process.stdin
            process.stdin.write(f"{question}\n")
            process.stdin.flush()
        return sum((Counter(_answer_of(process)) for process in running), Counter())

    def close(self) -> Counter[str]:
        """Ends the processes; what their workers have done."""
        lines = [process.communicate()[0].splitlines()[-1] for process in self._processes]
        return sum((Counter(json.loads(line)) for line in lines), Counter())


def _answer_of(process: subprocess.Popen[str]) -> dict[str, int]:
    assert process.stdout
    answer: dict[str, int] = json.loads(process.stdout.readline())
    return answer


def _cpu_s(stat: Path) -> float:
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


def _allow_files(wanted: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise OSError(f"so many connections need {wanted} open files, the system allows {hard}: ulimit -Hn")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
