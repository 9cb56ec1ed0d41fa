"""What MkDocs does for this project beyond its own: generated pages, pages from elsewhere in the tree, llms.txt.

A page in `docs/` that `mkdocs.yml` does not place is listed under "More", so a new page is never lost.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation, Page

ROOT = Path(__file__).resolve().parents[2]

BORROWED = {
    "README.md": "project/readme.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "CHANGELOG.md": "project/changelog.md",
    "SECURITY.md": "project/security.md",
    "tests/README.md": "project/tests.md",
    "benches/README.md": "project/benches.md",
    "examples/README.md": "project/examples.md",
    "deploy/README.md": "project/deploy.md",
    "deploy/helm/locust-rs/README.md": "project/helm.md",
}
"""Files outside `docs/` → their pages, so that links to them work in the site too."""

LINK = re.compile(r"(\]\()([^)#\s]+)(#[^)\s]*)?(\))")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the generated and the borrowed pages."""
    done = subprocess.run([sys.executable, str(ROOT / "tools/docs/reference.py")], capture_output=True, text=True)
    if done.returncode:
        raise PluginError(f"tools/docs/reference.py failed:\n{done.stderr}")
    for path, content in json.loads(done.stdout).items():
        files.append(File.generated(config, path, content=content))
    for path, page in BORROWED.items():
        if (ROOT / path).exists():
            files.append(File.generated(config, page, content=relinked((ROOT / path).read_text("utf-8"), path, page)))
    place_the_rest(files, config)
    return files


def place_the_rest(files: Files, config: MkDocsConfig) -> None:
    """Lists the pages that `nav` forgets under "More"."""
    placed = set(paths_in(config["nav"]))
    rest = [
        file.src_uri
        for file in files.documentation_pages()
        if file.src_uri not in placed and not file.src_uri.startswith("decisions/")
    ]
    if rest:
        config["nav"].append({"More": sorted(rest)})


def paths_in(nav: Any) -> list[str]:
    """All paths in a navigation."""
    if isinstance(nav, str):
        return [nav]
    items = nav.values() if isinstance(nav, dict) else nav
    return [path for item in items for path in paths_in(item)]


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Leads links that leave `docs/` to the pages that stand for their targets."""
    if page.file.generated_by:
        return markdown
    return relinked(markdown, f"docs/{page.file.src_uri}", page.file.src_uri)


def relinked(markdown: str, source: str, page: str) -> str:
    """A page's text with the links of the file it comes from.

    Args:
        source: Path of the file in the tree.
        page: Path of the page in the site. Targets that have no page there become plain text.
    """

    def link(found: re.Match[str]) -> str:
        target = found[2]
        if ":" in target:
            return found[0]
        path = (ROOT / source).parent.joinpath(target).resolve()
        if not path.is_relative_to(ROOT):
            return found[0]
        inside = path.relative_to(ROOT).as_posix()
        inside = f"{inside}/README.md" if path.is_dir() else inside
        if inside.startswith("docs/"):
            there = inside.removeprefix("docs/")
        elif inside in BORROWED:
            there = BORROWED[inside]
        else:
            return f"{found[1]}{SOURCE}{found[4]}" if path.exists() else found[0]
        up = "../" * page.count("/")
        return f"{found[1]}{up}{there}{found[3] or ''}{found[4]}"

    text = LINK.sub(link, markdown)
    # A link to a file of the sources has no page; its name says where it is in a checkout.
    return re.sub(rf"\[([^\]]+)\]\({SOURCE}\)", r"`\1`", text).replace("``", "`")


SOURCE = "in-a-checkout:"


def on_nav(nav: Navigation, config: MkDocsConfig, files: Files) -> Navigation:
    """Keeps the order of the pages for llms.txt."""
    config.extra["pages"] = nav.pages
    return nav


def on_post_build(config: MkDocsConfig) -> None:
    """Writes llms.txt: every page with its first sentence, for readers that take one file."""
    lines = [f"# {config.site_name}", "", f"> {config.site_description}", ""]
    whole = []
    for page in config.extra["pages"]:
        lines.append(f"- [{page.title}]({page.url}): {first_sentence(page.markdown or '')}")
        whole.append(f"<!-- {page.url} -->\n{page.markdown or ''}")
    site = Path(config.site_dir)
    (site / "llms.txt").write_text("\n".join(lines) + "\n", "utf-8")
    (site / "llms-full.txt").write_text("\n\n".join(whole), "utf-8")


def first_sentence(markdown: str) -> str:
    """The first sentence of the first paragraph."""
    for paragraph in markdown.split("\n\n"):
        if re.match(r"[A-Za-z`\[*]", paragraph):
            plain = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", " ".join(paragraph.split()))
            return re.split(r"(?<=[.:])\s", plain)[0]
    return ""
