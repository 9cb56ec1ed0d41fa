"""The code blocks of Markdown files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

PAGES = [*sorted((ROOT / "docs").glob("*.md")), *(ROOT / name for name in ("README.md", "CONTRIBUTING.md"))]
PAGES += [ROOT / name / "README.md" for name in ("deploy", "examples", "benches", "tests")]

FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\w*)\n(?P<code>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    page: str
    line: int
    language: str
    code: str

    def __str__(self) -> str:
        """Names it in a test's id."""
        return f"{self.page}:{self.line}"

    @property
    def commands(self) -> list[str]:
        """What a console block's user types, without comments; a line that ends in a backslash goes on."""
        joined = self.code.replace("\\\n", " ")
        return [line[2:].split("  #")[0].strip() for line in joined.splitlines() if line.startswith("$ ")]


def blocks_of(page: Path) -> list[Block]:
    """All fenced blocks of a page."""
    text = page.read_text("utf-8")
    name = page.relative_to(ROOT).as_posix()
    return [
        Block(name, text[: found.start()].count("\n") + 1, found["language"], found["code"])
        for found in FENCE.finditer(text)
    ]


def blocks(language: str) -> list[Block]:
    """The blocks of a language, of all pages."""
    return [block for page in PAGES for block in blocks_of(page) if block.language == language]
