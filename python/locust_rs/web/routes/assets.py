"""`/assets/…`: scripts, styles and pictures of the pages. The only route without a login: it holds no data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import send_from_directory
from werkzeug.exceptions import NotFound

from locust_rs.html import DEFAULT_BUILD_PATH

if TYPE_CHECKING:
    from flask import Blueprint

WEEK_S = 7 * 86_400


def register(blueprint: Blueprint, build_path: str) -> None:
    """Serves the folder `assets` of the build, then that of the bundled one."""
    folders = [Path(path, "assets") for path in dict.fromkeys((build_path, DEFAULT_BUILD_PATH))]

    @blueprint.get("/assets/<path:path>")
    def send_assets(path: str) -> Any:
        # Their names carry a hash of the content, so they may be kept.
        for folder in folders[:-1]:
            try:
                return send_from_directory(folder, path, max_age=WEEK_S)
            except NotFound:
                continue
        return send_from_directory(folders[-1], path, max_age=WEEK_S)
