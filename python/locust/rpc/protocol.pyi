# Written by tools/generate_alias_stubs.py; at run time this is `locust_rs.rpc.protocol` itself.
from locust_rs.rpc.protocol import Message as Message
from locust_rs.rpc.protocol import decode as decode
from locust_rs.rpc.protocol import encode as encode
