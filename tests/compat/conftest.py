"""Real servers for the examples of the documentation."""

from real_servers import broker_port

__all__ = ["broker_port"]
