"""The HTTP engine for programs that use it directly: `enabled`, `transport.make_client`, `errors`."""

from locust_rs.http.engine import enabled

__all__ = ["enabled"]
