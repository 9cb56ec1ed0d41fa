"""Facts about a whole file that the rewriting of a single line depends on."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import libcst as cst

from locust_rs.upgrade.syntax import assigned, body_of, dotted, event_name, value_of
from locust_rs.upgrade.tables import EVENTS, OLD_USERS, TASK_SETS, TODAYS_USERS

FunctionKey = tuple[str, str]
"""Class and name of a function; the class is empty outside of classes."""


@dataclass
class Facts:
    """Facts about a file, and the names that its rewritten code needs."""

    imported: dict[str, str] = field(default_factory=dict)
    """Local name → `module.name`, for imports from Locust."""
    classes: dict[str, cst.ClassDef] = field(default_factory=dict)
    functions: dict[FunctionKey, list[cst.FunctionDef]] = field(default_factory=lambda: defaultdict(list))
    hooks: set[str] = field(default_factory=set)
    """Names of the file's own EventHooks."""
    listens: dict[FunctionKey, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Events that a function handles by an old form: `+=`, or an old name; and those of the file's own hooks."""
    needed: set[str] = field(default_factory=set)
    """Names of `locust` that the rewritten code uses."""

    def full_name(self, node: cst.BaseExpression) -> str:
        """The qualified name: `locust.HttpLocust` for an imported `HttpLocust`."""
        name = dotted(node)
        first, _, rest = name.partition(".")
        full = self.imported.get(first, first)
        return f"{full}.{rest}" if rest else full

    def kind(self, node: cst.ClassDef) -> str:
        """`locust` for an old user class, `user` for one of today, `task_set`, or empty."""
        return self._kind(node, set())

    def _kind(self, node: cst.ClassDef, seen: set[str]) -> str:
        for base in node.bases:
            name = self.full_name(base.value)
            last = name.rpartition(".")[2]
            if last in self.classes and last not in seen and last not in self.imported:
                kind = self._kind(self.classes[last], {*seen, last})
                if kind:
                    return kind
            elif name.partition(".")[0] == "locust":
                for kind, names in (("locust", OLD_USERS), ("user", TODAYS_USERS), ("task_set", TASK_SETS)):
                    if last in names:
                        return kind
        return ""

    def derives_directly(self, node: cst.ClassDef) -> bool:
        """Whether a base of a class is one of Locust's old user classes."""
        return any(
            full.partition(".")[0] == "locust" and full.rpartition(".")[2] in OLD_USERS
            for full in (self.full_name(base.value) for base in node.bases)
        )

    def has_tasks(self, node: cst.ClassDef, seen: frozenset[str] = frozenset()) -> bool:
        """Whether a user class, or a base of it in this file, has tasks."""
        if any(value_of(body_of(node), name) is not None for name in ("task_set", "tasks")):
            return True
        for statement in body_of(node):
            if isinstance(statement, (cst.FunctionDef, cst.ClassDef)) and (
                statement.name.value == "task_set" or any(_is_task(one) for one in statement.decorators)
            ):
                return True
        bases = [dotted(base.value) for base in node.bases]
        return any(
            self.has_tasks(self.classes[name], seen | {name})
            for name in bases
            if name in self.classes and name not in seen
        )

    @property
    def weights_are_set(self) -> bool:
        """Whether a user class of the file has a weight of its own."""
        return any(
            value_of(body_of(one), "weight") is not None for one in self.classes.values() if self.kind(one) == "locust"
        )

    def handler(self, node: cst.BaseExpression, inside: str) -> FunctionKey | None:
        """The function of this file that a handler refers to, if exactly one has its name.

        Args:
            node: The handler as it is registered.
            inside: The class that contains the registration.
        """
        owner, _, name = dotted(node).rpartition(".")
        key = (inside if owner in ("self", "cls") else owner, name)
        return key if len(self.functions.get(key, ())) == 1 else None

    def is_web_app(self, node: cst.BaseExpression) -> bool:
        """Whether an expression is `web.app` of Locust."""
        return dotted(node).endswith("web.app") and self.full_name(node) == "locust.web.app"


def _is_task(decorator: cst.Decorator) -> bool:
    node = decorator.decorator
    return dotted(node.func if isinstance(node, cst.Call) else node).rpartition(".")[2] in ("task", "seq_task")


def collect(module: cst.Module) -> Facts:
    """The facts of a file."""
    facts = Facts()
    module.visit(_Definitions(facts))
    module.visit(_Listeners(facts))
    return facts


class _InClass(cst.CSTVisitor):
    """Tracks the class that contains the visited node."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.inside: list[str] = [""]

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        self.inside.append(node.name.value)

    def leave_ClassDef(self, original_node: cst.ClassDef) -> None:
        self.inside.pop()


class _Definitions(_InClass):
    def visit_ImportFrom(self, node: cst.ImportFrom) -> None:
        module = dotted(node.module)
        if node.relative or module.partition(".")[0] != "locust" or isinstance(node.names, cst.ImportStar):
            if isinstance(node.names, cst.ImportStar) and module in ("locust", "locust.core"):
                for name in (*OLD_USERS, *TODAYS_USERS, *TASK_SETS, "web"):
                    self.facts.imported.setdefault(name, f"locust.{name}")
            return
        for alias in node.names:
            name = dotted(alias.name)
            local = dotted(alias.asname.name) if alias.asname else name
            self.facts.imported[local] = f"{module}.{name}"

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        super().visit_ClassDef(node)
        self.facts.classes.setdefault(node.name.value, node)

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self.facts.functions[(self.inside[-1], node.name.value)].append(node)

    def visit_SimpleStatementLine(self, node: cst.SimpleStatementLine) -> None:
        found = assigned(node)
        value = found[1].value if found else None
        if found and isinstance(value, cst.Call) and dotted(value.func).rpartition(".")[2] == "EventHook":
            self.facts.hooks.add(found[0])


class _Listeners(_InClass):
    def visit_AugAssign(self, node: cst.AugAssign) -> None:
        if isinstance(node.operator, cst.AddAssign):
            self._note(node.target, node.value, is_old=True)

    def visit_Call(self, node: cst.Call) -> None:
        if isinstance(node.func, cst.Attribute) and node.func.attr.value == "add_listener" and len(node.args) == 1:
            self._note(node.func.value, node.args[0].value)

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        for decorator in node.decorators:
            one = decorator.decorator
            if isinstance(one, cst.Attribute) and one.attr.value == "add_listener":
                self._note(one.value, node.name)

    def _note(self, event: cst.BaseExpression, handler: cst.BaseExpression, is_old: bool = False) -> None:
        own = dotted(event) if dotted(event) in self.facts.hooks else ""
        name = event_name(event) or own
        key = self.facts.handler(handler, self.inside[-1]) if name else None
        if key is not None and (is_old or own or name in EVENTS):
            self.facts.listens[key].add(name)
