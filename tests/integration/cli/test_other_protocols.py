"""Whole runs of `locust` with the users of `locust.contrib`, as example locustfiles have them, against real servers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import gevent
import pytest
import socketio
from gevent.pywsgi import WSGIServer

from polling import until as poll
from real_servers import broker_port, postgres_url

from .conftest import Shell

__all__ = ["broker_port", "postgres_url"]

# Reads its address from the environment, as files do that run elsewhere too.
ACCOUNTS = """
import os, random
from locust import TaskSet, between, events, task
from locust.contrib.postgres import PostgresClient, PostgresUser

@events.test_start.add_listener
def make_table(environment, **kwargs):
    client = PostgresClient(os.environ["DATABASE"])
    client.execute_query("create table accounts (id int primary key, balance int)")
    client.execute_query("insert into accounts select number, 100 from generate_series(1, 50) number")
    client.close()

class Bookings(TaskSet):
    @task(3)
    def look(self):
        self.client.execute_query(f"select balance from accounts where id = {random.randint(1, 50)}")

    @task
    def book(self):
        self.client.execute_query(f"update accounts set balance = balance + 1 where id = {random.randint(1, 50)}")

class Clerk(PostgresUser):
    conn_string = os.environ["DATABASE"]
    wait_time = between(0.01, 0.02)
    tasks = [Bookings]
"""

SENSORS = """
import os, time
from locust import between, task
from locust.contrib.mqtt import MqttUser

class Sensor(MqttUser):
    host = "127.0.0.1"
    port = int(os.environ["BROKER"])
    wait_time = between(0.05, 0.1)

    def on_start(self):
        while not self.client.is_connected():
            time.sleep(0.05)
        self.client.subscribe("rooms/#", qos=1)

    @task
    def tell(self):
        self.client.publish("rooms/1", b"21.5", qos=1)
"""

CHAT = """
from locust import between, task
from locust.contrib.socketio import SocketIOUser

class Chatter(SocketIOUser):
    wait_time = between(0.05, 0.1)
    options = {"reconnection": False}

    def on_start(self):
        self.sio.connect(self.host)
        self.sio.on("reply", lambda data: None)

    @task
    def chat(self):
        self.sio.emit("hello", {"text": "hi"})
        self.sio.call("hello", {"text": "hi"})

    def on_stop(self):
        self.sio.disconnect()
"""


@pytest.fixture
def until() -> Any:
    """What the broker waits with."""
    return poll


@pytest.fixture
def chat_url() -> Iterator[str]:
    """A server that answers."""
    server = socketio.Server(async_mode="gevent")
    server.on("hello", lambda session, data: gevent.spawn(server.emit, "reply", data, to=session) and "ack")
    wsgi = WSGIServer(("127.0.0.1", 0), socketio.WSGIApp(server), log=None)
    wsgi.start()
    yield f"http://127.0.0.1:{wsgi.server_port}"
    wsgi.stop(timeout=0.1)
    server.shutdown()


def run(shell: Shell, source: str, *args: str, **variables: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Runs a file with five users for two seconds.

    Returns:
        The rows of the statistics by type and name.
    """
    shell.write("file.py", source)
    done = shell.run("-f", "file.py", "--headless", "-u5", "-r5", "-t2", "--json", "--skip-log", *args, env=variables)
    assert done.code == 0, done.out + done.err
    return {(row["method"], row["name"]): row for row in json.loads(done.out)}


def test_postgresql(shell: Shell, postgres_url: str) -> None:
    rows = run(shell, ACCOUNTS, DATABASE=postgres_url)
    assert list(rows) == [("postgres_success", "execute_query")]
    assert rows["postgres_success", "execute_query"]["num_requests"] > 50


def test_mqtt(shell: Shell, broker_port: int) -> None:
    rows = run(shell, SENSORS, BROKER=str(broker_port))
    assert set(rows) >= {("MQTT", "connect"), ("MQTT", "subscribe:1:rooms/#"), ("MQTT", "publish:1:rooms/1")}
    assert rows["MQTT", "connect"]["num_requests"] == 5
    assert rows["MQTT", "publish:1:rooms/1"]["num_requests"] > 20


def test_socketio(shell: Shell, chat_url: str) -> None:
    rows = run(shell, CHAT, "--host", chat_url)
    assert {name for _, name in rows} >= {"hello"}
    assert not any(row["num_failures"] for row in rows.values())
