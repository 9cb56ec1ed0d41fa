"""Rules for the tree as a whole."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    return [ROOT / name for name in listed if (ROOT / name).is_file()]


@pytest.fixture(scope="module", autouse=True)
def _in_a_checkout() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("this tree is no git checkout")


def test_lock_files_name_no_registry_of_this_machine() -> None:
    cargo = (ROOT / "Cargo.lock").read_text()
    sources = set(re.findall(r'^source = "(.*)"$', cargo, re.MULTILINE))
    assert sources <= {"registry+https://github.com/rust-lang/crates.io-index"}
    assert '"resolved"' not in (ROOT / "web" / "package-lock.json").read_text()


def test_the_versions_agree() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["version"] == version
    assert f'distribution_version = "{version}"' in (ROOT / "python/locust_rs/_version.py").read_text()


def test_every_top_folder_explains_itself() -> None:
    folders = {path.relative_to(ROOT).parts[0] for path in tracked() if len(path.relative_to(ROOT).parts) > 1}
    named_by_convention = {"docs", "rust", "python"}
    unexplained = [
        name
        for name in folders - named_by_convention
        if not name.startswith(".") and not (ROOT / name / "README.md").exists()
    ]
    assert not unexplained


def test_every_module_has_a_docstring() -> None:
    bare = [
        str(path.relative_to(ROOT))
        for path in tracked("python/*.py", "benches/*.py", "tools/*.py")
        if not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert not bare


def test_no_source_file_grows_beyond_one_idea() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {count} lines"
        for path in tracked("python/*.py", "rust/*.rs", "web/src/*.ts", "web/src/*.tsx")
        if (count := len(path.read_text().splitlines())) > 600
    ]
    assert not long
