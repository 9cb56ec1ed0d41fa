"""Workers written in other languages, built from source here: Boomer (Go) and Locust4j (Java)."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

PEERS = Path(__file__).parent / "peers"
BOOMER_VERSION = "v1.6.0"

pytestmark = [pytest.mark.peer, pytest.mark.timeout(600)]


def _built(command: list[str], folder: Path, what: str) -> None:
    """Runs a build tool; a library that its registry does not hand out skips the test, and says so."""
    finished = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=400)
    output = finished.stdout + finished.stderr
    unavailable = (
        "403 Forbidden",
        "not available",
        "Could not find artifact",
        "No versions available",
        "no such host",
        "dial tcp",
    )
    if finished.returncode and any(text in output for text in unavailable):
        pytest.skip(f"{what} can't be had here: {output.strip()[-300:]}")
    assert finished.returncode == 0, output


@pytest.fixture(scope="module")
def boomer(tmp_path_factory) -> list[str]:
    """The command of a Boomer worker, without its arguments."""
    if not shutil.which("go"):
        pytest.skip("building Boomer needs Go: https://go.dev/dl")
    folder = tmp_path_factory.mktemp("boomer")
    shutil.copy(PEERS / "boomer" / "main.go", folder)
    _built(["go", "mod", "init", "peer"], folder, "Boomer")
    _built(["go", "get", f"github.com/myzhan/boomer@{BOOMER_VERSION}"], folder, "Boomer")
    _built(["go", "build", "-o", "peer", "."], folder, "Boomer")
    return [str(folder / "peer")]


@pytest.fixture(scope="module")
def locust4j(tmp_path_factory) -> list[str]:
    """The command of a Locust4j worker, without its arguments."""
    if not shutil.which("mvn") or not shutil.which("java"):
        pytest.skip("building Locust4j needs a JDK and Maven: https://maven.apache.org")
    folder = tmp_path_factory.mktemp("locust4j") / "peer"
    shutil.copytree(PEERS / "locust4j", folder)
    _built(["mvn", "-q", "-B", "package", "dependency:copy-dependencies"], folder, "Locust4j")
    return ["java", "-cp", f"{folder}/target/peer-1.jar:{folder}/target/dependency/*", "Peer"]


def _drive(cluster, command: list[str]) -> tuple[dict, list[str]]:
    """Two such workers and one of our own: users as asked, stopped, started again, ended."""
    options = {"tags": None, "exclude_tags": None, "expect_workers": 1, "ports": [1, 2], "big": 2**40}
    master = cluster.master(options=options, stop_timeout=2)
    for _ in range(2):
        cluster.process([*command, str(master.port), cluster.target.url])
    master.until(lambda state: len(state["workers"]) == 2, 90)
    master.do("start", users=9, rate=5)
    state = master.until(lambda state: state["users"] == 9 and state["requests"] > 100, 90)
    assert sorted(worker["users"] for worker in state["workers"].values()) == [4, 5]
    state = master.do("stop")
    assert state["users"] == 0
    master.until(lambda state: all(worker["state"] == "ready" for worker in state["workers"].values()), 90)
    master.do("start", users=4, rate=5)
    master.until(lambda state: state["users"] == 4 and state["requests"] > 30, 90)
    return master.do("quit"), master.log


def test_boomer_workers(cluster, boomer):
    state, log = _drive(cluster, boomer)
    assert state["requests"] <= cluster.target.served()
    assert not any("was dropped" in line for line in log)


def test_locust4j_workers(cluster, locust4j):
    state, log = _drive(cluster, locust4j)
    assert state["requests"] <= cluster.target.served()
    assert not any("was dropped" in line for line in log)
