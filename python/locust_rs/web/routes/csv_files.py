"""The CSV downloads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flask import Response, make_response, send_file

from locust_rs.web.csv_cells import as_csv, requests_csv
from locust_rs.web.filenames import as_attachment, download_name

if TYPE_CHECKING:
    from flask import Blueprint

    from locust_rs.web.ui import WebUI


def register(blueprint: Blueprint, ui: WebUI) -> None:
    """Adds the routes."""

    def download(text: str, name: str) -> Response:
        answer = make_response(text)
        answer.headers["Content-Type"] = "text/csv"
        answer.headers["Content-Disposition"] = as_attachment(ui.environment, f"_{name}.csv")
        return answer

    @blueprint.get("/stats/requests/csv")
    @ui.auth_required_if_enabled
    def request_stats_csv() -> Response:
        return download(requests_csv(ui.stats_csv_writer), "requests")

    @blueprint.get("/stats/failures/csv")
    @ui.auth_required_if_enabled
    def failures_stats_csv() -> Response:
        return download(as_csv(ui.stats_csv_writer.failures_csv), "failures")

    @blueprint.get("/exceptions/csv")
    @ui.auth_required_if_enabled
    def exceptions_csv() -> Response:
        return download(as_csv(ui.stats_csv_writer.exceptions_csv), "exceptions")

    @blueprint.get("/stats/requests_full_history/csv")
    @ui.auth_required_if_enabled
    def request_stats_full_history_csv() -> Response:
        options = ui.environment.parsed_options
        writer = ui.stats_csv_writer
        if options and options.stats_history_enabled and hasattr(writer, "stats_history_file_name"):
            path = Path(writer.stats_history_file_name()).absolute()
            return send_file(
                path,
                mimetype="text/csv",
                as_attachment=True,
                download_name=download_name(ui.environment, "_requests_full_history.csv"),
                etag=False,
                max_age=None,
            )
        answer = make_response("Error: Server was not started with option to generate full history.", 404)
        answer.mimetype = "text/plain"
        return answer
