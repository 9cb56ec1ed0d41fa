"""Communication between master and workers: messages and sockets. Public module `locust.rpc`."""

from locust_rs.rpc import zmqrpc as rpc
from locust_rs.rpc.protocol import Message

__all__ = ["Message", "rpc"]
