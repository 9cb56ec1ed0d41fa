# Written by tools/generate_alias_stubs.py; at run time this is `locust_rs.contrib.sse` itself.
from locust_rs.contrib.sse import Event as Event
from locust_rs.contrib.sse import EventSource as EventSource
from locust_rs.contrib.sse import EventStreamParser as EventStreamParser
from locust_rs.contrib.sse import StreamBroken as StreamBroken
from locust_rs.contrib.sse import events as events
