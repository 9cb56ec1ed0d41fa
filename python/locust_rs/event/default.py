"""The events of the process, with which locustfiles register listeners as `locust.events`."""

from locust_rs.event.events import Events

events = Events()
