"""`/metrics`: the figures for Prometheus. A route of the locustfile with the same path is called instead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, request

from locust_rs.web.metrics import render
from locust_rs.web.metrics.exposition import OPEN_METRICS, PROMETHEUS, wants_open_metrics

if TYPE_CHECKING:
    from flask import Blueprint

    from locust_rs.web.site import Site


def register(blueprint: Blueprint, site: Site) -> None:
    """Adds the route."""
    scrapes = 0

    @site.auth_required_if_enabled
    def own_metrics() -> Response:
        nonlocal scrapes
        scrapes += 1
        open_metrics = wants_open_metrics(request.headers.get("Accept", ""))
        answer = Response(render(site.environment, open_metrics, scrapes))
        answer.headers["Content-Type"] = OPEN_METRICS if open_metrics else PROMETHEUS
        answer.vary.add("Accept")
        return answer

    @blueprint.get("/metrics")
    def metrics() -> Any:
        return (_route_of_the_locustfile(site) or own_metrics)()


def _route_of_the_locustfile(site: Site) -> Any:
    """Its function; ours was added first, so Flask would never call it."""
    for rule in site.app.url_map.iter_rules():
        if rule.rule == request.path and rule.endpoint != request.endpoint and "GET" in (rule.methods or ()):
            return site.app.view_functions[rule.endpoint]
    return None
