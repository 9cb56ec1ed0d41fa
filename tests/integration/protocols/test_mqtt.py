"""MqttUser against mosquitto: every transport and version, a broker that dies, users that do not hold each other."""

from __future__ import annotations

import contextlib
import resource
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest
import trustme
from gevent.event import Event

from crowd import TEN, Crowd, crowd, leaves_no_connection
from locust_rs import constant, task
from locust_rs.contrib.mqtt import MqttUser
from polling import GENEROUS_S, until
from real_servers import RACES_WITH_SERVERS, Broker, mute_server, pick_port, running_broker

pytestmark = RACES_WITH_SERVERS

# Root may be needed to read the key; without root mosquitto ignores the line.
CONFIGURATION = """user root
allow_anonymous true
listener {tcp} 127.0.0.1
listener {tls} 127.0.0.1
certfile {folder}/server.pem
keyfile {folder}/server.key
listener {websockets} 127.0.0.1
protocol websockets
listener {secure_websockets} 127.0.0.1
protocol websockets
certfile {folder}/server.pem
keyfile {folder}/server.key
"""


class Brokers:
    """One mosquitto with a listener per transport.

    Its attributes are ports, and `trust` is a TLS context that trusts its certificate.
    """

    def __init__(self, folder: Path) -> None:
        authority = trustme.CA()
        certificate = authority.issue_cert("127.0.0.1")
        certificate.private_key_pem.write_to_path(folder / "server.key")
        certificate.cert_chain_pems[0].write_to_path(folder / "server.pem")
        self.trust = ssl.create_default_context()
        authority.configure_trust(self.trust)
        names = ("tcp", "tls", "websockets", "secure_websockets")
        self.ports = {name: pick_port() for name in names}
        self.configuration = CONFIGURATION.format(folder=folder, **self.ports)


