"""How master and workers talk: messages and sockets (`locust.rpc`)."""

from locust_rs.rpc import zmqrpc as rpc
from locust_rs.rpc.protocol import Message

__all__ = ["Message", "rpc"]
