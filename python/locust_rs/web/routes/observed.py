"""What the page shows besides statistics: exceptions, task ratios, logs and the number of workers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from locust_rs.log import get_logs
from locust_rs.web.payloads import exceptions_payload, tasks_payload

if TYPE_CHECKING:
    from flask import Blueprint

    from locust_rs.web.ui import WebUI


def register(blueprint: Blueprint, ui: WebUI) -> None:
    """Adds the routes."""
    environment = ui.environment

    @blueprint.get("/exceptions")
    @ui.auth_required_if_enabled
    def exceptions() -> dict[str, Any]:
        return exceptions_payload(environment)

    @blueprint.get("/tasks")
    @ui.auth_required_if_enabled
    def tasks() -> dict[str, Any]:
        return tasks_payload(environment)

    @blueprint.get("/logs")
    @ui.auth_required_if_enabled
    def logs() -> dict[str, Any]:
        return {"master": get_logs(), "workers": environment.worker_logs}

    @blueprint.get("/worker-count")
    @ui.auth_required_if_enabled
    def get_worker_count() -> dict[str, int]:
        runner = environment.runner
        return {"worker_count": runner.worker_count if runner is not None and runner.is_master else 0}
