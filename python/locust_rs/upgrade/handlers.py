"""Handlers of events: renames parameters, and checks the exception for `request_success` and `request_failure`."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from locust_rs.upgrade.facts import Facts
from locust_rs.upgrade.syntax import body_of, is_docstring, names_in, parameter_names
from locust_rs.upgrade.tables import EVENTS, PARAMETERS

_HALVES = {"request_success": "if exception:", "request_failure": "if not exception:"}


class Handlers(cst.CSTTransformer):
    """Rewrites the functions that listen to events."""

    def __init__(self, facts: Facts) -> None:
        super().__init__()
        self._facts = facts
        self._inside = [""]

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        self._inside.append(node.name.value)

    def leave_ClassDef(self, original_node: cst.ClassDef, updated_node: cst.ClassDef) -> cst.ClassDef:
        self._inside.pop()
        return updated_node

    def leave_FunctionDef(self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef) -> cst.FunctionDef:
        key = (self._inside[-1], original_node.name.value)
        events = self._facts.listens.get(key, set()) - self._facts.hooks
        if not events or len(self._facts.functions[key]) != 1:
            return updated_node
        function = updated_node
        for old, new in PARAMETERS.items():
            if events & EVENTS.keys() and old in parameter_names(function):
                function = _renamed(function, old, new)
        halves = events & _HALVES.keys()
        if len(halves) == 1:
            function = _only_half(function, _HALVES[halves.pop()])
        return _taking_the_rest(function)


def _renamed(function: cst.FunctionDef, old: str, new: str) -> cst.FunctionDef:
    if new in names_in(function):
        return function
    result = function.visit(_Rename(old, new))
    assert isinstance(result, cst.FunctionDef)
    return result


class _Rename(cst.CSTTransformer):
    def __init__(self, old: str, new: str) -> None:
        super().__init__()
        self._old = old
        self._new = new

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
        return updated_node.with_changes(value=self._new) if updated_node.value == self._old else updated_node

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.Attribute:
        return updated_node.with_changes(attr=original_node.attr)

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        return updated_node.with_changes(keyword=original_node.keyword)


def _only_half(function: cst.FunctionDef, condition: str) -> cst.FunctionDef:
    if "exception" not in parameter_names(function):
        default = cst.Param(cst.Name("exception"), default=cst.Name("None"), equal=_EQUAL)
        parameters = function.params
        if isinstance(parameters.star_arg, cst.MaybeSentinel) and not parameters.kwonly_params:
            params = [*parameters.params, default]
            function = function.with_changes(params=parameters.with_changes(params=_separated(params)))
        else:
            params = [*parameters.kwonly_params, default]
            function = function.with_changes(params=parameters.with_changes(kwonly_params=_separated(params)))
    statements = list(body_of(function))
    if not statements:
        return function
    guard = cst.parse_statement(f"{condition}\n    return\n")
    place = 1 if is_docstring(statements[0]) else 0
    assert isinstance(function.body, cst.IndentedBlock)
    body = function.body.with_changes(body=[*statements[:place], guard, *statements[place:]])
    return function.with_changes(body=body)


_EQUAL = cst.AssignEqual(whitespace_before=cst.SimpleWhitespace(""), whitespace_after=cst.SimpleWhitespace(""))


def _separated(params: Sequence[cst.Param]) -> list[cst.Param]:
    """Parameters with a comma after each one but the last."""
    return [
        one if isinstance(one.comma, cst.Comma) or number == len(params) - 1 else one.with_changes(comma=_COMMA)
        for number, one in enumerate(params)
    ]


_COMMA = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))


def _taking_the_rest(function: cst.FunctionDef) -> cst.FunctionDef:
    """The function with `**kwargs`, because events have more arguments today."""
    parameters = function.params
    if parameters.star_kwarg is not None:
        return function
    rest = cst.Param(cst.Name("kwargs"), star="**")
    if parameters.kwonly_params:
        changed = parameters.with_changes(kwonly_params=_separated([*parameters.kwonly_params, rest])[:-1])
    else:
        changed = parameters.with_changes(params=_separated([*parameters.params, rest])[:-1])
    return function.with_changes(params=changed.with_changes(star_kwarg=rest))
