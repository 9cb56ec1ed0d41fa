"""Writes THIRD-PARTY-LICENSES.txt: the licences of the crates and npm packages whose code a wheel contains.

`--check` only says whether the file is as it would be written.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "THIRD-PARTY-LICENSES.txt"
BINDING = "locust-py"
LICENSE_FILE = re.compile(r"(?i)(un)?licen[cs]e|copying|notice")
RULE = "-" * 80

HEAD = """\
The compiled core of locust-rs contains code of these crates, and its web UI code of these npm packages. After each text
stand the packages that it covers. locust-rs itself is under the licence in the file LICENSE.
"""


@dataclass(frozen=True, order=True)
class Package:
    """A package whose code is in the wheel."""

    name: str
    version: str
    license: str
    folder: Path

    def texts(self) -> list[str]:
        """Its licence files; of several to choose from, MIT's."""
        files = sorted(path for path in self.folder.iterdir() if path.is_file() and LICENSE_FILE.match(path.name))
        is_choice = " AND " not in self.license and "MIT" in self.license
        chosen = [path for path in files if "MIT" in path.name.upper()] if is_choice else []
        return [path.read_text("utf-8").strip() for path in chosen or files]


def crates() -> list[Package]:
    """Every crate that is linked into the binding on some platform."""
    command = ["cargo", "metadata", "--format-version", "1", "--locked"]
    metadata = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    reached: set[str] = set()
    waiting = [identity for identity, package in packages.items() if package["name"] == BINDING]
    while waiting:
        identity = waiting.pop()
        if identity in reached or _runs_in_the_compiler(packages[identity]):
            continue
        reached.add(identity)
        waiting += [
            dependency["pkg"]
            for dependency in nodes[identity]["deps"]
            if any(kind["kind"] is None for kind in dependency["dep_kinds"])
        ]
    return [
        Package(found["name"], found["version"], found["license"], Path(found["manifest_path"]).parent)
        for found in map(packages.__getitem__, reached)
        if found["source"] is not None
    ]


def _runs_in_the_compiler(package: dict[str, Any]) -> bool:
    return any("proc-macro" in target["kind"] for target in package["targets"])


def npm_packages() -> list[Package]:
    """Every npm package in the bundle, which are those that aren't for development."""
    lock = json.loads((ROOT / "web" / "package-lock.json").read_text("utf-8"))
    return [
        Package(path.rpartition("node_modules/")[2], entry["version"], entry["license"], ROOT / "web" / path)
        for path, entry in lock["packages"].items()
        if path and not entry.get("dev")
    ]


def compose(packages: list[Package]) -> str:
    """The file's content: every text once, with the packages it is of."""
    covered: defaultdict[str, list[Package]] = defaultdict(list)
    bare: list[Package] = []
    for package in sorted(packages):
        texts = package.texts()
        for text in texts:
            covered[text].append(package)
        if not texts:
            bare.append(package)
    parts = [HEAD]
    for text, owners in covered.items():
        parts.append("\n".join([RULE, *map(_line, owners), "", text, ""]))
    if bare:
        parts.append(
            "\n".join([RULE, "Without a licence file of their own, under the licence named:", *map(_line, bare)])
        )
    return "\n".join(parts).rstrip() + "\n"


def _line(package: Package) -> str:
    return f"{package.name} {package.version} ({package.license})"


def main() -> int:
    """Writes the file, or with `--check` returns 1 if it is out of date."""
    content = compose([*crates(), *npm_packages()])
    if "--check" in sys.argv:
        if FILE.exists() and FILE.read_text("utf-8") == content:
            return 0
        print(f"{FILE.name} is out of date: run python tools/{Path(__file__).name}")
        return 1
    FILE.write_text(content, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
