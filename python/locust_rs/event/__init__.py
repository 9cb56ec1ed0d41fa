"""Event hooks, with which locustfiles listen to a load test. Public module `locust.event`."""

from locust_rs._reexports import provide_reexports
from locust_rs.event.events import Events
from locust_rs.event.hook import DeprecatedEventHook, EventHook

__all__ = ["DeprecatedEventHook", "EventHook", "Events"]

provide_reexports(__name__)
