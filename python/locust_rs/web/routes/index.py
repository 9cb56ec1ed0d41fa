"""`/`: the page itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import make_response, render_template

if TYPE_CHECKING:
    from flask import Blueprint

    from locust_rs.web.ui import WebUI


def register(blueprint: Blueprint, ui: WebUI) -> None:
    """Adds the route."""

    @blueprint.get("/")
    @ui.auth_required_if_enabled
    def index() -> Any:
        if not ui.environment.runner:
            answer = make_response("Error: Locust Environment does not have any runner", 500)
            answer.mimetype = "text/plain"
            return answer
        ui.update_template_args()
        return render_template("index.html", template_args=ui.template_args)
