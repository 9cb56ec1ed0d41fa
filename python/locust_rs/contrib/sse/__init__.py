"""Server-sent events over the streams of `HttpUser` and `FastHttpUser`.

with EventSource(self.client, "/prices", name="prices") as source:
    for event in source:
        print(event.id, event.event, event.data, event.received_at)
"""

from __future__ import annotations

from locust_rs.contrib.sse.parser import Event, EventStreamParser
from locust_rs.contrib.sse.source import EventSource
from locust_rs.contrib.sse.stream import StreamBroken, events

__all__ = ["Event", "EventSource", "EventStreamParser", "StreamBroken", "events"]
