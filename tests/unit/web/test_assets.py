"""Assets are sent gzipped to clients that accept it; the file and the gzipped copy have the same content."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient

from locust_rs.web.routes import assets

SCRIPT = b"export const answer = 42;\n" * 40


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    folder = tmp_path / "assets"
    folder.mkdir()
    (folder / "app.js").write_bytes(SCRIPT)
    (folder / "app.js.gz").write_bytes(gzip.compress(SCRIPT))
    (folder / "only-plain.css").write_bytes(b"a {}")
    (tmp_path / "secret").write_bytes(b"not an asset")
    app = Flask(__name__)
    blueprint = Blueprint("locust", __name__)
    assets.register(blueprint, str(tmp_path))
    app.register_blueprint(blueprint)
    return app.test_client()


@pytest.mark.parametrize(("accepted", "encoding"), [("gzip, br", "gzip"), ("", None), ("gzip;q=0, identity", None)])
def test_encoding_is_what_the_client_accepts(client: FlaskClient, accepted: str, encoding: str | None) -> None:
    with client.get("/assets/app.js", headers={"Accept-Encoding": accepted}) as response:
        assert response.headers.get("Content-Encoding") == encoding
        assert response.mimetype == "text/javascript"
        assert (gzip.decompress(response.data) if encoding else response.data) == SCRIPT


def test_file_without_a_compressed_copy_is_sent_plain(client: FlaskClient) -> None:
    with client.get("/assets/only-plain.css", headers={"Accept-Encoding": "gzip"}) as response:
        assert (response.status_code, response.data) == (200, b"a {}")
        assert "Content-Encoding" not in response.headers


@pytest.mark.parametrize("path", ["missing.js", "../secret", "%2e%2e/secret"])
def test_other_files_are_not_found(client: FlaskClient, path: str) -> None:
    with client.get(f"/assets/{path}", headers={"Accept-Encoding": "gzip"}) as response:
        assert response.status_code == 404
