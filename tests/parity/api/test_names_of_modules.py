"""Whatever can be imported from a module of stock Locust can be imported from the same module here."""

from __future__ import annotations

import importlib
import json
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("names_of_modules.py")

ACCIDENTS = {
    ("locust.argument_parser", "locust"),
    ("locust.debug", "locust"),
    ("locust.main", "locust"),
    ("locust.opentelemetry", "MasterRunner"),
    ("locust.opentelemetry", "WorkerRunner"),
    ("locust.opentelemetry", "events"),
    ("locust.shape", "Runner"),
    ("locust.user.users", "RestResponseT"),
}
"""Accidental names, due to stock's imports, that no code imports from there."""


@pytest.mark.stock
def test_every_name_of_a_module_is_there(stock_python: Path) -> None:
    done = subprocess.run([stock_python, SCRIPT], capture_output=True, text=True, timeout=120, check=True)
    names = json.loads(done.stdout)
    assert len(names) > 30
    missing = {
        (module, name)
        for module, members in names.items()
        for name in members
        if not hasattr(importlib.import_module(module), name)
    }
    assert missing <= ACCIDENTS


@pytest.mark.parametrize(
    ("module", "name", "home"),
    [
        ("locust.main", "load_locustfile", "locust_rs.util.load_locustfile"),
        ("locust.clients", "CatchResponseError", "locust_rs.exception"),
        ("locust.env", "LocalRunner", "locust_rs.runners"),
        ("locust.user.users", "TaskSet", "locust_rs.user.task"),
        ("locust.web", "stats", "locust_rs.stats"),
    ],
)
def test_a_lent_name_is_the_one_at_home(module: str, name: str, home: str) -> None:
    lent, owner = getattr(importlib.import_module(module), name), importlib.import_module(home)
    assert lent is (owner if home.endswith(f".{name}") and name != "load_locustfile" else getattr(owner, name))


def test_other_names_are_missing_as_ever() -> None:
    with pytest.raises(ImportError, match="nothing_like_it"):
        exec("from locust.main import nothing_like_it")
