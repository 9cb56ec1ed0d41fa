"""`WebUI`: the Flask app and its server."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import gevent

from locust_rs import log
from locust_rs.web.swarm import Swarm

if TYPE_CHECKING:
    from flask import Flask
    from gevent.greenlet import Greenlet
    from gevent.pywsgi import WSGIServer

    from locust_rs.env import Environment
    from locust_rs.stats import StatsCSV
    from locust_rs.web.credentials import Credentials
    from locust_rs.web.endpoint_history import EndpointHistory
    from locust_rs.web.kept_runs.shelf import KeptRuns
    from locust_rs.web.site import View
    from locust_rs.web.updates import UpdateTracker

logger = logging.getLogger("locust.web")
greenlet_exception_handler = log.greenlet_exception_logger(logger)


class WebUI:
    """A Flask app that starts, stops and shows the load test of one environment.

    Owned by the environment (`environment.web_ui`); runs in greenlets of the process's own hub and ends with
    `stop`.
    """

    app: Flask = None  # type: ignore[assignment]  # every instance has one; the class shows None, as Locust's does
    """The `flask.Flask` app: add routes, blueprints and configuration to it."""

    greenlet: Greenlet[..., Any] | None = None
    """Greenlet of the running web server."""

    server: WSGIServer | None = None
    """The `gevent.pywsgi.WSGIServer`, once it was started."""

    template_args: dict[str, Any]
    """Arguments of index.html. Locust's own keys are renewed for each page; other keys are kept."""

    auth_args: dict[str, Any]
    """Arguments of auth.html; see `AuthArgs`."""

    def __init__(
        self,
        environment: Environment,
        host: str,
        port: int,
        web_base_path: str | None = None,
        web_login: bool = False,
        tls_cert: str | None = None,
        tls_key: str | None = None,
        stats_csv_writer: StatsCSV | None = None,
        delayed_start: bool = False,
        userclass_picker_is_active: bool = False,
        build_path: str | None = None,
    ) -> None:
        """
        Args:
            environment: The environment to show and control.
            host: Address to listen on; empty or `*` for all.
            port: Port to listen on.
            web_base_path: Prefix of Locust's own routes, for reverse proxies.
            web_login: Whether a login page protects the UI.
            tls_cert: Path of a PEM certificate; with `tls_key` the UI is served over HTTPS. `SSL_CERT` and
                `SSL_KEY` of the environment are used when both are missing.
            tls_key: Path of its PEM key.
            stats_csv_writer: Writes the CSV downloads.
            delayed_start: Do not start the server until `start` is called, so that routes can be added before.
            userclass_picker_is_active: Whether the start form chooses user and shape classes.
            build_path: Folder with a custom index.html.
        """
        # Imported here so that a run without a web UI does not pay for Flask.
        from locust_rs.web.app import build_app
        from locust_rs.web.credentials import credentials_from_environment
        from locust_rs.web.endpoint_history import EndpointHistory
        from locust_rs.web.kept_runs.shelf import KeptRuns
        from locust_rs.web.server import normal_base_path, tls_files
        from locust_rs.web.updates import UpdateTracker

        environment.web_ui = self
        self.environment = environment
        self.host = host
        self.port = port
        self.web_base_path = normal_base_path(web_base_path)
        self.web_login = bool(web_login)
        self.tls_cert, self.tls_key = tls_files(tls_cert, tls_key)
        self.stats_csv_writer = stats_csv_writer or self._default_csv_writer()
        self.userclass_picker_is_active = userclass_picker_is_active
        self.build_path = build_path
        self.template_args = {}
        self.auth_args = {}
        self.credentials: Credentials | None = credentials_from_environment()
        self.endpoint_history: EndpointHistory = EndpointHistory(environment)
        self.updates: UpdateTracker = UpdateTracker(environment)
        self.swarm = Swarm(environment)
        self.kept_runs: KeptRuns = KeptRuns()
        self._login_manager: Any = None
        self._history_greenlet: Greenlet[..., Any] | None = None
        self.app = build_app(self)
        if environment.runner:
            self.update_template_args()
        if not delayed_start:
            self.start()

    def _default_csv_writer(self) -> StatsCSV:
        from locust_rs._tunables import stats as tunables
        from locust_rs.stats import StatsCSV

        return StatsCSV(self.environment, tunables.PERCENTILES_TO_REPORT)

    @property
    def login_manager(self) -> Any:
        """The `flask_login.LoginManager`.

        Raises:
            AttributeError: `--web-login` is not in use.
        """
        if self._login_manager is None:
            raise AttributeError("The login_manager is only available with --web-login.")
        return self._login_manager

    @login_manager.setter
    def login_manager(self, value: Any) -> None:
        self._login_manager = value

    def start(self) -> None:
        """Starts the server in a greenlet of its own; it listens when this returns.

        Raises:
            OSError: The address cannot be listened on.
            ValueError: The TLS files cannot be used.
        """
        from locust_rs.web.server import make_server

        self.server = make_server(self)
        self.greenlet = gevent.spawn(self.start_server)
        self.greenlet.link_exception(greenlet_exception_handler)

    def start_server(self) -> None:
        """Serves until `stop` is called.

        Raises:
            OSError: The address cannot be listened on.
            ValueError: The TLS files cannot be used.
        """
        from locust_rs.web.server import make_server, warn_if_exposed

        warn_if_exposed(self)
        self._history_greenlet = gevent.spawn(self.endpoint_history.record_for_ever)
        self._history_greenlet.link_exception(greenlet_exception_handler)
        if self.server is None:
            self.server = make_server(self)
        self.server.serve_forever()

    def stop(self) -> None:
        """Stops the web server."""
        if self._history_greenlet is not None:
            self._history_greenlet.kill(block=False)
        if self.server is not None:
            self.server.stop()
        elif self.greenlet is not None:
            self.greenlet.kill(block=False)

    def auth_required_if_enabled(self, view_func: View) -> View:
        """Decorates a custom route so that it asks for a login if `--web-login` is in use."""
        from locust_rs.web.auth import guarded

        return guarded(self, view_func)

    def update_template_args(self) -> None:
        """Renews Locust's own keys of `template_args`; other keys are kept."""
        from locust_rs.web.template_args import current_template_args

        self.template_args.update(current_template_args(self))

    # -- names that Locust's `WebUI` has -----------------------------------------------------------------------

    @property
    def _swarm_greenlet(self) -> Greenlet[..., Any] | None:
        return self.swarm.ramp

    @property
    def _run_time_greenlet(self) -> Greenlet[..., Any] | None:
        return self.swarm.run_time_timer

    def _update_shape_class(self, shape_class_name: str | None) -> None:
        self.swarm.choose_shape(shape_class_name)

    def _update_user_classes(self, user_classes: dict[str, Any]) -> None:
        self.swarm.choose_user_classes(user_classes)

    def _cancel_run_time_timer(self) -> None:
        self.swarm.cancel_run_time()

    def _stop_runners(self) -> None:
        self.swarm.stop()
