"""An installation of locust-rs has all packages that an installation of stock Locust has, and the same extras."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

import pytest

pytestmark = pytest.mark.stock

REQUIREMENT = re.compile(r"([\w.-]+)(\[[\w,]+\])?[^;]*;?(?:.*extra == ['\"](\w+)['\"])?")


def names(requirements: Iterable[str]) -> set[tuple[str, str, str]]:
    """(extra or "", name, its own extras) of each requirement."""
    matches = [match for requirement in requirements if (match := REQUIREMENT.match(requirement))]
    return {(match[3] or "", match[1].lower().replace("_", "-"), match[2] or "") for match in matches}


@pytest.fixture(scope="module")
def stock(stock_python: Path) -> list[str]:
    code = "import json; from importlib import metadata; print(json.dumps(metadata.requires('locust')))"
    done = subprocess.run([stock_python, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    requirements: list[str] = json.loads(done.stdout)
    return requirements


def test_everything_that_stock_requires_is_required(stock: list[str]) -> None:
    assert names(stock) - names(metadata.requires("locust-rs") or []) == set()


def test_the_distribution_locust_has_the_extras_of_stock(stock: list[str]) -> None:
    extras = {name for name in names(stock) if name[0]}
    assert extras - names(metadata.requires("locust") or []) == set()
    assert len(extras) > 5
