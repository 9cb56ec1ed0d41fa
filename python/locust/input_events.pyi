# Written by tools/generate_alias_stubs.py; at run time this is `locust_rs.input_events` itself.
from locust_rs.input_events import InitError as InitError
from locust_rs.input_events import UnixKeyPoller as UnixKeyPoller
from locust_rs.input_events import WindowsKeyPoller as WindowsKeyPoller
from locust_rs.input_events import get_poller as get_poller
from locust_rs.input_events import input_listener as input_listener
