"""The error for a missing package names the extra that installs it."""

from __future__ import annotations

import importlib
import shlex
import sys
import tomllib
from pathlib import Path

import pytest

EXTRAS = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())["project"]["optional-dependencies"]


@pytest.mark.parametrize(
    ("module", "package", "extra"),
    [
        ("dns", "dns.exception", "dns"),
        ("milvus", "grpc.experimental.gevent", "milvus"),
        ("mongodb", "pymongo", "mongodb"),
        ("mqtt", "paho.mqtt.client", "mqtt"),
        ("oai", "httpx", "openai"),
        ("postgres", "psycopg", "postgres"),
        ("qdrant", "qdrant_client", "qdrant"),
        ("websocket", "websockets", "websocket"),
    ],
)
def test_missing_package(monkeypatch: pytest.MonkeyPatch, module: str, package: str, extra: str) -> None:
    assert extra in EXTRAS
    name = f"locust_rs.contrib.{module}"
    monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, package, None)  # type: ignore[arg-type]  # None makes the import fail
    with pytest.raises(ModuleNotFoundError) as raised:
        importlib.import_module(name)
    said = str(raised.value)
    assert package.partition(".")[0] in said
    _, _, command = said.partition("Install it with: ")
    assert shlex.split(command) == ["pip", "install", *EXTRAS[extra]]
