# Written by tools/generate_alias_stubs.py; at run time this is `locust_rs.contrib.streams` itself.
from locust_rs.contrib.streams import StreamBroken as StreamBroken
from locust_rs.contrib.streams import TimedStream as TimedStream
