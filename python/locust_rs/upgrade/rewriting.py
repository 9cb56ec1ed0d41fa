"""Rewrites one file."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

import libcst as cst

from locust_rs.upgrade.class_bodies import ClassBodies
from locust_rs.upgrade.facts import collect
from locust_rs.upgrade.handlers import Handlers
from locust_rs.upgrade.leftovers import Leftover, leftovers
from locust_rs.upgrade.listeners import Listeners
from locust_rs.upgrade.names import Names, import_lines, with_imports
from locust_rs.upgrade.routes import Routes
from locust_rs.upgrade.task_sets import TaskSets

# All steps use the facts of the old file. Names change last, because the other steps look for the old ones.
_STEPS = (ClassBodies, TaskSets, Listeners, Handlers, Routes, Names)


@dataclass
class Upgrade:
    """The result for one file."""

    before: str
    after: str
    content: bytes
    """The new text in the file's own encoding."""
    leftovers: list[Leftover]
    """Their lines are those of the new text."""

    @property
    def changes(self) -> bool:
        """Whether the text differs."""
        return self.before != self.after

    def diff(self, name: str) -> list[str]:
        """The unified diff, line by line, without line ends."""
        before, after = self.before.splitlines(), self.after.splitlines()
        return list(difflib.unified_diff(before, after, name, name, lineterm=""))

    def line_before(self, number: int) -> int:
        """The line of the old text that a line of the new text was, or that it replaces."""
        matcher = difflib.SequenceMatcher(None, self.before.splitlines(), self.after.splitlines(), autojunk=False)
        for _, old, old_end, new, new_end in matcher.get_opcodes():
            if new < number <= new_end:
                return min(old + number - new, max(old_end, 1))
        return number


def upgraded(content: bytes) -> Upgrade:
    """Rewrites a file.

    Args:
        content: The file, in the encoding that it declares.

    Raises:
        libcst.ParserSyntaxError: The file is not Python 3.
    """
    module = cst.parse_module(content)
    before = module.code
    facts = collect(module)
    lines_before = len(import_lines(module))
    for step in _STEPS:
        module = module.visit(step(facts))
    module = with_imports(module, facts, lines_before)
    # Parsed again, because positions are wrong for nodes that occur twice in a tree.
    module = cst.parse_module(module.bytes)
    return Upgrade(before, module.code, module.bytes, leftovers(module))
