"""`/login`: the login page, and the check of the built-in login."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import g, make_response, redirect, render_template, url_for

from locust_rs.web.auth import explain_failure, page_args, register_built_in_login

if TYPE_CHECKING:
    from flask import Blueprint

    from locust_rs.web.ui import WebUI


def register(blueprint: Blueprint, ui: WebUI) -> None:
    """Adds the routes."""

    @blueprint.get("/login")
    def login() -> Any:
        if not ui.web_login:
            return redirect(url_for("locust.index"))
        g.foreign_forms = bool(ui.auth_args)
        try:
            page = render_template("auth.html", auth_args=page_args(ui))
        except Exception as error:  # flask-login looks for the locustfile's loader while it renders
            return explain_failure(error)
        answer = make_response(page)
        # With `no-referrer`, browsers post the form with `Origin: null`, which looks like another site's form.
        answer.headers["Referrer-Policy"] = "same-origin"
        return answer

    register_built_in_login(blueprint, ui)
