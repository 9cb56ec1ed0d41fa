"""Servers from other projects, which the tests start on free ports."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from polling import until

RACES_WITH_SERVERS = pytest.mark.races_with_the_machine(
    "a server of another project starts, dies or returns, and a busy machine may keep it longer than its clients wait"
)


def _program(name: str, package: str) -> str:
    found = shutil.which(name) or next(
        (str(path) for path in sorted(Path("/usr").glob(f"lib/postgresql/*/bin/{name}"))), None
    )
    if found is None:
        pytest.skip(f"{name} is not installed (Debian: apt-get install {package})")
    return found


class Broker:
    """A mosquitto that can be killed and started again.

    Args:
        folder: Where its configuration is written.
        configuration: mosquitto's own; its listeners are on the loopback interface.
        ports: On which it is to listen.
    """

    def __init__(self, folder: Path, configuration: str, *ports: int) -> None:
        self.ports = ports
        self._config = folder / "mosquitto.conf"
        self._config.write_text(configuration)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it and waits until it listens."""
        command = [_program("mosquitto", "mosquitto"), "-c", self._config]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(lambda: all(listens(port) for port in self.ports), "a broker that listens")

    def kill(self) -> None:
        """Ends it at once; may be called again."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextlib.contextmanager
def running_broker(folder: Path, configuration: str, *ports: int) -> Iterator[Broker]:
    """A mosquitto as long as the block lasts."""
    broker = Broker(folder, configuration, *ports)
    try:
        broker.start()
        yield broker
    finally:
        broker.kill()


@pytest.fixture
def broker_port(free_port: int, tmp_path: Path) -> Iterator[int]:
    """The port of a running MQTT broker."""
    with running_broker(tmp_path, f"listener {free_port} 127.0.0.1\nallow_anonymous true\n", free_port):
        yield free_port


class Postgres:
    """A PostgreSQL server without password, with a new folder for its files, which can be killed and started again."""

    def __init__(self, folder: Path, port: int) -> None:
        initdb, self._control = _program("initdb", "postgresql"), _program("pg_ctl", "postgresql")
        self.port = port
        self.url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
        self._data = folder
        # PostgreSQL refuses to run as root.
        self._user = _as_other_user(folder)
        self._run(initdb, "-D", self._data, "-A", "trust", "-U", "postgres", "--no-sync")

    def start(self) -> None:
        """Starts it and waits until it answers."""
        options = f"-p {self.port} -h 127.0.0.1 -k {self._data} -F"
        self._run(self._control, "-D", self._data, "-w", "-l", self._data / "log", "-o", options, "start")

    def kill(self) -> None:
        """Ends it at once, with all connections; may be called again."""
        if (self._data / "postmaster.pid").exists():
            self._run(self._control, "-D", self._data, "-m", "immediate", "stop")

    def _run(self, *command: str | Path) -> None:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, user=self._user)


@contextlib.contextmanager
def running_postgres(port: int) -> Iterator[Postgres]:
    """A PostgreSQL server as long as the block lasts."""
    # Not in pytest's folders: every start of pytest makes those private, and the server is another user.
    with tempfile.TemporaryDirectory(prefix="postgres-") as folder:
        server = Postgres(Path(folder), port)
        try:
            server.start()
            yield server
        finally:
            server.kill()


@pytest.fixture
def postgres_url(free_port: int) -> Iterator[str]:
    """The URL of a running PostgreSQL server without password."""
    with running_postgres(free_port) as server:
        yield server.url


class Program:
    """A server of the tests' own, a Python file that gets its port as its argument, in a process that can be killed."""

    def __init__(self, path: Path, port: int, *args: str) -> None:
        self.port = port
        self._command = [sys.executable, str(path), str(port), *args]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it and waits until it listens."""
        process = self._process = subprocess.Popen(self._command)
        until(lambda: listens(self.port), "a server that listens", hopeless=lambda: process.poll() is not None)

    def kill(self) -> None:
        """Ends it at once; may be called again."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextlib.contextmanager
def running_program(path: Path, port: int, *args: str) -> Iterator[Program]:
    """Such a server as long as the block lasts."""
    server = Program(path, port, *args)
    try:
        server.start()
        yield server
    finally:
        server.kill()


@contextlib.contextmanager
def mute_server() -> Iterator[int]:
    """The port of a TCP server that takes connections and never says a word; at the end it resets them."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(100)
        yield listener.getsockname()[1]


def pick_port() -> int:
    """A TCP port of the loopback interface on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _as_other_user(folder: Path) -> str | None:
    if os.getuid() != 0:
        return None
    try:
        other = pwd.getpwnam("postgres")
    except KeyError:
        pytest.skip("PostgreSQL refuses to run as root and there is no user postgres")
    os.chown(folder, other.pw_uid, other.pw_gid)
    return "postgres"


def listens(port: int) -> bool:
    """Whether something listens there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
