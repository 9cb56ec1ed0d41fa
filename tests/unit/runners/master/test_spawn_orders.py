"""Which workers are sent which orders in a step of a ramp."""

from __future__ import annotations

import logging
from argparse import Namespace
from types import SimpleNamespace

import msgpack
import pytest

from locust_rs.runners.master.spawn_orders import SpawnOrders
from locust_rs.stats import RequestStats
from locust_rs.stats.groups import count_by_group
from locust_rs.user.turnstile import Turnstile

HOSTS = {"host": "http://shop.example", "stop_timeout": 3.0}
OPTIONS = {"tags": ["checkout"], "custom": 7}


@pytest.fixture
def master():
    """A master for orders, with a locust-rs worker, a stock worker, and one in another language."""
    kinds = {"native": (True, False), "stock": (False, False), "foreign": (False, True)}
    clients = {
        name: SimpleNamespace(is_locust_rs=is_ours, is_foreign=foreign) for name, (is_ours, foreign) in kinds.items()
    }
    limits = {"iterations": None, "intended_start": False, "turnstile": Turnstile(), "stats": RequestStats()}
    environment = SimpleNamespace(**HOSTS, **limits, parsed_options=Namespace(**OPTIONS, unpackable=logging))
    sent = []
    return SimpleNamespace(
        environment=environment, clients=clients, sent=sent, _send=sent.append, reported_user_classes_count={}
    )


@pytest.fixture
def orders(master):
    orders = SpawnOrders(master)
    orders.begin_test()
    return orders


def told(master):
    """The orders sent since the last call, by worker, as a worker decodes them."""
    orders = {}
    for message in master.sent:
        message_type, order, worker_id = msgpack.unpackb(message.serialize())
        assert (message_type, worker_id) == ("spawn", message.node_id)
        assert order == message.data
        orders[worker_id] = order
    master.sent.clear()
    return orders


def step(**users):
    return {worker: {"Shopper": count} for worker, count in users.items()}


def test_each_kind_of_worker_gets_what_it_understands(master, orders):
    orders.send(step(native=1, stock=2, foreign=3))
    first = told(master)
    timestamps = [order.pop("timestamp") for order in first.values()]
    assert timestamps == sorted(set(timestamps))
    assert first == {
        "native": {"user_classes_count": {"Shopper": 1}, **HOSTS, "test": orders.test, "parsed_options": OPTIONS},
        "stock": {"user_classes_count": {"Shopper": 2}, **HOSTS, "test": orders.test, "parsed_options": OPTIONS},
        "foreign": {"user_classes_count": {"Shopper": 3}, **HOSTS, "parsed_options": {}},
    }


def test_only_workers_whose_users_change_are_told(master, orders):
    orders.send(step(native=1, stock=1))
    told(master)
    orders.send(step(native=1, stock=2))
    assert list(told(master)) == ["stock"]


def test_a_native_worker_hears_of_options_once_and_again_when_they_change(master, orders):
    orders.options_may_have_changed()
    orders.send(step(native=1, stock=1))
    told(master)
    orders.send(step(native=2, stock=2))
    later = told(master)
    assert "parsed_options" not in later["native"]
    assert later["stock"]["parsed_options"] == OPTIONS
    master.environment.parsed_options.custom = 8
    orders.options_may_have_changed()
    orders.send(step(native=2, stock=2))
    assert told(master)["native"]["parsed_options"] == {**OPTIONS, "custom": 8}


def test_an_edited_host_reaches_the_workers_with_the_next_step(master, orders):
    orders.send(step(native=1))
    told(master)
    master.environment.host = "http://other.example"
    orders.send(step(native=2))
    assert told(master)["native"]["host"] == "http://other.example"


def test_orders_say_what_is_wanted_beyond_users(master, orders):
    orders.send({"native": {"Shopper": 1}})
    assert not {"iterations", "intended_start", "grouped_by", "paused"} & told(master)["native"].keys()
    master.environment.iterations = 40
    master.environment.intended_start = True
    count_by_group(master.environment.stats, {"tag": [], "class": ["Shopper"]})
    master.environment.turnstile.pause()
    orders.send({"native": {"Shopper": 2}})
    order = told(master)["native"]
    assert (order["iterations"], order["intended_start"], order["paused"]) == (40, True, True)
    assert order["grouped_by"] == ["class", "tag"]
