"""Locust's own routes; one file per page or resource, each with a `register(blueprint, ui)`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from locust_rs.web.routes import (
    assets,
    csv_files,
    index,
    live,
    login,
    metrics,
    observed,
    report,
    run,
    runs,
    statistics,
    users,
)

if TYPE_CHECKING:
    from flask import Blueprint

    from locust_rs.web.ui import WebUI


def register(blueprint: Blueprint, ui: WebUI, build_path: str) -> None:
    """Adds all of them to the blueprint."""
    assets.register(blueprint, build_path)
    for module in (csv_files, index, live, login, metrics, observed, report, run, runs, statistics, users):
        module.register(blueprint, ui)
