# Written by tools/generate_alias_stubs.py; at run time this is `locust_rs.event` itself.
from locust_rs.event import DeprecatedEventHook as DeprecatedEventHook
from locust_rs.event import EventHook as EventHook
from locust_rs.event import Events as Events
