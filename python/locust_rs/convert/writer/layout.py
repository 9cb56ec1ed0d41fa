"""Lays expressions out over lines: on one where it fits, else one item per line with a trailing comma.

`ruff format` respects the trailing comma, so that it would leave what is written here as it is, whatever line length
it is told.
"""

from __future__ import annotations

from dataclasses import dataclass

LINE_LENGTH = 88
"""That of `ruff format` when nothing else is configured."""


@dataclass
class Group:
    """A call or a display: items between brackets, each with what stands before it (`name=`, `"key": `)."""

    opening: str
    items: list[tuple[str, Expression]]
    closing: str

    def flat(self) -> str:
        """All on one line."""
        return f"{self.opening}{', '.join(f'{before}{flat(item)}' for before, item in self.items)}{self.closing}"


Expression = str | Group


def flat(expression: Expression) -> str:
    """An expression on one line."""
    return expression if isinstance(expression, str) else expression.flat()


def lay_out(expression: Expression, indent: int, before: str = "", after: str = "") -> list[str]:
    """The lines of an expression between two texts."""
    line = f"{' ' * indent}{before}{flat(expression)}{after}"
    if isinstance(expression, str) or not expression.items or width(line) <= LINE_LENGTH:
        return [line]
    lines = [f"{' ' * indent}{before}{expression.opening}"]
    for prefix, item in expression.items:
        lines += lay_out(item, indent + 4, prefix, ",")
    return [*lines, f"{' ' * indent}{expression.closing}{after}"]


def assignment(name: str, code: str, indent: int = 0) -> list[str]:
    """The lines of `name = code`, in parentheses where these bring it onto the line."""
    line = f"{' ' * indent}{name} = {code}"
    if "\n" in code or width(line) <= LINE_LENGTH or indent + 4 + width(code) > LINE_LENGTH:
        return line.split("\n")
    return [f"{' ' * indent}{name} = (", f"{' ' * (indent + 4)}{code}", f"{' ' * indent})"]


def width(line: str) -> int:
    """Columns of a line, at most: what is not ASCII is taken for wide, since too many lines do no harm."""
    return sum(1 if character.isascii() else 2 for character in line)
