"""Events: registrations of handlers, and calls of `fire`."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from locust_rs.upgrade.facts import Facts
from locust_rs.upgrade.syntax import appended, dotted, event_name, keyword, parameter_names
from locust_rs.upgrade.tables import ARGUMENTS, EVENTS, PARAMETERS

_BOTH = {"request_success", "request_failure"}


class Listeners(cst.CSTTransformer):
    """Rewrites registrations and `fire`. `Handlers` rewrites the handlers."""

    def __init__(self, facts: Facts) -> None:
        super().__init__()
        self._facts = facts
        self._inside = [""]
        self._registered: set[tuple[str, ...]] = set()

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        self._inside.append(node.name.value)

    def leave_ClassDef(self, original_node: cst.ClassDef, updated_node: cst.ClassDef) -> cst.ClassDef:
        self._inside.pop()
        return updated_node

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.BaseStatement | cst.FlattenSentinel[cst.BaseStatement] | cst.RemovalSentinel:
        if len(original_node.body) != 1:
            return updated_node
        small = original_node.body[0]
        event, handler, method = _registration(small)
        if event is None or handler is None or not self._is_event(event):
            return updated_node
        if not self._can_move(event_name(event), handler):
            return updated_node
        key = self._facts.handler(handler, self._inside[-1])
        on_both = key is not None and self._facts.listens[key] >= _BOTH
        if key is not None and on_both and method == "add_listener" and event_name(event) in _BOTH:
            if key in self._registered:
                return cst.RemoveFromParent()
            self._registered.add(key)
        if isinstance(small, cst.AugAssign):
            call = cst.Call(cst.Attribute(_today(event), cst.Name(method)), [cst.Arg(handler)])
            return updated_node.with_changes(body=[cst.Expr(call, semicolon=small.semicolon)])
        return updated_node

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:
        function = original_node.func
        if not isinstance(function, cst.Attribute) or not self._is_event(function.value):
            return updated_node
        event = function.value
        if function.attr.value in ("add_listener", "remove_listener") and len(original_node.args) == 1:
            if self._can_move(event_name(event), original_node.args[0].value):
                return _with_event(updated_node, _today(event))
        elif function.attr.value == "fire":
            args = self._arguments(event, original_node.args)
            if args is not None:
                return _with_event(updated_node, _today(event)).with_changes(args=args)
        return updated_node

    def leave_Decorator(self, original_node: cst.Decorator, updated_node: cst.Decorator) -> cst.Decorator:
        one = original_node.decorator
        if (
            not isinstance(one, cst.Attribute)
            or one.attr.value != "add_listener"
            or event_name(one.value) not in EVENTS
        ):
            return updated_node
        return updated_node.with_changes(decorator=one.with_changes(value=_today(one.value)))

    def _is_event(self, node: cst.BaseExpression) -> bool:
        return bool(event_name(node)) or dotted(node) in self._facts.hooks

    def _can_move(self, event: str, handler: cst.BaseExpression) -> bool:
        """Whether the handler is in this file, or needs no change."""
        return event not in EVENTS or self._facts.handler(handler, self._inside[-1]) is not None

    def _arguments(self, event: cst.BaseExpression, args: Sequence[cst.Arg]) -> list[cst.Arg] | None:
        """The arguments of `fire` under today's names; None if the name of a positional one is unknown."""
        name = event_name(event)
        order = ARGUMENTS.get(name) or self._order_of(name or dotted(event))
        named: list[cst.Arg] = []
        for number, one in enumerate(args):
            if one.star or one.keyword is not None:
                old = one.keyword.value if one.keyword else ""
                renames = name in EVENTS and old in PARAMETERS
                named.append(one.with_changes(keyword=cst.Name(PARAMETERS[old])) if renames else one)
            elif order is None or number >= len(order):
                return None
            else:
                named.append(keyword(order[number], one.value).with_changes(comma=one.comma))
        if name in _BOTH and not any(one.star for one in named):
            said = {one.keyword.value for one in named if one.keyword}
            if name == "request_success" and "exception" not in said:
                named = appended(named, keyword("exception", cst.Name("None")))
            if name == "request_failure" and "response_length" not in said:
                named = appended(named, keyword("response_length", cst.Integer("0")))
        return named

    def _order_of(self, event: str) -> list[str] | None:
        """The parameters of the handler of one of the file's own events, if it has exactly one."""
        keys = [key for key, events in self._facts.listens.items() if event in events]
        if len(keys) != 1:
            return None
        names = parameter_names(self._facts.functions[keys[0]][0])
        return names[1:] if names[:1] in (["self"], ["cls"]) else names


def _registration(
    small: cst.BaseSmallStatement,
) -> tuple[cst.BaseExpression | None, cst.BaseExpression | None, str]:
    if isinstance(small, cst.AugAssign) and isinstance(small.operator, (cst.AddAssign, cst.SubtractAssign)):
        method = "add_listener" if isinstance(small.operator, cst.AddAssign) else "remove_listener"
        return small.target, small.value, method
    if isinstance(small, cst.Expr) and isinstance(small.value, cst.Call):
        function = small.value.func
        if isinstance(function, cst.Attribute) and function.attr.value == "add_listener" and len(small.value.args) == 1:
            return function.value, small.value.args[0].value, "add_listener"
    return None, None, ""


def _today(event: cst.BaseExpression) -> cst.BaseExpression:
    name = event_name(event)
    return event.with_changes(attr=cst.Name(EVENTS[name])) if name in EVENTS else event


def _with_event(call: cst.Call, event: cst.BaseExpression) -> cst.Call:
    assert isinstance(call.func, cst.Attribute)
    return call.with_changes(func=call.func.with_changes(value=event))
