"""Queries on syntax trees, and builders of nodes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import libcst as cst


def dotted(node: cst.BaseExpression | None) -> str:
    """`a.b.c` for a name or a chain of attributes; empty for anything else."""
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        owner = dotted(node.value)
        return f"{owner}.{node.attr.value}" if owner else ""
    return ""


def root_name(node: cst.BaseExpression) -> str:
    """The `a` of `a.b.c`."""
    while isinstance(node, cst.Attribute):
        node = node.value
    return node.value if isinstance(node, cst.Name) else ""


def event_name(node: cst.BaseExpression) -> str:
    """The `x` of `events.x`, `environment.events.x` and their like; empty for anything else."""
    if not isinstance(node, cst.Attribute):
        return ""
    owner = node.value
    last = owner.attr.value if isinstance(owner, cst.Attribute) else owner.value if isinstance(owner, cst.Name) else ""
    return node.attr.value if last == "events" else ""


def assigned(statement: cst.CSTNode) -> tuple[str, cst.Assign] | None:
    """Name and assignment of a line that is `name = value`."""
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return None
    small = statement.body[0]
    if not isinstance(small, cst.Assign) or len(small.targets) != 1:
        return None
    target = small.targets[0].target
    return (target.value, small) if isinstance(target, cst.Name) else None


def value_of(statements: Iterable[cst.CSTNode], name: str) -> cst.BaseExpression | None:
    """What the first line `name = value` among statements assigns."""
    for statement in statements:
        found = assigned(statement)
        if found and found[0] == name:
            return found[1].value
    return None


def body_of(node: cst.ClassDef | cst.FunctionDef) -> Sequence[cst.BaseStatement]:
    """The statements of an indented body; empty if the body is on the same line."""
    return node.body.body if isinstance(node.body, cst.IndentedBlock) else ()


def with_body(node: cst.ClassDef, statements: Sequence[cst.BaseStatement]) -> cst.ClassDef:
    """The class with other statements in its indented body."""
    assert isinstance(node.body, cst.IndentedBlock)
    return node.with_changes(body=node.body.with_changes(body=statements))


def is_docstring(statement: cst.BaseStatement) -> bool:
    """Whether a statement is a lone string."""
    return (
        isinstance(statement, cst.SimpleStatementLine)
        and len(statement.body) == 1
        and isinstance(statement.body[0], cst.Expr)
        and isinstance(statement.body[0].value, (cst.SimpleString, cst.ConcatenatedString))
    )


def is_pass(statement: cst.BaseStatement) -> bool:
    """Whether a line is `pass`."""
    return (
        isinstance(statement, cst.SimpleStatementLine)
        and len(statement.body) == 1
        and isinstance(statement.body[0], cst.Pass)
    )


def line(text: str) -> cst.SimpleStatementLine:
    """A line of code as a statement."""
    statement = cst.parse_statement(text)
    assert isinstance(statement, cst.SimpleStatementLine)
    return statement


def keyword(name: str, value: cst.BaseExpression) -> cst.Arg:
    """`name=value`, as an argument."""
    no_space = cst.SimpleWhitespace("")
    equal = cst.AssignEqual(whitespace_before=no_space, whitespace_after=no_space)
    return cst.Arg(keyword=cst.Name(name), value=value, equal=equal)


def appended(args: Sequence[cst.Arg], *more: cst.Arg) -> list[cst.Arg]:
    """Arguments with more at the end, in the same layout."""
    if not args or not more:
        return [*args, *more]
    between = args[-2].comma if len(args) > 1 else cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    last = args[-1]
    result = [*args[:-1], last.with_changes(comma=between)]
    result += [one.with_changes(comma=between) for one in more[:-1]]
    return [*result, more[-1].with_changes(comma=last.comma)]


def parameter_names(function: cst.FunctionDef) -> list[str]:
    """The parameters of a function that can be given by name."""
    parameters = function.params
    return [one.name.value for one in (*parameters.posonly_params, *parameters.params, *parameters.kwonly_params)]


def names_in(node: cst.CSTNode) -> set[str]:
    """All names in a tree, without attributes."""
    found: set[str] = set()

    class Collect(cst.CSTVisitor):
        def visit_Name(self, node: cst.Name) -> None:
            found.add(node.value)

        def visit_Attribute_attr(self, node: cst.Attribute) -> None:
            pass

        def visit_Attribute(self, node: cst.Attribute) -> bool:
            node.value.visit(self)
            return False

    node.visit(Collect())
    return found
