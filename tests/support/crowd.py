"""Users of one class under the real local runner, everything that they report, and what they leave behind."""

from __future__ import annotations

import contextlib
import gc
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import gevent
import psutil

from locust_rs import log
from locust_rs.env import Environment
from locust_rs.runners import LocalRunner
from locust_rs.user.base import User
from polling import GENEROUS_S, until

TEN = 10


@dataclass
class Crowd:
    """A running test."""

    environment: Environment
    runner: LocalRunner
    requests: list[dict[str, Any]] = field(default_factory=list)
    """The arguments of every `request` event, in order."""

    errors: list[BaseException] = field(default_factory=list)
    """Exceptions that left a task or `on_start`."""

    @property
    def good(self) -> list[dict[str, Any]]:
        """The requests that succeeded."""
        return [request for request in self.requests if request["exception"] is None]

    @property
    def failed(self) -> list[dict[str, Any]]:
        """The requests that failed."""
        return [request for request in self.requests if request["exception"] is not None]

    @property
    def users(self) -> list[Any]:
        """The users that run."""
        return [greenlet.args[0] for greenlet in self.runner.user_greenlets]

    def counts(self) -> Counter[str]:
        """Requests by `type name`, of both outcomes."""
        return Counter(f"{request['request_type']} {request['name']}" for request in self.requests)

    def wait_for(self, name: str, times: int) -> None:
        """Waits for so many requests `type name`."""
        self._until(lambda: self.counts()[name] >= times, f"{times} times {name!r}")

    def wait_for_failures(self, times: int) -> list[dict[str, Any]]:
        """Waits for so many failed requests."""
        self._until(lambda: len(self.failed) >= times, f"{times} failures")
        return self.failed

    def _until(self, condition: Callable[[], bool], wanted: str) -> None:
        until(condition, lambda: f"{wanted}: {self.counts()} {self.errors}", hopeless=lambda: bool(self.errors))

    def stop(self) -> None:
        """Ends all users, which must neither take long nor raise anything."""
        with gevent.Timeout(GENEROUS_S, AssertionError("a user could not be stopped")):
            self.runner.stop()
        assert self.runner.user_count == 0
        assert self.errors == []
        assert not log.unhandled_greenlet_exception, "a user ended with an exception, in its on_stop perhaps"


@contextlib.contextmanager
def crowd(user_class: type[User], count: int = TEN, host: str | None = None) -> Iterator[Crowd]:
    """Starts so many users at once; the block begins when all run, and they are stopped at its end."""
    log.unhandled_greenlet_exception = False
    environment = Environment(user_classes=[user_class], host=host)
    seen = Crowd(environment, environment.create_local_runner())
    environment.events.request.add_listener(lambda **request: seen.requests.append(request))
    environment.events.user_error.add_listener(lambda exception, **kwargs: seen.errors.append(exception))
    seen.runner.start(count, spawn_rate=count)
    try:
        until(lambda: seen.runner.user_count == count, lambda: f"{count} users: {seen.runner.user_count}")
        yield seen
        seen.stop()
    finally:
        seen.runner.quit()


def connections_to(port: int) -> int:
    """How many connections this process has to a port of the loopback interface."""
    mine = psutil.Process().net_connections(kind="tcp")
    return sum(bool(one.raddr) and one.raddr.port == port and one.status == "ESTABLISHED" for one in mine)


def leaves_no_connection(port: int, but: int = 0) -> None:
    """Waits until this process has no connection to the port, but so many of the test's own.

    What only the garbage collector knows is collected: clients leave sockets in cycles with their exceptions.
    """

    def are_gone() -> bool:
        return connections_to(port) == but or (gc.collect() >= 0 and connections_to(port) == but)

    until(are_gone, lambda: f"the end of {connections_to(port) - but} connections")
