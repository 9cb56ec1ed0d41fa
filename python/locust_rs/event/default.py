"""The events of the process: what a locustfile registers its listeners with, as `locust.events`."""

from locust_rs.event.events import Events

events = Events()
