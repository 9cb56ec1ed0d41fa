"""The walks in docs/architecture.md: each tells its story in at most five files, which exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MOST_FILES = 5
WALKS = (
    "One request",
    "One response time to the CSV",
    "One report to the page",
    "One spawn from the form to the greenlet",
)


def text_of(walk: str) -> str:
    """The text below a walk's heading."""
    documented = (ROOT / "docs" / "architecture.md").read_text()
    section = documented.partition("\n## Four walks\n")[2].partition("\n## ")[0]
    _, heading, rest = section.partition(f"### {walk}\n")
    assert heading, f"docs/architecture.md has no walk called '{walk}'"
    return rest.partition("\n### ")[0]


@pytest.mark.parametrize("walk", WALKS)
def test_walk_names_at_most_five_files(walk: str) -> None:
    named = set(re.findall(r"`([^`\s]+/[^`\s]+\.(?:py|rs|ts|tsx))`", text_of(walk)))
    assert len(named) <= MOST_FILES, sorted(named)
    missing = [path for path in sorted(named) if not (ROOT / path).is_file()]
    assert not missing
