"""Bodies of user and TaskSet classes: `task_set`, times in milliseconds, and former defaults."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from locust_rs.upgrade.facts import Facts
from locust_rs.upgrade.syntax import (
    appended,
    assigned,
    body_of,
    dotted,
    is_docstring,
    is_pass,
    line,
    value_of,
    with_body,
)

WAITS = ("min_wait", "max_wait")


class ClassBodies(cst.CSTTransformer):
    """Rewrites classes that are users or TaskSets."""

    def __init__(self, facts: Facts) -> None:
        super().__init__()
        self._facts = facts

    def leave_ClassDef(self, original_node: cst.ClassDef, updated_node: cst.ClassDef) -> cst.ClassDef:
        kind = self._facts.kind(original_node)
        if not body_of(updated_node):
            return updated_node
        names_tasks = value_of(body_of(updated_node), "task_set") is not None
        if not kind and not names_tasks:
            return updated_node
        statements = list(body_of(updated_node))
        statements = self._waits(statements, of_locust=kind in ("locust", ""))
        statements = [self._wait_function(one) for one in statements]
        if kind != "task_set":
            statements = [self._task_set(one) for one in statements]
        if kind == "locust":
            statements = [_init_with_environment(one) for one in statements]
            statements = self._former_defaults(original_node, statements)
        return with_body(updated_node, statements)

    def _waits(self, statements: list[cst.BaseStatement], of_locust: bool) -> list[cst.BaseStatement]:
        """Replaces `min_wait` and `max_wait` by one `wait_time`."""
        places = [number for number, one in enumerate(statements) if (found := assigned(one)) and found[0] in WAITS]
        if not places or value_of(statements, "wait_time") is not None:
            return statements
        if len(places) != 2 and not (of_locust and len(places) == 1):
            return statements
        default = cst.Integer("1000")
        shortest, longest = (value_of(statements, name) or default for name in WAITS)
        first = statements[places[0]]
        assert isinstance(first, cst.SimpleStatementLine)
        assign = first.body[0]
        assert isinstance(assign, cst.Assign)
        wait = assign.with_changes(
            targets=[assign.targets[0].with_changes(target=cst.Name("wait_time"))],
            value=self._wait_time(shortest, longest),
        )
        kept = first.with_changes(body=[wait])
        for place in places[1:]:
            second = statements[place]
            assert isinstance(second, cst.SimpleStatementLine)
            kept = _with_comments_of(kept, second)
        return [
            kept if number == places[0] else one for number, one in enumerate(statements) if number not in places[1:]
        ]

    def _wait_time(self, shortest: cst.BaseExpression, longest: cst.BaseExpression) -> cst.Call:
        if shortest.deep_equals(longest):
            self._facts.needed.add("constant")
            return cst.Call(cst.Name("constant"), [cst.Arg(_in_seconds(shortest))])
        self._facts.needed.add("between")
        comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
        return cst.Call(
            cst.Name("between"), [cst.Arg(_in_seconds(shortest), comma=comma), cst.Arg(_in_seconds(longest))]
        )

    def _wait_function(self, statement: cst.BaseStatement) -> cst.BaseStatement:
        found = assigned(statement)
        if not found or found[0] != "wait_function" or not isinstance(found[1].value, cst.Lambda):
            return statement
        assert isinstance(statement, cst.SimpleStatementLine)
        function = found[1].value
        seconds = function.with_changes(body=_in_seconds(function.body))
        target = found[1].targets[0].with_changes(target=cst.Name("wait_time"))
        return statement.with_changes(body=[found[1].with_changes(targets=[target], value=seconds)])

    def _task_set(self, statement: cst.BaseStatement) -> cst.BaseStatement:
        if isinstance(statement, cst.ClassDef) and statement.name.value == "task_set" and not statement.decorators:
            self._facts.needed.add("task")
            decorator = cst.Decorator(cst.Name("task"))
            return statement.with_changes(decorators=[decorator])
        found = assigned(statement)
        if not found or found[0] != "task_set" or not isinstance(statement, cst.SimpleStatementLine):
            return statement
        if isinstance(found[1].value, cst.Name) and found[1].value.value == "None":
            return statement
        target = found[1].targets[0].with_changes(target=cst.Name("tasks"))
        tasks = cst.List([cst.Element(found[1].value)])
        return statement.with_changes(body=[found[1].with_changes(targets=[target], value=tasks)])

    def _former_defaults(self, original: cst.ClassDef, statements: list[cst.BaseStatement]) -> list[cst.BaseStatement]:
        """Writes out former defaults: a wait of 1 s, a weight of 10, abstract without tasks."""
        facts = self._facts
        said = {found[0] for one in statements if (found := assigned(one))}
        said |= {one.name.value for one in statements if isinstance(one, cst.FunctionDef)}
        added = []
        if facts.derives_directly(original):
            if not said & {"wait_time", "wait_function", *WAITS}:
                facts.needed.add("constant")
                added.append("wait_time = constant(1)")
            if facts.weights_are_set and "weight" not in said:
                added.append("weight = 10")
        if "abstract" not in said and not facts.has_tasks(original):
            added.append("abstract = True")
        if not added:
            return statements
        place = max(
            (number + 1 for number, one in enumerate(statements) if (found := assigned(one)) and found[0] == "tasks"),
            default=1 if is_docstring(statements[0]) else 0,
        )
        lines = [line(text) for text in added]
        rest = [one for one in statements[place:] if not is_pass(one)]
        if rest and isinstance(rest[0], (cst.FunctionDef, cst.ClassDef)) and not rest[0].leading_lines:
            rest[0] = rest[0].with_changes(leading_lines=[cst.EmptyLine(indent=False)])
        return [*statements[:place], *lines, *rest]


def _in_seconds(milliseconds: cst.BaseExpression) -> cst.BaseExpression:
    if isinstance(milliseconds, (cst.Integer, cst.Float)):
        return cst.parse_expression(f"{milliseconds.evaluated_value / 1000:g}")
    simple = isinstance(milliseconds, (cst.Name, cst.Attribute, cst.Call, cst.Subscript)) or milliseconds.lpar
    left = milliseconds if simple else milliseconds.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    return cst.BinaryOperation(left, cst.Divide(), cst.Integer("1000"))


def _with_comments_of(kept: cst.SimpleStatementLine, gone: cst.SimpleStatementLine) -> cst.SimpleStatementLine:
    """A statement with the comments of one that is removed."""
    above = [one for one in gone.leading_lines if one.comment is not None]
    if gone.trailing_whitespace.comment is not None:
        if kept.trailing_whitespace.comment is None:
            return kept.with_changes(
                leading_lines=[*kept.leading_lines, *above], trailing_whitespace=gone.trailing_whitespace
            )
        above.append(cst.EmptyLine(comment=gone.trailing_whitespace.comment))
    return kept.with_changes(leading_lines=[*kept.leading_lines, *above])


def _init_with_environment(statement: cst.BaseStatement) -> cst.BaseStatement:
    """Lets `__init__(self)` take the environment and pass it on."""
    if not isinstance(statement, cst.FunctionDef) or statement.name.value != "__init__":
        return statement
    parameters = statement.params
    if len(parameters.params) != 1 or not isinstance(parameters.star_arg, cst.MaybeSentinel) or parameters.star_kwarg:
        return statement
    params: Sequence[cst.Param] = [
        parameters.params[0].with_changes(comma=cst.MaybeSentinel.DEFAULT),
        cst.Param(cst.Name("environment")),
    ]
    changed = statement.with_changes(params=parameters.with_changes(params=params))
    result = changed.visit(_HandOnEnvironment())
    assert isinstance(result, cst.FunctionDef)
    return result


class _HandOnEnvironment(cst.CSTTransformer):
    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        function = updated_node.func
        if not isinstance(function, cst.Attribute) or function.attr.value != "__init__":
            return updated_node
        of_super = isinstance(function.value, cst.Call) and dotted(function.value.func) == "super"
        if len(updated_node.args) == (0 if of_super else 1):
            return updated_node.with_changes(args=_args_with_environment(updated_node.args))
        return updated_node


def _args_with_environment(args: Sequence[cst.Arg]) -> list[cst.Arg]:
    return appended(args, cst.Arg(cst.Name("environment")))
