"""Old forms that can't be rewritten automatically."""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from locust_rs.upgrade.facts import Facts, collect
from locust_rs.upgrade.syntax import assigned, dotted, event_name
from locust_rs.upgrade.tables import EVENTS

_OPTIONS = {
    "--slave": "--worker",
    "--no-web": "--headless",
    "--clients": "--users",
    "--hatch-rate": "--spawn-rate",
    "--expect-slaves": "--expect-workers",
}

_ATTRIBUTES = {
    "locust_runner": "runners.locust_runner is environment.runner, which listeners of init get",
    "global_stats": "stats.global_stats is environment.stats, which listeners of init get",
    "locust_count": "runner.locust_count is runner.user_count",
    "locust_classes": "runner.locust_classes is runner.user_classes",
}

_METHODS = {
    "setup": "setup() is no longer called: use a listener of events.test_start",
    "teardown": "teardown() is no longer called: use a listener of events.test_stop",
}

_ASSIGNMENTS = {
    "wait_function": "wait_function is wait_time, which returns seconds",
    "stop_timeout": "stop_timeout of a class is no longer read: use --run-time, or raise StopUser in a task",
    "min_wait": "min_wait and max_wait in milliseconds are wait_time = between(…, …), in seconds",
    "max_wait": "min_wait and max_wait in milliseconds are wait_time = between(…, …), in seconds",
}

_IMPORTS = {
    "seq_task": "@seq_task is @task: a SequentialTaskSet runs its tasks in the order of the file",
    "TaskSequence": "TaskSequence is SequentialTaskSet, which runs its tasks in the order of the file",
    "SubLocust": "SubLocust is TaskSet",
    "mod_context": "mod_context is gone",
    "require_once": "require_once is gone",
}


@dataclass
class Leftover:
    """A line that a person has to change."""

    line: int
    message: str


def leftovers(module: cst.Module) -> list[Leftover]:
    """The lines of a rewritten file that still have an old form, in order; each message once per line."""
    wrapper = MetadataWrapper(module, unsafe_skip_copy=True)
    finder = _Finder(collect(module))
    wrapper.visit(finder)
    return sorted({(one.line, one.message): one for one in finder.found}.values(), key=lambda one: one.line)


class _Finder(cst.CSTVisitor):
    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self, facts: Facts) -> None:
        super().__init__()
        self._facts = facts
        self._kinds = [""]
        self.found: list[Leftover] = []

    def _tell(self, node: cst.CSTNode, message: str) -> None:
        position = self.get_metadata(PositionProvider, node)
        self.found.append(Leftover(position.start.line, message))

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        self._kinds.append(self._facts.kind(node))

    def leave_ClassDef(self, original_node: cst.ClassDef) -> None:
        self._kinds.pop()

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        if self._kinds[-1] and node.name.value in _METHODS:
            self._tell(node.name, _METHODS[node.name.value])
        self._kinds.append("")

    def leave_FunctionDef(self, original_node: cst.FunctionDef) -> None:
        self._kinds.pop()

    def visit_SimpleStatementLine(self, node: cst.SimpleStatementLine) -> None:
        found = assigned(node)
        if found and self._kinds[-1] and found[0] in _ASSIGNMENTS:
            self._tell(node, _ASSIGNMENTS[found[0]])

    def visit_ImportFrom(self, node: cst.ImportFrom) -> None:
        module = dotted(node.module)
        if node.relative or module.partition(".")[0] != "locust" or isinstance(node.names, cst.ImportStar):
            return
        for alias in node.names:
            name = dotted(alias.name)
            if name in _IMPORTS:
                self._tell(alias, _IMPORTS[name])
            elif module == "locust.core":
                self._tell(alias, f"locust.core is gone, and with it {name}")
            elif module == "locust.events":
                self._tell(
                    alias, f"events are attributes of the object events: `from locust import events`, events.{name}"
                )

    def visit_Import(self, node: cst.Import) -> None:
        for alias in node.names:
            if dotted(alias.name) in ("locust.core", "locust.events"):
                self._tell(alias, f"the module {dotted(alias.name)} is gone: `import locust` has what it had")

    def visit_Attribute(self, node: cst.Attribute) -> None:
        name = event_name(node)
        if name in EVENTS:
            advice = "; its handlers take `exception`, which is None for a success" if EVENTS[name] == "request" else ""
            self._tell(node, f"events.{name} is events.{EVENTS[name]}{advice}")
        elif self._facts.is_web_app(node):
            self._tell(node, "web.app is web_ui.app, in a listener of events.init")
        elif node.attr.value in _ATTRIBUTES:
            self._tell(node, _ATTRIBUTES[node.attr.value])

    def visit_AugAssign(self, node: cst.AugAssign) -> None:
        if isinstance(node.operator, (cst.AddAssign, cst.SubtractAssign)) and self._is_event(node.target):
            self._tell(node, "`event += handler` is event.add_listener(handler)")

    def visit_Call(self, node: cst.Call) -> None:
        if not isinstance(node.func, cst.Attribute):
            return
        if node.func.attr.value == "fire" and self._is_event(node.func.value):
            if any(one.keyword is None and not one.star for one in node.args):
                self._tell(node, "fire takes keyword arguments alone: name what the handlers call them")
        elif node.func.attr.value == "schedule_task":
            named = {one.keyword.value for one in node.args if one.keyword}
            second = node.args[1] if len(node.args) > 1 else None
            if named & {"args", "kwargs"} or (
                second is not None and not second.keyword and isinstance(second.value, (cst.List, cst.Tuple, cst.Dict))
            ):
                self._tell(node, "schedule_task hands on no arguments: schedule a function that has them")

    def visit_SimpleString(self, node: cst.SimpleString) -> None:
        value = node.evaluated_value
        if isinstance(value, str) and value in _OPTIONS:
            self._tell(node, f"the option {value} is {_OPTIONS[value]}")

    def _is_event(self, node: cst.BaseExpression) -> bool:
        return bool(event_name(node)) or dotted(node) in self._facts.hooks
