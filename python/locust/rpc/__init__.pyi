# Written by tools/generate_alias_stubs.py; at run time this is `locust_rs.rpc` itself.
from locust_rs.rpc import Message as Message
from locust_rs.rpc import rpc as rpc
