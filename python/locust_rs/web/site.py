"""`Site`: what the guards and the server need to know of whatever serves pages or metrics."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from flask import Flask

    from locust_rs.env import Environment
    from locust_rs.web.credentials import Credentials

View = TypeVar("View", bound=Callable[..., Any])


class Site(Protocol):
    """A Flask app at an address: the web UI, or the server of `--metrics-port`."""

    app: Flask
    environment: Environment
    host: str
    port: int
    web_login: bool
    tls_cert: str | None
    tls_key: str | None
    credentials: Credentials | None
    login_manager: Any

    def auth_required_if_enabled(self, view_func: View) -> View:
        """Decorates a route so that it asks for a login if `--web-login` is in use."""
