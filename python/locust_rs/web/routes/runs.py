"""`/runs` and what the page asks for there: kept runs, one of them, its course, differences of two, their labels."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

from flask import Response, jsonify, render_template, request

from locust_rs._version import __version__
from locust_rs.history.errors import HistoryError, NoSuchRun
from locust_rs.web.errors import refuse
from locust_rs.web.kept_runs.shelf import NoHistory
from locust_rs.web.yielding import yielding

if TYPE_CHECKING:
    from flask import Blueprint

    from locust_rs.web.ui import WebUI

View = TypeVar("View", bound=Callable[..., Any])

MOST_LINES = 200
"""Lines in an answer."""


def register(blueprint: Blueprint, ui: WebUI) -> None:
    """Adds the routes."""
    runs = ui.kept_runs

    @ui.auth_required_if_enabled
    def runs_page() -> str:
        return render_template("runs.html", template_args={"version": __version__})

    blueprint.get("/runs")(yielding(ui, runs_page))

    @blueprint.get("/runs/list")
    @ui.auth_required_if_enabled
    @_told
    def runs_list() -> dict[str, Any]:
        portion = runs.catalogue(
            request.args.get("search", ""),
            request.args.get("profile"),
            _number(request.args.get("offset", ""), default=0, most=10**9),
            _number(request.args.get("limit", ""), default=50, most=MOST_LINES),
        )
        return {"runs": portion.lines, "found": portion.found, "profiles": portion.profiles}

    @blueprint.get("/runs/run")
    @ui.auth_required_if_enabled
    @_told
    def runs_run() -> Response:
        return Response(runs.run_json(request.args.get("run", "")), mimetype="application/json")

    @blueprint.get("/runs/course")
    @ui.auth_required_if_enabled
    @_told
    def runs_course() -> dict[str, Any]:
        arguments = request.args
        return runs.course(arguments.get("run", ""), arguments.get("name", "Aggregated"), arguments.get("method", ""))

    @blueprint.get("/runs/differences")
    @ui.auth_required_if_enabled
    @_told
    def runs_differences() -> dict[str, Any]:
        return runs.differences(request.args.get("before", ""), request.args.get("after", ""))

    @blueprint.post("/runs/label")
    @ui.auth_required_if_enabled
    @_told
    def runs_label() -> Response:
        runs.label(request.form.get("run", ""), request.form.get("tag"), request.form.get("note"))
        return jsonify(success=True, message="Run labelled")

    @blueprint.post("/runs/delete")
    @ui.auth_required_if_enabled
    @_told
    def runs_delete() -> Response:
        runs.delete(request.form.get("run", ""))
        return jsonify(success=True, message="Run deleted")


def _told(view: View) -> View:
    """Answers with the message of a history that cannot be used: 404 for what there is not, otherwise 409."""

    @wraps(view)
    def answer(*args: Any, **kwargs: Any) -> Any:
        try:
            return view(*args, **kwargs)
        except (NoHistory, NoSuchRun) as error:
            return refuse(404, str(error))
        except HistoryError as error:
            return refuse(409, str(error))

    return answer  # type: ignore[return-value]  # the view's own signature


def _number(text: str, *, default: int, most: int) -> int:
    """A number of a query, within bounds; the default for anything else."""
    return min(int(text), most) if text.isascii() and text.isdecimal() and len(text) < 12 else default
