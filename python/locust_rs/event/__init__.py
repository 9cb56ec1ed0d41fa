"""Event hooks: how a locustfile listens to what happens in a load test."""

from locust_rs._neighbours import lend_neighbours
from locust_rs.event.events import Events
from locust_rs.event.hook import DeprecatedEventHook, EventHook

__all__ = ["DeprecatedEventHook", "EventHook", "Events"]

lend_neighbours(__name__)
