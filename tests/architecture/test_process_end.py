"""Only `cli/` ends the process: everything else raises, so that it can be used as a library."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PYTHON = Path(__file__).resolve().parents[2] / "python"
CLI = PYTHON / "locust_rs" / "cli"
ENDS = {"sys.exit", "os._exit", "os.abort", "exit", "quit", "SystemExit"}


def modules() -> list[Path]:
    return [path for path in sorted(PYTHON.rglob("*.py")) if CLI not in path.parents and "webui" not in path.parts]


def lines_that_end_the_process(source: str) -> list[int]:
    """Lines that call or raise what ends the process; those of a script's own start are left out."""
    tree = ast.parse(source)
    started = {
        id(node)
        for branch in tree.body
        if isinstance(branch, ast.If) and "__main__" in ast.unparse(branch.test)
        for node in ast.walk(branch)
    }
    named = [
        (node.lineno, node.func if isinstance(node, ast.Call) else node.exc)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call | ast.Raise) and id(node) not in started
    ]
    imported = [
        (node.lineno, ast.Name(f"{node.module}.{alias.name}"))
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    ]
    return sorted({line for line, what in [*named, *imported] if what is not None and ast.unparse(what) in ENDS})


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PYTHON)))
def test_module_does_not_end_the_process(path: Path) -> None:
    lines = lines_that_end_the_process(path.read_text())
    assert not lines, f"raise an exception instead, which cli/ turns into a message and a code: lines {lines}"


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("import sys\nsys.exit(1)", [2]),
        ("def f():\n    raise SystemExit", [2]),
        ("def f():\n    raise SystemExit(3)", [2]),
        ("from sys import exit", [1]),
        ("import os\nos._exit(0)", [2]),
        ("if __name__ == '__main__':\n    sys.exit(main())", []),
        ("try:\n    f()\nexcept SystemExit:\n    raise", []),
        ("parser.exit(2, 'message')", []),
    ],
    ids=["a call", "a class", "an instance", "an import", "at once", "a script", "passed on", "argparse's own"],
)
def test_the_guard_knows_what_ends_a_process(source: str, lines: list[int]) -> None:
    assert lines_that_end_the_process(source) == lines
