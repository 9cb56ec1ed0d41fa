"""docs/openapi.yaml names every route, and whatever is sent to them, no answer is a 5xx or violates it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import gevent
import pytest
import yaml

from locust_rs._tunables import web as tunables
from web_case.fixtures import MakeUI

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "openapi.yaml"


def declare(parser: Any) -> None:
    parser.add_argument("--my-int", type=int, default=5)
    parser.add_argument("--my-multi", choices=["a", "b"], is_multiple=True, default=["a"])


def operations() -> set[tuple[str, str]]:
    """Paths and methods of all documented routes, without the names of parameters."""
    paths = yaml.safe_load(DOCUMENT.read_text())["paths"]
    return {(re.sub(r"{\w+}", "{}", path), method.upper()) for path, methods in paths.items() for method in methods}


def specific_document(folder: Path) -> Path:
    """The document with the names of this test's locustfile, so that requests pass the first check."""
    document = yaml.safe_load(DOCUMENT.read_text())
    user = document["paths"]["/user"]["post"]["requestBody"]["content"]["application/json"]["schema"]["properties"]
    user["user_class_name"]["enum"] = ["Buyer", "Admin"]
    user["tasks"]["items"]["enum"] = ["buy", "look", "manage"]
    form = document["paths"]["/swarm"]["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    form["properties"]["user_classes"]["items"]["enum"] = ["Buyer", "Admin"]
    form["properties"]["shape_class"]["enum"] = ["Default", "Steady"]
    form["properties"]["my_int"] = {"type": "integer"}
    form["properties"]["my_multi"] = {"type": "array", "items": {"type": "string", "enum": ["a", "b"]}}
    path = folder / "openapi.yaml"
    path.write_text(yaml.safe_dump(document))
    return path


def test_it_names_every_route(make_ui: MakeUI) -> None:
    served = {
        (re.sub(r"<.*>", "{}", str(rule)), method)
        for rule in make_ui().app.url_map.iter_rules()
        if rule.endpoint.startswith("locust.")
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert operations() == served


def test_no_input_gets_a_server_error(make_ui: MakeUI, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # Each test asked for is really started, so it must be small.
    monkeypatch.setattr(tunables, "MAX_USER_COUNT", 5)
    monkeypatch.setattr(tunables, "MAX_SPAWN_RATE", 100)
    ui = make_ui(declare=declare, ui={"userclass_picker_is_active": True})
    ui.start()
    with gevent.Timeout(30):
        while ui.server is None or not ui.server.started:
            gevent.sleep(0.01)
    arguments = [
        "run", str(specific_document(tmp_path)), "--url", f"http://127.0.0.1:{ui.server.server_port}", "--seed", "1",
        "--max-examples", "10", "--phases", "examples,coverage,fuzzing", "--mode", "all",
        "--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
        "--suppress-health-check", "all", "--generation-database", "none", "--no-color",
    ]  # fmt: skip
    try:
        done = subprocess.run(
            [sys.executable, "-m", "schemathesis.cli", *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=170,
            env={**os.environ, "PYTHONWARNINGS": "ignore"},
        )
    finally:
        ui.stop()
        ui.greenlet.join(10)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert re.search(r"Tested: (\d+)", done.stdout)[1] == str(len(operations()))
