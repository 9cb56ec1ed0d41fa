"""`_core.pyi` is written by hand; these tests compare its names with those of the compiled module."""

from __future__ import annotations

import ast
from pathlib import Path

from locust_rs import _core

STUB = Path(__file__).resolve().parents[2] / "python" / "locust_rs" / "_core.pyi"
DUNDERS_OF_THE_SURFACE = {"__call__", "__len__", "__iter__", "__next__", "__getitem__", "__contains__"}


def is_public(name: str) -> bool:
    return not name.startswith("__") or name in DUNDERS_OF_THE_SURFACE


def stub_names(body: list[ast.stmt]) -> dict[str, ast.stmt]:
    """What a module's or a class's stub declares, by name."""
    names: dict[str, ast.stmt] = {}
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names[node.name] = node
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names[node.target.id] = node
    return names


def test_stub_and_module_have_the_same_names() -> None:
    declared = {name for name in stub_names(ast.parse(STUB.read_text()).body) if is_public(name)}
    aliases = {name for name in declared if not hasattr(_core, name) and name[0].isupper() and name[-1] == "_"}
    present = {name for name in vars(_core) if is_public(name)}
    assert declared - aliases == present


def test_stub_and_classes_have_the_same_members() -> None:
    differences = []
    for class_name, node in stub_names(ast.parse(STUB.read_text()).body).items():
        if not isinstance(node, ast.ClassDef):
            continue
        native = getattr(_core, class_name)
        if issubclass(native, BaseException):
            continue
        declared = {name for name in stub_names(node.body) if is_public(name)}
        present = {name for name in vars(native) if is_public(name)}
        if declared != present:
            differences.append(f"{class_name}: stub only {declared - present}, module only {present - declared}")
    assert not differences, "\n".join(differences)


def test_everything_in_the_stub_is_explained() -> None:
    tree = ast.parse(STUB.read_text())
    bare = [
        name
        for name, node in stub_names(tree.body).items()
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not ast.get_docstring(node)
    ]
    assert not bare
