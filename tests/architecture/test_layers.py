"""The layers: a higher one imports lower ones, never the reverse, and no module inside imports the facade."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "python" / "locust_rs"

LAYERS = [
    {"_core", "_tunables", "_alias", "_reexports", "_states", "_version", "_patching", "exception", "util", "convert"},
    {"event", "log"},
    {
        "http",
        "stats",
        "rpc",
        "dispatch",
        "clients",
        "engine",
        "shape",
        "input_events",
        "metrics",
        "evidence",
        "thresholds",
    },
    {"user", "contrib"},
    {"argument_parser"},
    {"runners"},
    {"web", "html", "ci", "history"},
    {"env"},
    {"", "__main__", "main", "debug", "cli", "opentelemetry", "demo", "legacy", "upgrade"},
]
"""From the lowest up; "" is the facade, `locust_rs/__init__.py`. Kept equal to docs/architecture.md."""

LAYER_OF = {area: number for number, areas in enumerate(LAYERS) for area in areas}


def modules() -> list[Path]:
    return [path for path in sorted(PACKAGE.rglob("*.py")) if "webui" not in path.parts]


def area_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return "" if first == "__init__.py" else first.removesuffix(".py")


def imported_areas(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """(line, area) of each import of the package, those under TYPE_CHECKING left out."""
    skipped = {
        id(node)
        for branch in ast.walk(tree)
        if isinstance(branch, ast.If) and "TYPE_CHECKING" in ast.unparse(branch.test)
        for statement in branch.body
        for node in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module] if node.module != "locust_rs" else [f"locust_rs.{a.name}" for a in node.names]
        else:
            continue
        for name in names:
            top, _, rest = name.partition(".")
            if top in ("locust_rs", "locust"):
                area = rest.partition(".")[0]
                yield node.lineno, area if area in LAYER_OF else ""


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_module_imports_no_higher_layer(path: Path) -> None:
    area = area_of(path)
    assert area in LAYER_OF, f"{path} belongs to no layer: name its area in LAYERS and docs/architecture.md"
    upward = [
        f"line {line}: {area or 'the facade'} imports {imported or 'the facade'}"
        for line, imported in imported_areas(ast.parse(path.read_text()))
        if LAYER_OF[imported] > LAYER_OF[area]
    ]
    assert not upward, "\n".join(upward)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_module_uses_the_name_locust_rs_inside(path: Path) -> None:
    if path.name == "locustfile.py" and "demo" in path.parts:
        return  # what users write
    tree = ast.parse(path.read_text())
    aliased = [
        node.lineno
        for node in ast.walk(tree)
        if (isinstance(node, ast.Import) and any(a.name.partition(".")[0] == "locust" for a in node.names))
        or (isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "locust")
    ]
    assert not aliased, f"import locust_rs instead of locust at lines {aliased}"


def test_earlier_eras_are_known_in_one_place_alone() -> None:
    naming = {
        str(path.relative_to(PACKAGE))
        for path in modules()
        if "legacy" in {name for _, name in imported_areas(ast.parse(path.read_text()))} and area_of(path) != "legacy"
    }
    assert naming == {"cli/eras.py"}


def test_only_the_binding_names_pyo3() -> None:
    naming = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "rust").rglob("*.rs")
        if "locust-py" not in path.parts and "target" not in path.parts and "use pyo3" in path.read_text()
    ]
    assert not naming


def test_the_layers_are_those_of_the_documentation() -> None:
    documented = (ROOT / "docs" / "architecture.md").read_text()
    for number, areas in enumerate(LAYERS):
        for area in areas - {""}:
            line = next(line for line in documented.splitlines() if line.startswith(f"{number} "))
            assert f" {area} " in f"{line} ", f"docs/architecture.md does not name {area} in layer {number}"


HTTP_ROOMS = {"engine": set(), "common": {"engine"}, "requests": {"engine", "common"}, "fast": {"engine", "common"}}
"""Rooms of the HTTP wing, and the rooms that each may import."""


@pytest.mark.parametrize(
    "path", sorted((PACKAGE / "http").glob("*/*.py")), ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_rooms_of_the_http_wing_import_only_those_below(path: Path) -> None:
    room = path.parent.name
    imported = {
        name.split(".")[2]
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("locust_rs.http")
        for name in (
            [node.module] if node.module != "locust_rs.http" else [f"{node.module}.{a.name}" for a in node.names]
        )
    }
    assert imported - {room} <= HTTP_ROOMS[room]
