"""The examples for Redis, AMQP and Kafka: ten users against a server of their own, which is killed in mid-run."""

from __future__ import annotations

import gc
import importlib.util
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import gevent
import pytest

from locust_rs.env import Environment
from locust_rs.user.base import User
from polling import GENEROUS_S
from real_servers import RACES_WITH_SERVERS

from .message_servers import Running, kafka_cluster, rabbitmq_server, redis_server

pytestmark = RACES_WITH_SERVERS

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


def user_classes(example: str) -> list[type[User]]:
    """The user classes of an example, in a module of its own."""
    spec = importlib.util.spec_from_file_location(example.removesuffix(".py"), EXAMPLES / example)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found = vars(module).values()
    return [cls for cls in found if isinstance(cls, type) and issubclass(cls, User) and not cls.abstract]


# redis-py and pika leave a socket that broke to the garbage collector, which is run before the test ends.
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.parametrize(
    ("example", "server", "expected"),
    [
        pytest.param(
            "redis_commands.py", redis_server, {("Redis", "SET"), ("Redis", "GET"), ("Redis", "INCR")}, id="Redis"
        ),
        pytest.param(
            "amqp_queue.py", rabbitmq_server, {("AMQP", "connect"), ("AMQP", "publish"), ("AMQP", "take")}, id="AMQP"
        ),
        pytest.param("kafka_topic.py", kafka_cluster, {("Kafka", "send orders"), ("Kafka", "read orders")}, id="Kafka"),
    ],
)
def test_example_reports_its_requests_and_the_death_of_the_server(
    example: str,
    server: Callable[[], AbstractContextManager[Running]],
    expected: set[tuple[str, str]],
    until: Any,
) -> None:
    run_until_the_death(example, server, expected, until)
    gc.collect()


def run_until_the_death(
    example: str,
    server: Callable[[], AbstractContextManager[Running]],
    expected: set[tuple[str, str]],
    until: Any,
) -> None:
    """Runs ten users; kills the server when every kind of request has been seen, and stops the users after failures."""
    requests: list[dict[str, Any]] = []
    errors: list[Any] = []

    def failed() -> list[dict[str, Any]]:
        return [request for request in requests if request["exception"] is not None]

    with server() as running:
        environment = Environment(user_classes=user_classes(example), host=running.url)
        environment.events.request.add_listener(lambda **request: requests.append(request))
        environment.events.user_error.add_listener(lambda exception, **_: errors.append(exception))
        runner = environment.create_local_runner()
        runner.start(10, spawn_rate=10)
        until(
            lambda: (
                {(request["request_type"], request["name"]) for request in requests} == expected
                and len(requests) >= 100
            ),
            lambda: f"{expected}, not only {Counter(r['name'] for r in requests)} {errors} {failed()[:3]}",
            hopeless=lambda: bool(errors or failed()),
        )
        assert all(request["response_time"] >= 0 for request in requests)
        lengths = {request["name"]: request["response_length"] for request in requests}
        carried = {"GET", "publish", "take", "send orders", "read orders"} & lengths.keys()
        assert {lengths[name] for name in carried} == {len("three apples")}
        running.kill()
        until(lambda: len(failed()) >= 10, lambda: f"failures: {errors}", hopeless=lambda: bool(errors))
        assert runner.user_count == 10
        with gevent.Timeout(GENEROUS_S, AssertionError("a user could not be stopped")):
            runner.quit()
    assert runner.user_count == 0
    assert errors == []
