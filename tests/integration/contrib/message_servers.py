"""Redis, RabbitMQ and a Kafka cluster, each in processes of its own on loopback, as long as a block lasts."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from polling import until


class Running(NamedTuple):
    """A server."""

    url: str
    kill: Callable[[], None]
    """Ends it as a crash would; may be called again."""


def free_ports(count: int) -> list[int]:
    """Ports of the loopback interface on which nothing listens."""
    probes = [socket.socket() for _ in range(count)]
    for probe in probes:
        probe.bind(("127.0.0.1", 0))
    ports = [int(probe.getsockname()[1]) for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def answers(port: int, question: bytes, answer: bytes) -> bool:
    """Whether a server answers so."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as probe:
            probe.sendall(question)
            return probe.recv(64).startswith(answer)
    except OSError:
        return False


@contextmanager
def _started(command: list[Any], **more: Any) -> Iterator[Callable[[], None]]:
    """A group of processes, and what kills it."""
    process = subprocess.Popen(
        command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more
    )

    def kill() -> None:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    try:
        yield kill
    finally:
        kill()


@contextmanager
def redis_server() -> Iterator[Running]:
    """Debian's Redis, without files."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed (Debian: apt-get install redis-server)")
    (port,) = free_ports(1)
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with _started([program, *options]) as kill:
        until(lambda: answers(port, b"PING\r\n", b"+PONG"), "a Redis that answers")
        yield Running(f"redis://127.0.0.1:{port}/0", kill)


@contextmanager
def rabbitmq_server() -> Iterator[Running]:
    """Debian's RabbitMQ, with Erlang's name server on a port of its own."""
    programs = sorted(Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*/sbin/rabbitmq-server"))
    name_server = shutil.which("epmd")
    if not programs or name_server is None:
        pytest.skip("rabbitmq-server is not installed (Debian: apt-get install rabbitmq-server)")
    port, between_nodes, names = free_ports(3)
    with tempfile.TemporaryDirectory(prefix="rabbitmq-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        (home / "rabbitmq.conf").write_text(f"listeners.tcp.1 = 127.0.0.1:{port}\n")
        (home / "plugins").write_text("[].")
        erlang = {"ERL_EPMD_PORT": str(names), "ERL_EPMD_ADDRESS": "127.0.0.1"}
        environment = {
            **os.environ,
            **erlang,
            "HOME": folder,
            "RABBITMQ_NODENAME": f"test{port}@localhost",
            "RABBITMQ_DIST_PORT": str(between_nodes),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "RABBITMQ_CONFIG_FILE": str(home / "rabbitmq"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(home / "plugins"),
            "RABBITMQ_MNESIA_BASE": str(home / "mnesia"),
            "RABBITMQ_LOG_BASE": str(home / "log"),
            "RABBITMQ_PID_FILE": str(home / "pid"),
        }
        # In this group, and not left behind by the broker.
        with (
            _started([name_server, "-address", "127.0.0.1", "-port", str(names)]),
            _started([programs[-1]], env=environment) as kill,
        ):
            # Its answer to words that are not AMQP is the version that it speaks.
            until(lambda: answers(port, b"HELLO\r\n\0", b"AMQP"), "a RabbitMQ that answers", timeout_s=120)
            yield Running(f"amqp://guest:guest@127.0.0.1:{port}/", kill)


@contextmanager
def kafka_cluster() -> Iterator[Running]:
    """The mock cluster of librdkafka: Kafka's protocol from its own client library, without Kafka's broker."""
    with tempfile.TemporaryDirectory(prefix="kafka-") as folder:
        told = Path(folder) / "place"
        with _started([sys.executable, Path(__file__).with_name("kafka_server.py"), told]) as kill:
            until(told.exists, "a Kafka cluster")
            yield Running(told.read_text(), kill)
