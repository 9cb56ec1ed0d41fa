"""Workers written in other languages, built from source here: Boomer (Go) and Locust4j (Java)."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from .foreign_sources import BOOMER, LOCUST4J, speak_locust_2

PEERS = Path(__file__).parent / "peers"

pytestmark = [pytest.mark.peer, pytest.mark.timeout(600)]


def _built(command: list[str], folder: Path, what: str) -> str:
    """Runs a build tool and returns what it prints.

    If a library is not available from its registry, the test is skipped with that reason.
    """
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
    return finished.stdout


@pytest.fixture(scope="module")
def boomer(tmp_path_factory) -> list[str]:
    """The command of a Boomer worker, without its arguments."""
    if not shutil.which("go"):
        pytest.skip("building Boomer needs Go: https://go.dev/dl")
    folder = tmp_path_factory.mktemp("boomer") / "source"
    # The versions are in go.mod, so a module proxy does not need to list others.
    shutil.copytree(PEERS / "boomer", folder)
    described = _built(["go", "mod", "download", "-json", "github.com/myzhan/boomer"], folder, "Boomer")
    shutil.copytree(json.loads(described)["Dir"], folder / "boomer")
    # The module cache is read-only.
    for path in [folder / "boomer", *(folder / "boomer").rglob("*")]:
        path.chmod(0o755)
    speak_locust_2(folder / "boomer", BOOMER)
    (folder / "boomer" / "go.mod").write_text("module github.com/myzhan/boomer\n")
    _built(["go", "mod", "edit", "-replace", "github.com/myzhan/boomer=./boomer"], folder, "Boomer")
    _built(["go", "build", "-o", "peer", "."], folder, "Boomer")
    return [str(folder / "peer")]


@pytest.fixture(scope="module")
def locust4j(tmp_path_factory) -> list[str]:
    """The command of a Locust4j worker, without its arguments."""
    if not shutil.which("mvn") or not shutil.which("java"):
        pytest.skip("building Locust4j needs a JDK and Maven: https://maven.apache.org")
    folder = tmp_path_factory.mktemp("locust4j") / "peer"
    shutil.copytree(PEERS / "locust4j", folder)
    maven = ["mvn", "-q", "-B"]
    sources = ["-Dartifact=com.github.myzhan:locust4j:1.0.14:jar:sources", "-DoutputDirectory=src/main/java"]
    _built([*maven, "dependency:unpack", *sources], folder, "Locust4j")
    speak_locust_2(folder / "src/main/java/com/github/myzhan/locust4j", LOCUST4J)
    _built([*maven, "package", "dependency:copy-dependencies"], folder, "Locust4j")
    return ["java", "-cp", f"{folder}/target/peer-1.jar:{folder}/target/dependency/*", "Peer"]


def _drive(cluster, command: list[str], kind: str = "ours") -> tuple[dict, list[str]]:
    """A master with two such workers: the users asked for, stopped, started again, ended."""
    options = {
        "tags": None,
        "exclude_tags": None,
        "expect_workers": 1,
        "enable_rebalancing": False,
        "ports": [1, 2],
        "big": 2**40,
    }
    master = cluster.master(kind, options=options, stop_timeout=2)
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


@pytest.mark.parametrize("peer", ["boomer", "locust4j"])
def test_workers_of_other_languages(cluster, peer, request):
    state, log = _drive(cluster, request.getfixturevalue(peer))
    assert 0 < state["requests"] <= cluster.target.served()
    assert not any("was dropped" in line for line in log)


@pytest.mark.stock
@pytest.mark.parametrize("peer", ["boomer", "locust4j"])
def test_stock_masters_understand_them_too(cluster, peer, request):
    """The patched sources use the messages of Locust 2."""
    state, _ = _drive(cluster, request.getfixturevalue(peer), "stock")
    assert 0 < state["requests"] <= cluster.target.served()
