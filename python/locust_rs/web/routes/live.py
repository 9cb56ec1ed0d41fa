"""`/stats/updates`, `/stats/history` and the like, which the page polls. Described in docs/web-updates-api.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, request

from locust_rs.evidence.outputs import evidence_rows
from locust_rs.metrics.outputs import metric_rows
from locust_rs.stats.group_rows import group_rows
from locust_rs.stats.intended import intended_rows
from locust_rs.stats.phases import phase_rows
from locust_rs.web.errors import refuse
from locust_rs.web.latencies import endpoint_latencies

if TYPE_CHECKING:
    from flask import Blueprint

    from locust_rs.web.ui import WebUI

MAX_PERCENTILES = 12


def read_percentiles(text: str) -> tuple[str, ...]:
    """The fractions of a comma separated list, each as it was written.

    Raises:
        ValueError: Says what is wrong with the list.
    """
    parts = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if len(parts) > MAX_PERCENTILES:
        raise ValueError(f"'percentiles' names {len(parts)} values; {MAX_PERCENTILES} at most")
    for part in parts:
        try:
            value = float(part)
        except ValueError:
            value = -1.0
        if not 0 < value <= 1 or len(part) > 20:
            raise ValueError(f"'percentiles' has '{part[:20]}': write fractions over 0 and up to 1, such as 0.95")
    return parts


def register(blueprint: Blueprint, ui: WebUI) -> None:
    """Adds the routes."""

    @blueprint.get("/stats/updates")
    @ui.auth_required_if_enabled
    def stats_updates() -> Response:
        try:
            percentiles = read_percentiles(request.args.get("percentiles", ""))
        except ValueError as error:
            return refuse(400, str(error))
        precise = request.args.get("precise", "") == "1"
        body = ui.updates.changes_json(request.args.get("since", ""), percentiles, precise)
        return Response(body, mimetype="application/json")

    @blueprint.get("/stats/history")
    @ui.auth_required_if_enabled
    def stats_history() -> dict[str, Any]:
        name = request.args.get("name", "")
        method = request.args.get("method", "")
        points = ui.endpoint_history.points(name, method, request.args.get("since", ""))
        return {"name": name, "method": method, "history": points}

    @blueprint.get("/stats/latencies")
    @ui.auth_required_if_enabled
    def stats_latencies() -> Response:
        name, method = request.args.get("name", ""), request.args.get("method", "")
        body = endpoint_latencies(ui.environment.stats, name, method)
        return Response(body, mimetype="application/json")

    @blueprint.get("/stats/intended")
    @ui.auth_required_if_enabled
    def stats_intended() -> dict[str, Any]:
        return {"intended": intended_rows(ui.environment.stats)}

    @blueprint.get("/stats/groups")
    @ui.auth_required_if_enabled
    def stats_groups() -> dict[str, Any]:
        return group_rows(ui.environment.stats)

    @blueprint.get("/stats/phases")
    @ui.auth_required_if_enabled
    def stats_phases() -> dict[str, Any]:
        return {"phases": phase_rows(ui.environment.stats)}

    @blueprint.get("/stats/metrics")
    @ui.auth_required_if_enabled
    def stats_metrics() -> dict[str, Any]:
        return {"metrics": metric_rows(ui.environment.metrics)}

    @blueprint.get("/stats/evidence")
    @ui.auth_required_if_enabled
    def stats_evidence() -> dict[str, Any]:
        evidence, error = ui.environment.evidence, request.args.get("error")
        method, name = request.args.get("method", ""), request.args.get("name", "")
        if error is None:
            return {"evidence": evidence_rows(evidence.slow.of_endpoint(method, name))}
        return {"evidence": evidence_rows(evidence.of_kind(method, name, error))}
