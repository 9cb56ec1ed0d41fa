"""`MetricsServer`: serves `/metrics` alone, for runs without a web UI."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Flask

from locust_rs.web.app import install_guards
from locust_rs.web.auth import guarded
from locust_rs.web.credentials import credentials_from_environment
from locust_rs.web.routes import metrics
from locust_rs.web.server import make_server, tls_files

if TYPE_CHECKING:
    from gevent.pywsgi import WSGIServer

    from locust_rs.env import Environment
    from locust_rs.web.site import View

logger = logging.getLogger("locust.web")


class MetricsServer:
    """The server of `--metrics-port`, with the access rules of the web UI. Serves in greenlets until the process ends.

    Args:
        environment: The environment whose figures are served.
        host: Address to listen on; empty or `*` for all.
        port: Port to listen on; 0 for any that is free.
        web_login: Whether a login is needed; programs log in with HTTP basic authentication.
        tls_cert: Path of a PEM certificate; with `tls_key` the metrics are served over HTTPS.
        tls_key: Path of its PEM key.

    Raises:
        ValueError: One of the TLS files is missing.
    """

    def __init__(
        self,
        environment: Environment,
        host: str,
        port: int,
        web_login: bool = False,
        tls_cert: str | None = None,
        tls_key: str | None = None,
    ) -> None:
        self.environment = environment
        self.host = host
        self.port = port
        self.web_login = web_login
        self.tls_cert, self.tls_key = tls_files(tls_cert, tls_key)
        self.credentials = credentials_from_environment()
        self.login_manager: Any = None
        self.server: WSGIServer | None = None
        self.app = Flask("locust.web", static_folder=None)
        install_guards(self.app, self)
        blueprint = Blueprint("locust", "locust.web")
        metrics.register(blueprint, self)
        self.app.register_blueprint(blueprint)

    def auth_required_if_enabled(self, view_func: View) -> View:
        """Decorates a route so that it asks for a login if `--web-login` is in use."""
        return guarded(self, view_func)

    def start(self) -> None:
        """Starts the server; it listens when this returns.

        Raises:
            OSError: The address cannot be listened on.
            ValueError: The TLS files cannot be used.
        """
        self.server = make_server(self, "The server of metrics", "--metrics-port")
        self.server.start()
        scheme = "https" if self.tls_cert else "http"
        shown = "0.0.0.0" if self.host in ("", "*") else self.host
        address = f"[{shown}]" if ":" in shown else shown
        logger.info(f"Serving metrics for Prometheus at {scheme}://{address}:{self.server.server_port}/metrics")
