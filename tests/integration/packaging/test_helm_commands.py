"""The chart's own commands, variables, mounts and probes in the image: workers join, leave, and outlive a master."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from helm_chart import CHART, Release
from image.containers import Container, Pod
from polling import until

pytestmark = [pytest.mark.root, pytest.mark.timeout(900)]

MASTER = "shop-locust-rs-master"

LOCUSTFILE = """
from locust import FastHttpUser, constant, task

class Visitor(FastHttpUser):
    wait_time = constant(0.05)

    @task
    def look(self):
        self.client.get("/")
"""


class Cluster:
    """Starts the containers of a release, all in one pod's network."""

    def __init__(self, pod: Pod, release: Release, locustfiles: Path) -> None:
        self.pod = pod
        self._release = release
        self._mounts = {"/mnt/locust": locustfiles}

    def start(self, name: str) -> Container:
        container = self._release.container(name)
        environment = self._release.environment(name) if "env" in container else {}
        command = container.get("command", [])
        return self.pod.start(*container["args"], command=command, environment=environment, mounts=self._mounts)

    def is_ready(self) -> bool:
        """Does what the kubelet does with the master's readiness probe."""
        container = self._release.container("master")
        probe = container["readinessProbe"]
        numbers = {port["name"]: port["containerPort"] for port in container["ports"]}
        if "httpGet" in probe:
            check = probe["httpGet"]
            return 200 <= self.pod.get(f"http://{MASTER}:{numbers[check['port']]}{check['path']}")[0] < 400
        connect = (
            f"import socket; socket.create_connection(('127.0.0.1', {numbers[probe['tcpSocket']['port']]})).close()"
        )
        command = ["ip", "netns", "exec", self.pod.namespace, sys.executable, "-IS", "-c", connect]
        return subprocess.run(command, capture_output=True, timeout=60).returncode == 0


@pytest.fixture
def make_cluster(make_pod: Callable[..., Pod], tmp_path: Path) -> Callable[..., Cluster]:
    def make(values: str, *options: str) -> Cluster:
        release = Release("--values", str(CHART / "ci" / values), *options)
        files = tmp_path / "files"
        files.mkdir()
        (files / "locustfile.py").write_text(LOCUSTFILE)
        (files / "more.py").write_text("")
        pod = make_pod("site.example", MASTER)
        pod.serve(8080)
        return Cluster(pod, release, files)

    return make


def test_workers_join_leave_under_load_and_outlive_their_master(make_cluster: Callable[..., Cluster]) -> None:
    run = "--set", "master.args={--autostart,--expect-workers=2,--users=6,--spawn-rate=6}"
    cluster = make_cluster("web-ui.yaml", *run)
    master = cluster.start("master")
    leaving, staying = cluster.start("worker"), cluster.start("worker")
    until(cluster.is_ready, lambda: f"readiness:\n{master.log}")
    master.says("All users spawned")
    check = cluster.start("test")
    assert check.exit_code() == 0, check.log
    assert "2 workers have joined" in check.log
    # Scaling down.
    leaving.send(signal.SIGTERM)
    assert leaving.exit_code() == 0, leaving.log
    master.says("is leaving: its users go to the others")
    until(lambda: master.log.count("All users spawned") == 2, lambda: f"6 users on one worker:\n{master.log}")
    # A node that fails takes the master's pod with it, and another one starts.
    master.send(signal.SIGKILL)
    master.exit_code()
    again = cluster.start("master")
    until(cluster.is_ready, lambda: f"readiness:\n{again.log}")
    again.says("reported as ready")
    assert staying.process.poll() is None
    again.send(signal.SIGTERM)
    assert staying.exit_code() == 0, staying.log


def test_a_headless_run_is_ready_before_it_starts_and_ends_all_its_pods(make_cluster: Callable[..., Cluster]) -> None:
    cluster = make_cluster("headless.yaml")
    master = cluster.start("master")
    until(cluster.is_ready, lambda: f"readiness:\n{master.log}")
    workers = [cluster.start("worker") for _ in range(3)]
    master.says("All users spawned")
    check = cluster.start("test")
    assert check.exit_code() == 0, check.log
    assert cluster.is_ready()
    assert master.exit_code() == 0, master.log
    assert [worker.exit_code() for worker in workers] == [0, 0, 0]
    assert "WARNING" not in master.log
    assert "Aggregated" in master.log
