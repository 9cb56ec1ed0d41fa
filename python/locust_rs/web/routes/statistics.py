"""`/stats/requests` and `/stats/reset`, which exporters and scripts use."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from flask import Response

from locust_rs._tunables import web as tunables
from locust_rs.web.payloads import stats_requests_json

if TYPE_CHECKING:
    from flask import Blueprint

    from locust_rs.web.ui import WebUI


class _KeptAnswer:
    """Caches the last answer. A slow answer is cached longer, so that making it never takes up the whole process."""

    def __init__(self) -> None:
        self.body = b""
        self.holds_until = -1.0

    def get(self, ui: WebUI) -> bytes:
        now = monotonic()
        if now >= self.holds_until:
            self.body = stats_requests_json(ui.environment)
            ended = monotonic()
            self.holds_until = ended + max(tunables.DEFAULT_CACHE_TIME, 2 * (ended - now))
        return self.body

    def clear(self) -> None:
        self.holds_until = -1.0


def register(blueprint: Blueprint, ui: WebUI) -> None:
    """Adds the routes."""
    environment = ui.environment
    kept = _KeptAnswer()

    def request_stats() -> Response:
        return Response(kept.get(ui), mimetype="application/json")

    # Plug-ins and tests call it by way of `app.view_functions`.
    request_stats.clear_cache = kept.clear  # type: ignore[attr-defined]  # a function's own attribute
    blueprint.get("/stats/requests")(ui.auth_required_if_enabled(request_stats))

    @blueprint.post("/stats/reset")
    @ui.auth_required_if_enabled
    def reset_stats() -> Response:
        environment.events.reset_stats.fire()
        environment.stats.reset_all()
        if environment.runner is not None:
            environment.runner.exceptions = {}
        return Response("ok", mimetype="text/html")
