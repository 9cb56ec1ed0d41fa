"""Routes of `web.app`: today the app exists from `init` on."""

from __future__ import annotations

import libcst as cst

from locust_rs.upgrade.facts import Facts
from locust_rs.upgrade.syntax import body_of, is_docstring


class Routes(cst.CSTTransformer):
    """Moves each function with a decorator of `web.app` into a listener of `init`."""

    def __init__(self, facts: Facts) -> None:
        super().__init__()
        self._facts = facts
        self._depth = 0

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        self._depth += 1

    def leave_ClassDef(self, original_node: cst.ClassDef, updated_node: cst.ClassDef) -> cst.ClassDef:
        self._depth -= 1
        return updated_node

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self._depth += 1

    def leave_FunctionDef(self, original_node: cst.FunctionDef, updated_node: cst.FunctionDef) -> cst.FunctionDef:
        self._depth -= 1
        if self._depth or not any(self._is_of_the_app(one) for one in original_node.decorators):
            return updated_node
        self._facts.needed.add("events")
        name = original_node.name.value
        listener = cst.parse_statement(
            f"@events.init.add_listener\ndef add_{name}(web_ui, **kwargs):\n    if web_ui:\n        pass\n"
        )
        assert isinstance(listener, cst.FunctionDef)
        inner = updated_node.visit(_AppOfTheUi(self._facts))
        assert isinstance(inner, cst.FunctionDef)
        result = listener.visit(_Fill(_indented_docstring(inner).with_changes(leading_lines=[])))
        assert isinstance(result, cst.FunctionDef)
        return result.with_changes(leading_lines=updated_node.leading_lines)

    def _is_of_the_app(self, decorator: cst.Decorator) -> bool:
        node = decorator.decorator
        function = node.func if isinstance(node, cst.Call) else node
        return isinstance(function, cst.Attribute) and self._facts.is_web_app(function.value)


class _AppOfTheUi(cst.CSTTransformer):
    def __init__(self, facts: Facts) -> None:
        super().__init__()
        self._facts = facts

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.Attribute:
        if self._facts.is_web_app(original_node):
            return updated_node.with_changes(value=cst.Name("web_ui"))
        return updated_node


class _Fill(cst.CSTTransformer):
    """Replaces `pass` by a statement."""

    def __init__(self, statement: cst.FunctionDef) -> None:
        super().__init__()
        self._statement = statement

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.BaseStatement:
        return self._statement if isinstance(original_node.body[0], cst.Pass) else updated_node


def _indented_docstring(function: cst.FunctionDef) -> cst.FunctionDef:
    """The function with its docstring indented for two more levels."""
    statements = list(body_of(function))
    if not statements or not is_docstring(statements[0]):
        return function
    moved = statements[0].visit(_Indent())
    assert isinstance(moved, cst.SimpleStatementLine)
    body = function.body.with_changes(body=[moved, *statements[1:]])
    return function.with_changes(body=body)


class _Indent(cst.CSTTransformer):
    def leave_SimpleString(self, original_node: cst.SimpleString, updated_node: cst.SimpleString) -> cst.SimpleString:
        first, *rest = updated_node.value.split("\n")
        return updated_node.with_changes(
            value="\n".join([first, *(f"        {one}" if one.strip() else one for one in rest)])
        )
