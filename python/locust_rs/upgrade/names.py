"""Imports and uses of names that were renamed or moved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import libcst as cst

from locust_rs.upgrade.facts import Facts
from locust_rs.upgrade.syntax import dotted, names_in
from locust_rs.upgrade.tables import ATTRIBUTES, DOTTED, IMPORTS


class Names(cst.CSTTransformer):
    """Rewrites imports and uses of names."""

    def __init__(self, facts: Facts) -> None:
        super().__init__()
        self._today = {
            local: new
            for local, full in facts.imported.items()
            if local == full.rpartition(".")[2] and (new := _new_name(full)) != local
        }

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
        new = self._today.get(original_node.value)
        return updated_node.with_changes(value=new) if new else updated_node

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.Attribute | cst.BaseExpression:
        full = dotted(original_node)
        if full in DOTTED:
            return cst.parse_expression(DOTTED[full])
        attr = original_node.attr.value
        return updated_node.with_changes(attr=cst.Name(ATTRIBUTES.get(attr, attr)))

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        if original_node.keyword is None:
            return updated_node
        name = original_node.keyword.value
        return updated_node.with_changes(keyword=cst.Name(ATTRIBUTES.get(name, name)))

    def visit_ImportFrom(self, node: cst.ImportFrom) -> bool:
        return False

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.SimpleStatementLine | cst.FlattenSentinel[cst.BaseStatement]:
        node = original_node.body[0]
        if len(original_node.body) != 1 or not isinstance(node, cst.ImportFrom) or node.relative:
            return updated_node
        if isinstance(node.names, cst.ImportStar):
            if dotted(node.module) != "locust.core":
                return updated_node
            return updated_node.with_changes(body=[node.with_changes(module=_module("locust"))])
        by_module: dict[str, list[cst.ImportAlias]] = defaultdict(list)
        for alias in node.names:
            module, name = IMPORTS.get((dotted(node.module), dotted(alias.name)), (dotted(node.module), ""))
            by_module[module].append(alias.with_changes(name=cst.Name(name)) if name else alias)
        lines = [
            updated_node.with_changes(
                body=[
                    node.with_changes(module=_module(module), names=_closed(aliases) if len(by_module) > 1 else aliases)
                ],
                leading_lines=updated_node.leading_lines if number == 0 else [],
            )
            for number, (module, aliases) in enumerate(by_module.items())
        ]
        return cst.FlattenSentinel(lines) if len(lines) > 1 else lines[0]


def _new_name(full: str) -> str:
    module, _, name = full.rpartition(".")
    return IMPORTS.get((module, name), (module, name))[1]


def _module(name: str) -> cst.Name | cst.Attribute:
    parsed = cst.parse_expression(name)
    assert isinstance(parsed, (cst.Name, cst.Attribute))
    return parsed


def _closed(aliases: list[cst.ImportAlias]) -> list[cst.ImportAlias]:
    """Aliases without a comma after the last one."""
    return [*aliases[:-1], aliases[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)]


def with_imports(module: cst.Module, facts: Facts, lines_before: int) -> cst.Module:
    """Adds missing imports from `locust`, and removes that of `web` if nothing uses it any more.

    Args:
        module: The file after all other steps.
        facts: Has the names that are needed.
        lines_before: Number of lines `from locust import …` in the old file. If there are more now, they are merged.
    """
    body = list(module.body)
    places = import_lines(module)
    if any(_is_star(one) for one in body):
        return module
    used = set().union(*(names_in(one) for number, one in enumerate(body) if number not in places))
    bound = set().union(*(_names_bound(one) for one in body))
    needed = sorted(facts.needed - bound)
    gone = {"web"} - used if facts.imported.get("web") == "locust.web" else set()
    if not places:
        if needed:
            line = cst.parse_statement(f"from locust import {', '.join(needed)}\n")
            body.insert(_place_for_import(body), line)
        return module.with_changes(body=body)
    merged = places if len(places) > lines_before else places[:1]
    kept: dict[str, cst.ImportAlias] = {}
    for place in merged:
        kept |= _names_from_locust(body[place]) or {}
    had = list(kept)
    kept |= {name: cst.ImportAlias(cst.Name(name)) for name in needed}
    kept = {name: alias for name, alias in kept.items() if name not in gone}
    first = body[places[0]]
    assert isinstance(first, cst.SimpleStatementLine)
    if list(kept) != had or len(merged) > 1:
        body[places[0]] = first.with_changes(body=[_laid_out(first.body[0], list(kept.values()))])
    dropped = [*merged[1:], *([] if kept else merged[:1])]
    return module.with_changes(body=[one for number, one in enumerate(body) if number not in dropped])


def import_lines(module: cst.Module) -> list[int]:
    """Indexes of a file's statements that are `from locust import …`."""
    return [number for number, one in enumerate(module.body) if _names_from_locust(one) is not None]


def _laid_out(node: cst.BaseSmallStatement, aliases: list[cst.ImportAlias]) -> cst.ImportFrom:
    """An import of these names, in the layout of the old one."""
    assert isinstance(node, cst.ImportFrom)
    assert not isinstance(node.names, cst.ImportStar)
    old = [one.comma for one in node.names if isinstance(one.comma, cst.Comma)]
    between = old[0] if len(node.names) > 1 else cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    last = node.names[-1].comma
    names = [one.with_changes(comma=between) for one in aliases[:-1]]
    return node.with_changes(names=[*names, *(one.with_changes(comma=last) for one in aliases[-1:])])


def _names_from_locust(statement: cst.CSTNode) -> dict[str, cst.ImportAlias] | None:
    """Local name → alias, of a line `from locust import …`."""
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return None
    node = statement.body[0]
    if not isinstance(node, cst.ImportFrom) or node.relative or dotted(node.module) != "locust":
        return None
    if isinstance(node.names, cst.ImportStar):
        return None
    return {dotted(one.asname.name if one.asname else one.name): one for one in node.names}


def _names_bound(statement: cst.CSTNode) -> set[str]:
    """Names that other imports of Locust's modules bind."""
    if not isinstance(statement, cst.SimpleStatementLine):
        return set()
    found: set[str] = set()
    for node in statement.body:
        if isinstance(node, cst.ImportFrom) and not isinstance(node.names, cst.ImportStar):
            found |= {dotted(one.asname.name if one.asname else one.name) for one in node.names}
    return found


def _is_star(statement: cst.CSTNode) -> bool:
    return (
        isinstance(statement, cst.SimpleStatementLine)
        and isinstance(statement.body[0], cst.ImportFrom)
        and isinstance(statement.body[0].names, cst.ImportStar)
        and dotted(statement.body[0].module) == "locust"
    )


def _place_for_import(body: Sequence[cst.BaseStatement]) -> int:
    """After the last import, or at the top of the file."""
    imports = [
        number
        for number, one in enumerate(body)
        if isinstance(one, cst.SimpleStatementLine) and isinstance(one.body[0], (cst.Import, cst.ImportFrom))
    ]
    return imports[-1] + 1 if imports else 0
