"""`/assets/…`: scripts, styles and images of the pages. The only route without a login, as it serves no data."""

from __future__ import annotations

import mimetypes
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import request, send_from_directory
from werkzeug.exceptions import NotFound

from locust_rs.html import DEFAULT_BUILD_PATH

if TYPE_CHECKING:
    from flask import Blueprint, Response

WEEK_S = 7 * 86_400


def register(blueprint: Blueprint, build_path: str) -> None:
    """Adds the route, which serves the folder `assets` of the build, or else that of the bundled build."""
    folders = [Path(path, "assets") for path in dict.fromkeys((build_path, DEFAULT_BUILD_PATH))]

    @blueprint.get("/assets/<path:path>")
    def send_assets(path: str) -> Any:
        for folder in folders[:-1]:
            try:
                return _send(folder, path)
            except NotFound:
                continue
        return _send(folders[-1], path)


def _send(folder: Path, path: str) -> Response:
    """The file, or the gzipped copy that the build put beside it. Names contain a hash, so browsers may cache them."""
    if request.accept_encodings.quality("gzip") > 0:
        mimetype = mimetypes.guess_type(path)[0]
        try:
            response = send_from_directory(folder, f"{path}.gz", mimetype=mimetype, max_age=WEEK_S)
        except NotFound:
            pass
        else:
            response.content_encoding = "gzip"
            response.vary.add("Accept-Encoding")
            return response
    return send_from_directory(folder, path, max_age=WEEK_S)
