"""Clients of the engine."""

from locust_rs.http.engine.client import make_client, resolve

__all__ = ["make_client", "resolve"]
