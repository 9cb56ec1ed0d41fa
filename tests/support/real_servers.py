"""Servers from other projects, which the tests start on free ports."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


def _program(name: str, package: str) -> str:
    found = shutil.which(name) or next(
        (str(path) for path in sorted(Path("/usr").glob(f"lib/postgresql/*/bin/{name}"))), None
    )
    if found is None:
        pytest.skip(f"{name} is not installed (Debian: apt-get install {package})")
    return found


@pytest.fixture
def broker_port(free_port: int, tmp_path: Path, until: Any) -> Iterator[int]:
    """The port of a running MQTT broker."""
    mosquitto = _program("mosquitto", "mosquitto")
    config = tmp_path / "mosquitto.conf"
    config.write_text(f"listener {free_port} 127.0.0.1\nallow_anonymous true\n")
    broker = subprocess.Popen([mosquitto, "-c", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: _listens(free_port))
        yield free_port
    finally:
        broker.kill()
        broker.wait()


@pytest.fixture
def postgres_url(free_port: int, tmp_path: Path) -> Iterator[str]:
    """The URL of a running PostgreSQL server without password."""
    initdb, control = _program("initdb", "postgresql"), _program("pg_ctl", "postgresql")
    data = tmp_path / "data"
    tmp_path.chmod(0o755)
    for folder in tmp_path.parents:
        if folder.name.startswith("pytest-"):
            folder.chmod(0o755)
    data.mkdir()
    # PostgreSQL refuses to run as root.
    user = _as_other_user(data)
    run = {"check": True, "stdout": subprocess.DEVNULL, "user": user}
    subprocess.run([initdb, "-D", data, "-A", "trust", "-U", "postgres", "--no-sync"], **run)
    options = f"-p {free_port} -h 127.0.0.1 -k {data} -F"
    subprocess.run([control, "-D", data, "-w", "-l", data / "log", "-o", options, "start"], **run)
    try:
        yield f"postgresql://postgres@127.0.0.1:{free_port}/postgres"
    finally:
        subprocess.run([control, "-D", data, "-m", "immediate", "stop"], **run)


def _as_other_user(folder: Path) -> str | None:
    if os.getuid() != 0:
        return None
    try:
        other = pwd.getpwnam("postgres")
    except KeyError:
        pytest.skip("PostgreSQL refuses to run as root and there is no user postgres")
    os.chown(folder, other.pw_uid, other.pw_gid)
    return "postgres"


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
