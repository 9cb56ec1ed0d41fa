"""docs/messages.md and the messages in the code: none is missing, none is stale, every link leads to one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "python" / "locust_rs"
PAGE = (ROOT / "docs" / "messages.md").read_text()

EXPLAINED = re.compile(r"^`(.+)`$", re.MULTILINE)
HEADINGS = re.compile(r"^##+ (.+)$", re.MULTILINE)
TOLD = re.compile(r"(logger\.(error|warning)|refusals\.note)$")
AREAS = ("cli", "evidence", "history", "metrics", "runners", "stats", "thresholds")

UNEXPLAINED = (
    "Stopping Locust...",
    "Available User(s)",
    "Users are being spawned or stopped, please wait before changing their number again",
    "Got spawning message from unknown worker",
    "Worker … is unknown here",
    "Discarded report from unrecognized worker",
)
"""Told in passing: nothing is wrong, or another line says what is."""


def template(node: ast.AST) -> str:
    """A message with `…` in the places that are filled in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.sub(r"%(\.\d+)?[sirdf]", "…", node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(template(part) for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return template(node.left) + template(node.right)
    return "…"


def nodes() -> Iterator[tuple[Path, ast.AST]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call | ast.Constant | ast.JoinedStr | ast.BinOp):
                yield path.relative_to(PACKAGE), node


NODES = list(nodes())
TEMPLATES = "\n".join(
    {template(node) for _, node in NODES if isinstance(node, ast.Constant | ast.JoinedStr | ast.BinOp)}
)
CALLS = [(path, node, ast.unparse(node.func)) for path, node in NODES if isinstance(node, ast.Call)]
LOGGED = {
    text
    for path, call, name in CALLS
    if TOLD.search(name) and path.parts[0] in AREAS
    for text in map(template, call.args)
    if len(text.replace("…", "")) > 12 and " " in text
}
LINKS = {
    ast.literal_eval(call.args[0]) for path, call, name in CALLS if name == "see" and path != Path("util/messages.py")
}


def anchor(heading: str) -> str:
    return re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("message", EXPLAINED.findall(PAGE))
def test_an_explained_message_is_one_of_the_code(message: str) -> None:
    assert message in TEMPLATES


@pytest.mark.parametrize("message", sorted(LOGGED), ids=lambda message: message[:60])
def test_an_error_or_warning_is_explained(message: str) -> None:
    explained = [*EXPLAINED.findall(PAGE), *UNEXPLAINED]
    assert any(text in message for text in explained), "say in docs/messages.md what it means and what to do"


@pytest.mark.parametrize("link", sorted(LINKS))
def test_a_link_of_a_message_leads_to_an_explanation(link: str) -> None:
    assert link in [anchor(heading) for heading in HEADINGS.findall(PAGE)]


def test_headings_are_there_once() -> None:
    anchors = [anchor(heading) for heading in HEADINGS.findall(PAGE)]
    assert sorted(set(anchors)) == sorted(anchors)
    assert LINKS
