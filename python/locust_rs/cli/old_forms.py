"""Finds forms in a file's syntax that only earlier versions of Locust run."""

from __future__ import annotations

import ast

OLD_CLASSES = {"Locust", "HttpLocust", "FastHttpLocust", "StopLocust"}
OLD_MODULES = {"locust.core", "locust.events"}
OLD_EVENTS = {
    "request_success",
    "request_failure",
    "locust_error",
    "hatch_complete",
    "slave_report",
    "locust_start_hatching",
    "locust_stop_hatching",
}

_WHAT_PROBES_CATCH = {"ImportError", "ModuleNotFoundError", "AttributeError", "Exception", "BaseException"}


def uses_old_forms(tree: ast.Module) -> bool:
    """Whether a file relies on an old form.

    A file that probes (`hasattr(events, "request_success")`, `try: … except ImportError:`) supports today's Locust
    itself, so what it guards does not count.
    """
    finder = _OldForms(_own_hooks(tree))
    finder.visit(tree)
    return finder.found


class _OldForms(ast.NodeVisitor):
    def __init__(self, own_hooks: set[str]) -> None:
        self.found = False
        self._web_modules: set[str] = set()
        self._own_hooks = own_hooks

    def visit_Try(self, node: ast.Try) -> None:
        if any(_catches_probes(handler) for handler in node.handlers):
            return
        self.generic_visit(node)

    def visit_If(self, node: ast.If) -> None:
        if any(isinstance(part, ast.Name) and part.id == "hasattr" for part in ast.walk(node.test)):
            return
        self.generic_visit(node)

    def visit_Import(self, node: ast.Import) -> None:
        self.found |= any(alias.name in OLD_MODULES for alias in node.names)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        module = node.module or ""
        if node.level or module.partition(".")[0] != "locust":
            return
        names = {alias.name for alias in node.names}
        self.found |= module in OLD_MODULES or bool(names & OLD_CLASSES) or (module == "locust" and "core" in names)
        if module == "locust":
            self._web_modules |= {alias.asname or alias.name for alias in node.names if alias.name == "web"}

    def visit_Attribute(self, node: ast.Attribute) -> None:
        owner = ast.unparse(node.value)
        self.found |= (
            (owner == "locust" and node.attr in OLD_CLASSES | {"core"})
            or (_last_name(node.value) == "events" and node.attr in OLD_EVENTS)
            or (node.attr == "app" and (owner in self._web_modules or owner == "locust.web"))
        )
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.found |= isinstance(node.op, (ast.Add, ast.Sub)) and self._is_hook(node.target)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = _last_name(node.func)
        if name == "fire" and isinstance(node.func, ast.Attribute):
            self.found |= bool(node.args) and self._is_hook(node.func.value)
        elif name == "schedule_task":
            keywords = {keyword.arg for keyword in node.keywords}
            self.found |= bool(keywords & {"args", "kwargs"}) or isinstance(
                node.args[1] if len(node.args) > 1 else None, (ast.List, ast.Tuple, ast.Dict)
            )
        self.generic_visit(node)

    def _is_hook(self, node: ast.expr) -> bool:
        if ast.unparse(node) in self._own_hooks:
            return True
        return isinstance(node, ast.Attribute) and _last_name(node.value) == "events"


def _own_hooks(tree: ast.Module) -> set[str]:
    """The names and attributes that the file assigns an EventHook to."""
    return {
        ast.unparse(target)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        if _last_name(node.value.func) == "EventHook"
        for target in node.targets
    }


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _catches_probes(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(_last_name(one) in _WHAT_PROBES_CATCH for one in caught)
