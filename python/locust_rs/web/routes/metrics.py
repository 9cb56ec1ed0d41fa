"""`/metrics`: the figures for Prometheus. A route of the locustfile with the same path is called instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, request

from locust_rs.web.metrics import render
from locust_rs.web.metrics.exposition import OPEN_METRICS, PROMETHEUS, wants_open_metrics
from locust_rs.web.yielding import yielding

if TYPE_CHECKING:
    from flask import Blueprint

    from locust_rs.web.site import Site


def register(blueprint: Blueprint, site: Site) -> None:
    """Adds the route."""
    scrapes = 0

    @site.auth_required_if_enabled
    def metrics() -> Response:
        nonlocal scrapes
        scrapes += 1
        open_metrics = wants_open_metrics(request.headers.get("Accept", ""))
        answer = Response(render(site.environment, open_metrics, scrapes))
        answer.headers["Content-Type"] = OPEN_METRICS if open_metrics else PROMETHEUS
        answer.vary.add("Accept")
        return answer

    blueprint.get("/metrics")(yielding(site, metrics))
