"""MqttUser against a real broker."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable, Iterator
from typing import Any

import gevent
import paho.mqtt.client as paho
import pytest

from locust_rs.contrib.mqtt import MqttClient, MqttUser
from locust_rs.env import Environment

Connect = Callable[..., MqttUser]


@pytest.fixture
def connect(environment: Environment, requests: list[dict[str, Any]], until: Any) -> Iterator[Connect]:
    users: list[MqttUser] = []

    def connected(port: int, **attributes: Any) -> MqttUser:
        cls = type("Subscriber", (MqttUser,), {"host": "127.0.0.1", "port": port, **attributes})
        user = cls(environment)
        users.append(user)
        until(lambda: requests)
        return user

    yield connected
    for user in users:
        user.on_stop()


@pytest.mark.parametrize("protocol", [paho.MQTTv311, paho.MQTTv5], ids=["3.1.1", "5"])
@pytest.mark.parametrize("selectors", [False, True], ids=["select", "selectors"])
def test_everything_is_one_request(
    broker_port: int,
    connect: Connect,
    requests: list[dict[str, Any]],
    until: Any,
    protocol: Any,
    selectors: bool,
) -> None:
    user = connect(broker_port, protocol=protocol, use_loop_selectors=selectors)
    received: list[bytes] = []
    user.client.on_message = lambda client, userdata, message: received.append(message.payload)

    for qos in (0, 1, 2):
        user.client.subscribe(f"t/{qos}", qos)
        user.client.publish(f"t/{qos}", b"hello", qos)
    until(lambda: len(requests) == 7 and len(received) == 3)
    user.client.disconnect()
    until(lambda: len(requests) == 8)

    names = [request["name"] for request in requests]
    assert names[0] == "connect"
    assert names[-1] == "disconnect"
    assert sorted(names[1:-1]) == sorted(
        f"{kind}:{qos}:t/{qos}" for kind in ("publish", "subscribe") for qos in (0, 1, 2)
    )
    assert {request["request_type"] for request in requests} == {"MQTT"}
    assert [request["exception"] for request in requests] == [None] * 8
    (published,) = (request for request in requests if request["name"] == "publish:2:t/2")
    assert published["response_length"] == 5
    assert published["response_time"] > 0
    assert published["context"]["topic"] == "t/2"
    assert published["context"]["client_id"].startswith("locust-")
    assert received == [b"hello"] * 3


def test_a_refused_subscription_is_a_failure(
    broker_port: int, connect: Connect, requests: list[dict[str, Any]], until: Any
) -> None:
    client = connect(broker_port).client
    _, mid = client.subscribe([("secret", 1), ("t/x", 0)])
    # Without a plug-in mosquitto refuses no subscription, so its answer is simulated, before the real one is read.
    client._on_subscribe_cb_v3x(client, None, mid, [0x80])
    assert requests[1]["name"] == "subscribe:1:secret"
    assert "The broker refused the subscription" in str(requests[1]["exception"])


def test_publishing_without_connection_is_a_failure(
    broker_port: int, connect: Connect, requests: list[dict[str, Any]], until: Any
) -> None:
    user = connect(broker_port)
    user.client.disconnect()
    until(lambda: len(requests) == 2)
    user.client.publish("t/x", 42, qos=1)
    until(lambda: len(requests) == 3)
    assert requests[2]["name"] == "publish:1:t/x"
    assert str(requests[2]["exception"]).startswith("MQTT_ERR_NO_CONN: ")


def test_a_broker_that_is_not_there_is_a_failure(
    free_port: int, connect: Connect, requests: list[dict[str, Any]]
) -> None:
    connect(free_port)
    assert requests[0]["name"] == "connect"
    assert "No connection to the broker" in str(requests[0]["exception"])


def test_a_client_that_fails_otherwise_is_a_failure(connect: Connect, requests: list[dict[str, Any]]) -> None:
    user = connect(1883, host="a" * 70 + ".example")
    assert requests[0]["name"] == "connect"
    assert "No connection to the broker: UnicodeError" in str(requests[0]["exception"])
    user.client.loop_stop()


def test_more_clients_connect_than_select_has_room_for(
    broker_port: int, connect: Connect, requests: list[dict[str, Any]], until: Any
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(4_000, hard)), hard))
    # What the other clients of a test have open: a socket and a pair of them each.
    others = [os.open(os.devnull, os.O_RDONLY) for _ in range(1_020)]
    try:
        users = [connect(broker_port) for _ in range(20)]
        until(lambda: len(requests) >= len(users))
        users[-1].client.publish("t/x", b"1", qos=1)
        until(lambda: len(requests) > len(users))
    finally:
        for file in others:
            os.close(file)
    assert {(request["name"], request["exception"]) for request in requests} == {
        ("connect", None),
        ("publish:1:t/x", None),
    }


def test_a_client_class_of_ones_own_names_requests(
    broker_port: int, connect: Connect, requests: list[dict[str, Any]], until: Any
) -> None:
    class Grouped(MqttClient):
        def _generate_event_name(self, event_type: str, qos: int, topic: str) -> str:
            return f"mqtt:{event_type}:{qos}"

    user = connect(broker_port, client_cls=Grouped)
    user.client.publish("t/x", b"1")
    until(lambda: len(requests) == 2)
    assert requests[1]["name"] == "mqtt:publish:0"
    gevent.sleep(0)
