"""Access to the UI: by a login page (`--web-login`), by HTTP basic authentication, or open to everyone.

`LOCUST_USER_NAME` and `LOCUST_PASSWORD` protect everything by HTTP basic authentication. Together with `--web-login`
the login page asks for the same name and password, unless the locustfile describes a login of its own.
"""

from __future__ import annotations

import functools
import logging
from typing import TYPE_CHECKING, Any

import flask_login
import gevent
from flask import redirect, request, session, url_for
from flask_login.utils import login_url

from locust_rs._tunables import web as tunables
from locust_rs.web.errors import refuse

if TYPE_CHECKING:
    from flask import Blueprint, Flask

    from locust_rs.web.site import Site, View
    from locust_rs.web.ui import WebUI

logger = logging.getLogger("locust.web")

PAGES = frozenset({"locust.index", "locust.stats_report", "locust.login"})
"""Endpoints that people open: without a login they redirect to the login page, as routes of a locustfile do. The
others, which programs read, answer 401."""

HELP = "https://docs.locust.io/en/stable/extending-locust.html#adding-authentication-to-the-web-ui"


class _NamedUser(flask_login.UserMixin):  # type: ignore[misc]  # flask-login has no types
    """The one user of the built-in login."""

    def __init__(self, name: str) -> None:
        self.id = name


def register(app: Flask, site: Site) -> None:
    """Installs the protection that is configured, if any."""
    if site.web_login:
        _install_login_manager(app, site)
    elif site.credentials:
        _demand_basic(app, site)


def _install_login_manager(app: Flask, site: Site) -> None:
    manager = flask_login.LoginManager()
    site.login_manager = manager
    app.login_manager = manager  # type: ignore[attr-defined]  # flask-login's own place for it
    manager.init_app(app)
    manager.login_view = "locust.login"

    @manager.unauthorized_handler  # type: ignore[untyped-decorator]  # flask-login has no types
    def ask_for_login() -> Any:
        is_ours = (request.endpoint or "").startswith("locust.")
        if request.method == "GET" and (request.endpoint in PAGES or not is_ours):
            return redirect(login_url(manager.login_view, next_url=request.full_path))
        return refuse(401, "Log in first: this web UI is protected by a login page")

    if site.credentials:
        name = site.credentials.name

        @manager.user_loader  # type: ignore[untyped-decorator]
        def load_named_user(user_id: str) -> _NamedUser | None:
            return _NamedUser(name) if user_id == name else None


def _demand_basic(app: Flask, site: Site) -> None:
    @app.before_request
    def check_basic() -> Any:
        if request.method == "OPTIONS" or basic_is_right(site):
            return None
        answer = refuse(401, "This web UI asks for a user name and a password (HTTP basic)")
        answer.headers["WWW-Authenticate"] = 'Basic realm="Locust", charset="UTF-8"'
        return answer


def basic_is_right(site: Site) -> bool:
    """Whether the request carries the right name and password; the answer to a wrong guess is delayed."""
    given = request.authorization
    if site.credentials is None or given is None or given.type != "basic":
        return False
    if site.credentials.match(given.username, given.password):
        return True
    gevent.sleep(tunables.FAILED_LOGIN_DELAY_S)
    return False


def guarded(site: Site, view: View) -> View:
    """`view`, behind the login if there is one."""

    @functools.wraps(view)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        if site.web_login and (answer := _ask_unless_logged_in(site)) is not None:
            return answer
        return view(*args, **kwargs)

    return wrapper  # type: ignore[return-value]  # same signature, by functools.wraps


def _ask_unless_logged_in(site: Site) -> Any:
    """The answer that asks for a login; None if the request may proceed."""
    if request.method == "OPTIONS" or basic_is_right(site):
        return None
    try:
        if flask_login.current_user.is_authenticated:
            if "auth_error" in session or "auth_info" in session:
                session["auth_error"] = session["auth_info"] = None
            return None
        return site.login_manager.unauthorized()
    except Exception as error:
        # The locustfile's user loader is missing or failed: say so, and let nobody in.
        return explain_failure(error)


def explain_failure(error: Exception) -> Any:
    """The page that says why login is impossible. It shows nothing of the UI."""
    logger.error("Locust auth exception", exc_info=error)
    text = (
        f"Locust auth exception: {error}\n\nSee {HELP} for configuring authentication, set LOCUST_USER_NAME "
        "and LOCUST_PASSWORD, or disable login by removing --web-login argument."
    )
    return text, 200, {"Content-Type": "text/plain; charset=utf-8"}


def page_args(ui: WebUI) -> dict[str, Any]:
    """What the login page is rendered with: the locustfile's `auth_args` over the built-in login."""
    args: dict[str, Any] = {}
    if ui.credentials and not ui.auth_args:
        args["username_password_callback"] = url_for("locust.check_login")
    args |= ui.auth_args
    args["error"] = session.get("auth_error")
    args["info"] = session.get("auth_info")
    return args


def register_built_in_login(blueprint: Blueprint, ui: WebUI) -> None:
    """`POST /login` for the name and password of the environment."""
    credentials = ui.credentials
    if credentials is None or not ui.web_login:
        return

    @blueprint.post("/login")
    def check_login() -> Any:
        if not credentials.match(request.form.get("username"), request.form.get("password")):
            gevent.sleep(tunables.FAILED_LOGIN_DELAY_S)
            session["auth_error"] = "Wrong user name or password"
            return redirect(url_for("locust.login"))
        session.clear()
        flask_login.login_user(_NamedUser(credentials.name))
        return redirect(url_for("locust.index"))
