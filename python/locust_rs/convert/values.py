"""What is known at run time only: secrets, settings, file contents, values from earlier responses.

In texts it is a placeholder, two of Unicode's noncharacters around a number. Readers and passes can split, decode and
parse such a text like any other; the writer puts a Python expression in its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote

from locust_rs.convert.identifiers import upper_name
from locust_rs.convert.literals import quoted

_OPEN, _CLOSE = "\ufdd0", "\ufdd1"
PLACEHOLDER = re.compile(f"{_OPEN}([0-9]+){_CLOSE}")
"""Matches a placeholder."""

_OF_SYSTEMS = {
    *("HOME", "HOST", "HOSTNAME", "LANG", "LOGNAME", "MAIL", "OS", "PATH", "PWD", "SHELL", "TEMP", "TERM", "TMP"),
    *("TMPDIR", "USER", "USERNAME"),
}
"""Environment variables that are set anyway, to something else than what a test wants."""


def percent_encoded(text: str) -> str:
    """A text encoded for URLs and forms; placeholders stay."""
    pieces = re.split(f"({_OPEN}[0-9]+{_CLOSE})", text)
    return "".join(piece if PLACEHOLDER.fullmatch(piece) else quote(piece, safe="") for piece in pieces)


@dataclass
class Value:
    """What a placeholder stands for.

    Attributes:
        code: A Python expression without quotes and backslashes; empty: an attribute that is named by the writer.
        label: A word for it.
        is_text: The expression is a str whatever happens.
        modules: What the expression needs to be imported.
        shown: What stands for it in names of the statistics, `[label]` by default.
    """

    code: str
    label: str
    is_text: bool = False
    modules: tuple[str, ...] = ()
    shown: str = ""

    def __post_init__(self) -> None:
        self.shown = self.shown or f"[{self.label}]"


@dataclass
class Constant:
    """A name at the top of the locustfile.

    Attributes:
        code: The right side of the assignment.
        variable: The environment variable that it is read from; empty if it is not.
        note: The comment above it.
    """

    code: str
    variable: str = ""
    note: str = ""
    modules: tuple[str, ...] = ()


@dataclass
class Values:
    """All placeholders and constants of one locustfile."""

    constants: dict[str, Constant] = field(default_factory=dict)
    _values: list[Value] = field(default_factory=list)
    _placeholders: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, value: Value) -> str:
        """A new placeholder."""
        self._values.append(value)
        return f"{_OPEN}{len(self._values) - 1}{_CLOSE}"

    def value(self, placeholder: str) -> Value:
        """What a placeholder stands for."""
        return self._values[int(placeholder[1:-1])]

    def split(self, text: str) -> list[str | Value]:
        """A text as literal pieces and values; empty pieces are left out."""
        pieces: list[str | Value] = []
        end = 0
        for match in PLACEHOLDER.finditer(text):
            if int(match[1]) < len(self._values):
                pieces += [text[end : match.start()], self._values[int(match[1])]]
                end = match.end()
        return [piece for piece in [*pieces, text[end:]] if piece != ""]

    def attribute(self, label: str, *, is_text: bool = False) -> str:
        """A placeholder for a value that the user keeps as an attribute."""
        return self.add(Value("", label, is_text))

    def variable(self, name: str) -> str:
        """A placeholder for an environment variable named after something else; the same one for the same name."""
        upper = upper_name(name) or "VALUE"
        return self._once("named", name, f"TEST_{upper}" if upper in _OF_SYSTEMS else upper, self._from_environment)

    def shell_variable(self, name: str) -> str:
        """A placeholder for the environment variable of exactly this name."""
        return self._once("shell", name, upper_name(name) or "VALUE", lambda _: self._from_environment(name))

    def secret(self, name: str, text: str) -> str:
        """A placeholder for an environment variable that holds a secret; the same one for the same text."""
        return self._once("secret", text, upper_name(name) or "SECRET", self._from_environment)

    def file(self, path: str) -> str:
        """A placeholder for the content of a file."""
        name = upper_name(re.split(r"[/\\]", path)[-1]) or "FILE"
        return self._once("file", path, name, lambda _: self._file_constant(path))

    def base_url(self, origin: str, name: str) -> str:
        """A placeholder for the scheme and authority of a second host."""
        placeholder = self._once("origin", origin, upper_name(name) or "OTHER_HOST", lambda _: Constant(quoted(origin)))
        self.value(placeholder).shown = origin
        return placeholder

    def constant(self, name: str, constant: Constant) -> str:
        """The free name, made of the one asked for, under which a constant is kept."""
        free, number = name, 2
        while free in self.constants:
            free, number = f"{name}_{number}", number + 1
        self.constants[free] = constant
        return free

    def _once(self, kind: str, key: str, name: str, make: Callable[[str], Constant]) -> str:
        if (kind, key) not in self._placeholders:
            free, number = name, 2
            while free in self.constants:
                free, number = f"{name}_{number}", number + 1
            self.constants[free] = make(free)
            is_text = kind != "file"
            self._placeholders[kind, key] = self.add(Value(free, name.lower(), is_text))
        return self._placeholders[kind, key]

    def _from_environment(self, name: str) -> Constant:
        return Constant(f'os.environ["{name}"]', variable=name, modules=("os",))

    def _file_constant(self, path: str) -> Constant:
        return Constant(f"Path({quoted(path)}).read_bytes()", modules=("pathlib.Path",))
