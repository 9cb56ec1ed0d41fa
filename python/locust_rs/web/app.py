"""Builds the Flask app of one `WebUI`."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint, Flask
from jinja2 import FileSystemLoader

from locust_rs import html
from locust_rs.web import auth, errors, host_names, routes, security

if TYPE_CHECKING:
    from locust_rs.web.site import Site
    from locust_rs.web.ui import WebUI

PACKAGE = Path(__file__).resolve().parent


def build_app(ui: WebUI) -> Flask:
    """An app with Locust's routes in the blueprint `locust`, its error responses and its guards.

    Raises:
        ValueError: `build_path` is not a folder.
    """
    if ui.build_path and not Path(ui.build_path).is_dir():
        raise ValueError(f"--build-path is not a folder: '{ui.build_path}'")
    build_path = str(ui.build_path or html.DEFAULT_BUILD_PATH)
    # The app's logger has the same name.
    app = Flask("locust.web", root_path=str(PACKAGE), template_folder=build_path)
    # Pages that a custom build lacks come from the bundled one.
    app.jinja_loader = FileSystemLoader([build_path, html.DEFAULT_BUILD_PATH])
    # A locustfile that uses sessions sets its own key; this one is lost with the process.
    app.secret_key = secrets.token_bytes(32)
    app.config.update(
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=bool(ui.tls_cert),
        REMEMBER_COOKIE_HTTPONLY=True,
        REMEMBER_COOKIE_SAMESITE="Lax",
        REMEMBER_COOKIE_SECURE=bool(ui.tls_cert),
    )
    # Pages that a locustfile's blueprint renders get it too.
    app.context_processor(lambda: {"base_url": ui.web_base_path})
    install_guards(app, ui)
    blueprint = Blueprint("locust", "locust.web", url_prefix=ui.web_base_path or None, root_path=str(PACKAGE))
    routes.register(blueprint, ui, build_path)
    app.register_blueprint(blueprint)
    return app


def install_guards(app: Flask, site: Site) -> None:
    """Installs what protects every route, and the answers to errors, in the order in which they have their say."""
    errors.register(app)
    host_names.register(app, site)
    security.register(app)
    auth.register(app, site)
