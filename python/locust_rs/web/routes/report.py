"""`/stats/report`: the HTML report, to view or to download."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response, request

from locust_rs.html import get_html_report
from locust_rs.web.errors import refuse
from locust_rs.web.filenames import as_attachment

if TYPE_CHECKING:
    from flask import Blueprint

    from locust_rs.web.ui import WebUI


def register(blueprint: Blueprint, ui: WebUI) -> None:
    """Adds the route."""

    @blueprint.get("/stats/report")
    @ui.auth_required_if_enabled
    def stats_report() -> Response:
        if ui.environment.runner is None:
            return refuse(404, "There is no report: the environment has no runner")
        theme = request.args.get("theme", "")
        is_download = bool(request.args.get("download"))
        page = get_html_report(
            ui.environment, show_download_link=not is_download, theme=theme if theme in ("dark", "light") else ""
        )
        answer = Response(page, mimetype="text/html")
        if is_download:
            answer.headers["Content-Disposition"] = as_attachment(ui.environment, ".html")
        return answer
