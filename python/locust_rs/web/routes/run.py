"""`/swarm`, `/pause`, `/resume` and `/stop`, which start, change, hold and stop the test."""

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

    @blueprint.post("/pause")
    @ui.auth_required_if_enabled
    def pause() -> Any:
        if environment.runner is None or not environment.runner.pause():
            return jsonify(success=False, message="No test is running that could be paused")
        return jsonify(success=True, message="Test paused")

    @blueprint.post("/resume")
    @ui.auth_required_if_enabled
    def resume() -> Any:
        if environment.runner is None or not environment.runner.is_paused:
            return jsonify(success=False, message="The test is not paused")
        environment.runner.resume()
        return jsonify(success=True, message="Test resumed")

    @blueprint.post("/stop")
    @ui.auth_required_if_enabled
    def stop() -> Any:
        ui.swarm.cancel_run_time()
        ui.swarm.stop()
        return jsonify(success=True, message="Test stopped")
