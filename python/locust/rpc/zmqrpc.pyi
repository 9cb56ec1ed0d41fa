# Written by tools/generate_alias_stubs.py; at run time this is `locust_rs.rpc.zmqrpc` itself.
from locust_rs.rpc.zmqrpc import BaseSocket as BaseSocket
from locust_rs.rpc.zmqrpc import Client as Client
from locust_rs.rpc.zmqrpc import Server as Server
