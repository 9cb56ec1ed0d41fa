"""Writes the type stubs of the alias package, from which editors and type checkers read `locust.x.y`.

At run time `import locust.x` yields the module `locust_rs.x` itself. A type checker cannot know that, so each
public module of Locust has a stub in `python/locust/` that re-exports its public names, which are listed in
`tests/vectors/public_api.json`.

    python tools/generate_alias_stubs.py          writes them
    python tools/generate_alias_stubs.py --check  says whether they are up to date
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STUBS = ROOT / "python" / "locust"
ORIGINALS = ROOT / "python" / "locust_rs"
NAMES: dict[str, list[str]] = json.loads((ROOT / "tests" / "vectors" / "public_api.json").read_text())["names"]

MORE = {
    "locust": ["RestUser"],
    "locust.contrib.rest": ["RestUser"],
    "locust.contrib.fasthttp": ["FastHttpLocust"],
    "locust.contrib.sse": ["Event", "EventSource", "EventStreamParser", "StreamBroken", "events"],
    "locust.contrib.streams": ["StreamBroken", "TimedStream"],
    "locust.contrib.websocket": [
        "ConnectionClosed",
        "HandshakeRefused",
        "Settings",
        "TimedOut",
        "WebSocketClient",
        "WebSocketFailure",
        "WebSocketUser",
    ],
}
"""Public names of other releases, and our own."""

HEADER = "# Written by tools/generate_alias_stubs.py; at run time this is `{original}` itself.\n"


def main() -> None:
    expected = dict(stubs())
    written = set(STUBS.rglob("*.pyi"))
    if sys.argv[1:] == ["--check"]:
        stale = {path for path, text in expected.items() if not path.exists() or path.read_text() != text}
        stale |= written - expected.keys()
        if stale:
            names = ", ".join(sorted(str(path.relative_to(ROOT)) for path in stale))
            sys.exit(f"stubs are out of date: {names}\nrun: python tools/generate_alias_stubs.py")
        return
    for path in written - expected.keys():
        path.unlink()
    for path, text in expected.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    print(f"{len(expected)} stubs in {STUBS.relative_to(ROOT)}")


def stubs() -> Iterator[tuple[Path, str]]:
    """(path, text) of each stub."""
    for module in sorted(NAMES.keys() | MORE.keys()):
        parts = module.split(".")[1:]
        if parts[-1:] == ["__main__"]:
            continue
        original = ".".join(["locust_rs", *parts])
        is_package = ORIGINALS.joinpath(*parts).is_dir()
        path = STUBS.joinpath(*parts)
        path = path / "__init__.pyi" if is_package else path.with_suffix(".pyi")
        yield path, HEADER.format(original=original) + body(module, original, parts)


def body(module: str, original: str, parts: list[str]) -> str:
    names = {*NAMES.get(module, ()), *MORE.get(module, ())} - {"__all__"}
    if module in ("locust.user", "locust.rpc"):
        names |= set(listed_names(ORIGINALS.joinpath(*parts) / "__init__.py"))
    submodules = {name.split(".")[1] for name in NAMES if module == "locust" and len(name.split(".")) == 2} - {
        "__main__",
        "_version",
    }
    lines = [f"from {module} import {name} as {name}" for name in sorted(submodules)]
    shared = tunables(parts)
    for name in sorted(names):
        if module == "locust" and name == "urllib3":
            lines.append("import urllib3 as urllib3")
        else:
            owner = f"locust_rs._tunables.{parts[0]}" if name in shared else original
            lines.append(f"from {owner} import {name} as {name}")
    text = "".join(f"{line}\n" for line in lines)
    if module == "locust":
        quoted = "".join(f'    "{name}",\n' for name in sorted(set(NAMES[module]) - {"__all__", "urllib3"}))
        text += f"\n__all__ = [\n{quoted}]\n"
    return text


def tunables(parts: list[str]) -> set[str]:
    """The names that users overwrite through a module, and that are defined in `_tunables`."""
    home = ORIGINALS / "_tunables" / f"{'.'.join(parts)}.py"
    if not home.exists():
        return set()
    return {
        target.id
        for node in ast.parse(home.read_text()).body
        for target in (node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)])
        if isinstance(target, ast.Name)
    }


def listed_names(path: Path) -> list[str]:
    """`__all__` of a file."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign) and any(ast.unparse(target) == "__all__" for target in node.targets):
            names: list[str] = ast.literal_eval(node.value)
            return names
    return []


main()
