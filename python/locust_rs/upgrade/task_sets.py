"""TaskSets: replaces `locust` by `user`, and scheduled tasks with arguments by lambdas."""

from __future__ import annotations

import libcst as cst
import libcst.matchers as m

from locust_rs.upgrade.facts import Facts
from locust_rs.upgrade.syntax import dotted, keyword, root_name

_LITERAL = m.Integer() | m.Float() | m.SimpleString() | m.Name("None") | m.Name("True") | m.Name("False")


class TaskSets(cst.CSTTransformer):
    """Rewrites how functions use the TaskSet that is their first parameter."""

    def __init__(self, facts: Facts) -> None:
        super().__init__()
        self._facts = facts
        self._first_parameters: list[str] = []

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        params = node.params.params
        self._first_parameters.append(params[0].name.value if params else "")

    def leave_FunctionDef(self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef) -> cst.FunctionDef:
        self._first_parameters.pop()
        return updated_node

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.Attribute:
        if original_node.attr.value != "locust" or root_name(original_node) not in self._first_parameters:
            return updated_node
        return updated_node.with_changes(attr=cst.Name("user"))

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        function = updated_node.func
        if not isinstance(function, cst.Attribute) or function.attr.value != "schedule_task":
            return updated_node
        given = dict(zip(("task_callable", "args", "kwargs", "first"), updated_node.args, strict=False))
        given = {(one.keyword.value if one.keyword else name): one for name, one in given.items()}
        task, first = given.get("task_callable"), given.get("first")
        if task is None or not (given.keys() & {"args", "kwargs"}) or any(one.star for one in given.values()):
            return updated_node
        if "args" in given and m.matches(given["args"].value, m.Name("True") | m.Name("False")):
            return updated_node
        task_with_arguments = self._lambda(task.value, given.get("args"), given.get("kwargs"))
        if task_with_arguments is None:
            return updated_node
        comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
        args = [cst.Arg(task_with_arguments)]
        if first is not None:
            args = [args[0].with_changes(comma=comma), keyword("first", first.value)]
        return updated_node.with_changes(args=args)

    def _lambda(
        self, task: cst.BaseExpression, args: cst.Arg | None, kwargs: cst.Arg | None
    ) -> cst.BaseExpression | None:
        """`lambda task_set: task(task_set, …)`; None if the task may be a TaskSet class."""
        own = root_name(task) in self._first_parameters and isinstance(task, cst.Attribute)
        if not own and ("", dotted(task)) not in self._facts.functions:
            return None
        module = cst.Module([])
        handed_on = [] if own else ["task_set"]
        defaults = []
        if args is not None:
            value = args.value
            if isinstance(value, (cst.List, cst.Tuple)) and all(
                m.matches(one.value, _LITERAL) for one in value.elements
            ):
                handed_on += [module.code_for_node(one.value) for one in value.elements]
            else:
                # A default is evaluated when the task is scheduled, as the argument was.
                defaults.append(f"args={module.code_for_node(value)}")
                handed_on.append("*args")
        if kwargs is not None and (named := _named_literals(kwargs.value)) is not None:
            handed_on += [f"{name}={module.code_for_node(value)}" for name, value in named.items()]
        elif kwargs is not None:
            defaults.append(f"kwargs={module.code_for_node(kwargs.value)}")
            handed_on.append("**kwargs")
        parameters = ", ".join(["task_set", *defaults])
        return cst.parse_expression(f"lambda {parameters}: {module.code_for_node(task)}({', '.join(handed_on)})")


def _named_literals(node: cst.BaseExpression) -> dict[str, cst.BaseExpression] | None:
    """Name → value of a dictionary display whose keys are names and whose values are literals."""
    if not isinstance(node, cst.Dict):
        return None
    named: dict[str, cst.BaseExpression] = {}
    for one in node.elements:
        key = (
            one.key.evaluated_value
            if isinstance(one, cst.DictElement) and isinstance(one.key, cst.SimpleString)
            else None
        )
        if not isinstance(key, str) or not key.isidentifier() or not m.matches(one.value, _LITERAL):
            return None
        named[key] = one.value
    return named