@pytest.fixture(scope="module", autouse=True)
def _many_files() -> None:
    """A thousand clients and their broker have more open files than a shell allows at first."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard if hard < 10_000 else max(soft, 10_000), hard))


@pytest.fixture(scope="module")
def brokers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Brokers]:
    folder = tmp_path_factory.mktemp("broker")
    made = Brokers(folder)
    with running_broker(folder, made.configuration, *made.ports.values()):
        yield made


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """One of its own for a test that kills it."""
    port = pick_port()
    with running_broker(tmp_path, f"listener {port} 127.0.0.1\nallow_anonymous true\n", port) as running:
        yield running


class Sensor(MqttUser):
    """Tells its temperature with every quality of service, and listens for orders."""

    abstract = True
    host = "127.0.0.1"
    wait_time = constant(0.02)

    def on_start(self) -> None:
        until(self.client.is_connected, "a connection")
        self.client.subscribe("rooms/+/orders", qos=1)

    @task
    def tell(self) -> None:
        for qos in (0, 1, 2):
            self.client.publish(f"rooms/{qos}", b"21.5", qos)


@contextlib.contextmanager
def listener(port: int, topic: str) -> Iterator[list[bytes]]:
    """What a client beside the test receives."""
    received: list[bytes] = []
    client = paho.Client(paho.CallbackAPIVersion.VERSION2)
    client.on_message = lambda client, userdata, message: received.append(message.payload)
    subscribed: list[Any] = []
    client.on_subscribe = lambda *arguments: subscribed.append(arguments)
    client.connect("127.0.0.1", port)
    client.loop_start()
    client.subscribe(topic, qos=2)
    until(lambda: subscribed, "a subscription")
    yield received
    client.disconnect()
    client.loop_stop()


@pytest.mark.parametrize("protocol", [paho.MQTTv311, paho.MQTTv5], ids=["3.1.1", "5"])
@pytest.mark.parametrize("transport", ["tcp", "tls", "websockets", "secure_websockets"])
def test_ten_users_publish_at_once(brokers: Brokers, transport: str, protocol: Any) -> None:
    attributes = {
        "port": brokers.ports[transport],
        "transport": "websockets" if "websockets" in transport else "tcp",
        "tls_context": brokers.trust if transport in ("tls", "secure_websockets") else None,
        "protocol": protocol,
    }
    with listener(brokers.ports["tcp"], "rooms/#") as received:
        began = time.time()
        with crowd(type("TransportSensor", (Sensor,), attributes)) as seen:
            for qos in (0, 1, 2):
                seen.wait_for(f"MQTT publish:{qos}:rooms/{qos}", 3 * TEN)
            seen.wait_for("MQTT subscribe:1:rooms/+/orders", TEN)
            until(lambda: len({r["context"]["client_id"] for r in seen.requests if "publish" in r["name"]}) == TEN)
        ended = time.time()
        published = [request for request in seen.requests if request["name"].startswith("publish:")]
        # What was on its way when the users stopped was sent, but not reported.
        until(lambda: len(received) >= len(published), lambda: f"{len(published)} messages: {len(received)}")
    assert seen.counts()["MQTT connect"] == TEN
    assert seen.counts()["MQTT disconnect"] == 0
    assert seen.failed == []
    assert {request["response_length"] for request in published} == {len(b"21.5")}
    assert all(0 <= request["response_time"] <= (ended - began) * 1000 for request in seen.requests)
    assert all(request["response_time"] > 0 for request in seen.requests if "publish:2" in request["name"])
    assert set(received) == {b"21.5"}
    leaves_no_connection(brokers.ports[transport])


def connected(seen: Crowd) -> int:
    return sum(user.client.is_connected() for user in seen.users)


def test_users_survive_a_broker_that_dies_and_returns(broker: Broker) -> None:
    (port,) = broker.ports
    with crowd(type("PatientSensor", (Sensor,), {"port": port, "wait_time": constant(0.1)})) as seen:
        seen.wait_for("MQTT subscribe:1:rooms/+/orders", TEN)
        seen.wait_for("MQTT publish:1:rooms/1", TEN)
        broker.kill()
        until(lambda: len({r["context"]["client_id"] for r in seen.failed}) == TEN, "a failure of each user")
        broker.start()
        until(lambda: connected(seen) == TEN, "users that connect anew")
        before = len(seen.good)
        until(lambda: len(seen.good) > before + 3 * TEN, "messages after that")
        # Messages that had failed for want of a broker were sent at last. They stay failed, and leave no trace behind.
        until(lambda: not any(user.client._early_answers for user in seen.users), "no answers without a question")
    assert {request["exception"].args[0].partition(":")[0] for request in seen.failed} <= {
        "MQTT_ERR_NO_CONN",
        "MQTT_ERR_CONN_LOST",
        "The connection was lost",
        "No connection to the broker",
    }
    leaves_no_connection(port)


def test_users_stop_without_a_broker(broker: Broker) -> None:
    (port,) = broker.ports
    with crowd(type("LonelySensor", (Sensor,), {"port": port})) as seen:
        seen.wait_for("MQTT subscribe:1:rooms/+/orders", TEN)
        seen.wait_for("MQTT publish:2:rooms/2", TEN)
        broker.kill()
        seen.wait_for_failures(TEN)
        loops = [user.client._thread for user in seen.users]
    until(lambda: not any(loop.is_alive() for loop in loops), "the end of the clients' loops")


# paho leaves the socket of a failed handshake to the garbage collector.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_slow_call_of_one_user_does_not_hold_the_others(brokers: Brokers) -> None:
    """The slow call is a TLS handshake with a server that does not answer."""
    began, ended = Event(), Event()

    class Mixed(Sensor):
        port = brokers.ports["tcp"]

        def on_start(self) -> None:
            super().on_start()
            if not began.is_set():
                began.set()
                slow = paho.Client(paho.CallbackAPIVersion.VERSION2)
                slow.tls_set_context(brokers.trust)
                with contextlib.suppress(OSError):
                    slow.connect("127.0.0.1", mute)
                ended.set()

    with contextlib.ExitStack() as silence:
        mute = silence.enter_context(mute_server())
        with crowd(Mixed) as seen:
            began.wait()
            before = seen.counts()["MQTT publish:1:rooms/1"]
            seen.wait_for("MQTT publish:1:rooms/1", before + 5 * TEN)
            assert not ended.is_set()
            silence.close()
            assert ended.wait(GENEROUS_S)


def test_a_thousand_clients(brokers: Brokers) -> None:
    class Many(Sensor):
        port = brokers.ports["tcp"]
        wait_time = constant(600)

    with crowd(Many, count=1_000) as seen:
        seen.wait_for("MQTT publish:2:rooms/2", 1_000)
        assert connected(seen) == 1_000
    assert seen.failed == []
    leaves_no_connection(Many.port)
