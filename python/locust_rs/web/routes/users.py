"""`/user`: changes the attributes of a User class, here and on the workers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import request

from locust_rs.web.errors import refuse
from locust_rs.web.user_settings import UserSettingsError, read_user_settings

if TYPE_CHECKING:
    from flask import Blueprint

    from locust_rs.web.ui import WebUI


def register(blueprint: Blueprint, ui: WebUI) -> None:
    """Adds the route."""
    environment = ui.environment

    @blueprint.post("/user")
    @ui.auth_required_if_enabled
    def update_user() -> Any:
        try:
            settings = read_user_settings(environment, request.get_data(cache=False))
        except UserSettingsError as error:
            return refuse(400, str(error))
        environment.update_user_class(settings)
        runner = environment.runner
        if runner is not None and runner.is_master:
            runner.send_message("update_user_class", settings)
        return {}, 201
