"""Objects that users get hold of have all public attributes of stock's, and these are of the same kinds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from real_servers import pick_port

pytestmark = pytest.mark.stock

SCRIPT = Path(__file__).with_name("names_of_objects.py")

WITHOUT_OPEN_FILES = {
    ("StatsCSVFileWriter", f"{table}_csv_{part}")
    for table in ("requests", "stats_history", "failures", "exceptions")
    for part in ("filehandle", "writer", "data_start")
}
"""Files are replaced in one step, so that none is open between two writes."""

SUBCLASSES = {
    "EnginePool": "HTTPClientPool",
    "LiveDict": "defaultdict",
    "TellingCookieJar": "CookieJar",
    "_WatchedDict": "dict",
}
"""Kinds of ours that stand for one of the libraries."""

OTHER_KINDS = {
    ("FastResponse", "stream"),
    ("ResponseContextManager of fasthttp", "stream"),
    ("RestResponseContextManager", "stream"),
    ("Response.raw", "closed"),
    ("Response.raw", "retries"),
    ("Response.history", "next"),
    ("StatsEntry", "response_times_cache"),
    ("MasterRunner.clients", "all"),
    ("WorkerRunner", "last_heartbeat_timestamp"),
    ("WorkerNode", "cpu_usage"),
    ("WebUI", "server"),
}
"""Values that have the interface of stock's, or are there earlier or later than with stock."""


def made_by(python: Path | str, folder: Path, given: str) -> dict[str, dict[str, list[str]]]:
    """What the objects are made of under an interpreter."""
    done = subprocess.run(
        [python, SCRIPT, folder / "stats", str(pick_port())],
        input=given,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, dict[str, list[str]]] = json.loads(done.stdout)
    return result


@pytest.fixture(scope="module")
def both(stock_python: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    stocks = made_by(stock_python, tmp_path_factory.mktemp("stock"), "{}")
    return stocks, made_by(sys.executable, tmp_path_factory.mktemp("ours"), json.dumps(stocks))


def test_no_public_attribute_is_missing(both: tuple[Any, Any]) -> None:
    stocks, ours = both
    assert len(stocks) > 50
    missing = {(what, name) for what, names in stocks.items() for name in names if name not in ours[what]}
    assert missing <= WITHOUT_OPEN_FILES


def test_attributes_are_of_the_same_kinds(both: tuple[Any, Any]) -> None:
    stocks, ours = both
    different = {
        (what, name): (stocks[what][name], kinds)
        for what, names in ours.items()
        for name, kinds in names.items()
        if not {SUBCLASSES.get(kind, kind) for kind in kinds} <= set(stocks[what].get(name, kinds))
    }
    assert {found: kinds for found, kinds in different.items() if found not in OTHER_KINDS} == {}
