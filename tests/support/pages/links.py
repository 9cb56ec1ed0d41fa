"""Links of a built site."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


@dataclass
class Page(HTMLParser):
    """What a page links to, what it loads, and the names that links to it can have behind `#`."""

    links: set[str] = field(default_factory=set)
    loads: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Takes note of a tag."""
        values = dict(attrs)
        if name := values.get("id") or (values.get("name") if tag == "a" else None):
            self.names.add(name)
        if tag == "a" and (target := values.get("href")):
            self.links.add(target)
        if target := values.get("src") or (values.get("href") if tag == "link" else None):
            self.loads.add(target)


def read_site(folder: Path) -> dict[Path, Page]:
    """All pages of a site, by file."""
    pages = {}
    for file in folder.rglob("*.html"):
        pages[file] = Page()
        pages[file].feed(file.read_text("utf-8"))
    return pages


def is_outside(target: str) -> bool:
    """Whether it leads away from the site."""
    return bool(urlsplit(target).scheme or urlsplit(target).netloc)


def broken(folder: Path) -> list[str]:
    """`page → target` for every link and every loaded file that leads nowhere."""
    pages = read_site(folder)
    found = []
    for file, page in pages.items():
        # It is served for any path, so its links are absolute.
        if file.name == "404.html":
            continue
        for target in page.links | page.loads:
            if is_outside(target):
                continue
            parts = urlsplit(target)
            there = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            there = there / "index.html" if there.is_dir() else there
            names = pages[there].names if there in pages else set()
            if not there.exists() or (parts.fragment and there in pages and unquote(parts.fragment) not in names):
                found.append(f"{file.relative_to(folder)} → {target}")
    return sorted(found)
