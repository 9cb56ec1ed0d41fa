"""A master and its workers in one process, and how to wait for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import gevent
import pytest

from locust_rs import log
from locust_rs.env import Environment
from locust_rs.runners import MasterRunner, WorkerRunner

Until = Callable[[Callable[[], Any]], None]


@pytest.fixture
def until() -> Until:
    """Polls until a condition holds."""

    def wait(condition: Callable[[], Any]) -> None:
        with gevent.Timeout(30):
            while not condition():
                gevent.sleep(0.02)

    return wait


@pytest.fixture
def started() -> Iterator[Any]:
    """Starts a test under a local runner, and quits it after the test of this suite."""
    runners = []

    def start(*user_classes: Any, users: int = 1, **settings: Any) -> Any:
        log.unhandled_greenlet_exception = False
        environment = Environment(user_classes=list(user_classes))
        for name, value in settings.items():
            setattr(environment, name, value)
        runner = environment.create_local_runner()
        runners.append(runner)
        runner.start(users, 100)
        return runner

    yield start
    for runner in runners:
        runner.quit()
    log.unhandled_greenlet_exception = False


class Cluster:
    """A master with workers that run the same User classes."""

    def __init__(self, user_classes: list[Any], **settings: Any) -> None:
        self._user_classes = user_classes
        self._settings = settings
        self.workers: list[WorkerRunner] = []
        self.master: MasterRunner = self.environment().create_master_runner("127.0.0.1", 0)

    def environment(self) -> Environment:
        return Environment(user_classes=list(self._user_classes), **self._settings)

    def add_worker(self, environment: Environment | None = None) -> WorkerRunner:
        environment = environment or self.environment()
        worker = environment.create_worker_runner("127.0.0.1", self.master.server.port)
        self.workers.append(worker)
        return worker

    def users(self) -> list[int]:
        return [worker.user_count for worker in self.workers]


@pytest.fixture
def cluster_of() -> Iterator[Callable[..., Cluster]]:
    """Makes clusters, and ends them after the test."""
    clusters: list[Cluster] = []

    def make(user_classes: list[Any], workers: int = 1, **settings: Any) -> Cluster:
        cluster = Cluster(user_classes, **settings)
        clusters.append(cluster)
        for _ in range(workers):
            cluster.add_worker()
        return cluster

    yield make
    for cluster in clusters:
        cluster.master.quit()
        for worker in cluster.workers:
            worker.quit()
