"""`/swarm` and `/stop`, which start, change and stop the test."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from flask import jsonify, request

from locust_rs.web.swarm_form import SwarmFormError, read_swarm_form

if TYPE_CHECKING:
    from flask import Blueprint

    from locust_rs.web.ui import WebUI

logger = logging.getLogger("locust.web")


def register(blueprint: Blueprint, ui: WebUI) -> None:
    """Adds the routes."""
    environment = ui.environment

    @blueprint.post("/swarm")
    @ui.auth_required_if_enabled
    def swarm() -> Any:
        # Errors have status 200, as scripts expect.
        try:
            asked = read_swarm_form(ui, request.form)
        except SwarmFormError as error:
            logger.error(str(error))
            return jsonify(success=False, message=str(error), host=environment.host)
        return jsonify(ui.swarm.apply(asked))

    @blueprint.post("/stop")
    @ui.auth_required_if_enabled
    def stop() -> Any:
        ui.swarm.cancel_run_time()
        ui.swarm.stop()
        return jsonify(success=True, message="Test stopped")
