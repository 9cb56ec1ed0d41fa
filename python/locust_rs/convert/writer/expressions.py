"""Texts, JSON documents and bodies as Python expressions."""

from __future__ import annotations

import math

from locust_rs.convert.identifiers import upper_name
from locust_rs.convert.literals import block, f_string, quoted
from locust_rs.convert.model import Bare, Body, FormBody, JsonBody, MultipartBody, Part
from locust_rs.convert.values import Constant, Value, Values
from locust_rs.convert.writer.layout import Expression, Group

# Texts of several lines up to this length stay in the call, with `\n` in them.
_LONGEST_ESCAPED = 60


class Expressions:
    """Writes values as Python; `used` collects the modules that this needs."""

    def __init__(self, values: Values) -> None:
        self._values = values
        self.used: set[str] = set()
        self._blocks: dict[str, str] = {}

    def text(self, text: str, constant: str = "TEXT") -> str:
        """A text that may hold placeholders; one of several lines becomes a constant."""
        pieces = self._values.split(text)
        self.used.update(module for piece in pieces if isinstance(piece, Value) for module in piece.modules)
        if len(pieces) == 1 and isinstance(pieces[0], Value) and (pieces[0].is_text or isinstance(text, Bare)):
            return pieces[0].code
        if any(isinstance(piece, Value) for piece in pieces):
            return f_string([(p.code, True) if isinstance(p, Value) else (p, False) for p in pieces])
        if text.count("\n") > 1 and len(text) > _LONGEST_ESCAPED and (written := block(text)):
            return self._constant(constant, written)
        return quoted(text)

    def _constant(self, name: str, code: str) -> str:
        if code not in self._blocks:
            self._blocks[code] = self._values.constant(name, Constant(code))
        return self._blocks[code]

    def json(self, content: object, key: str = "TEXT") -> Expression:
        """A JSON document."""
        if isinstance(content, str):
            return self.text(content, upper_name(key) or "TEXT")
        if isinstance(content, dict):
            return Group(
                "{", [(f"{self.text(str(key))}: ", self.json(item, str(key))) for key, item in content.items()], "}"
            )
        if isinstance(content, list):
            return Group("[", [("", self.json(item)) for item in content], "]")
        if isinstance(content, float) and not math.isfinite(content):
            return f'float("{content}")'
        return repr(content).replace("e+", "e")

    def pairs(self, pairs: list[tuple[str, str]]) -> Group:
        """A dictionary of texts."""
        return Group("{", [(f"{self.text(key)}: ", self.text(value)) for key, value in pairs], "}")

    def body(self, body: Body) -> tuple[str, Expression]:
        """The keyword of the call, with its `=`, and the value."""
        if isinstance(body, JsonBody):
            return "json=", self.json(body.content)
        if isinstance(body, FormBody):
            return "data=", self.pairs(body.fields)
        if isinstance(body, MultipartBody):
            return "files=", Group("[", [("", self._part(part)) for part in body.parts], "]")
        code = self.raw(body.content)
        return "data=", code

    def raw(self, content: str) -> str:
        """A body that is a text: bytes where it is not ASCII, since clients differ in how they would encode it."""
        pieces = self._values.split(content)
        if len(pieces) == 1 and isinstance(pieces[0], Value) and not pieces[0].is_text:
            self.used.update(pieces[0].modules)
            return pieces[0].code
        code = self.text(content, "BODY")
        non_ascii = any(isinstance(piece, str) and not piece.isascii() for piece in pieces)
        return f"{code}.encode()" if non_ascii else code

    def _part(self, part: Part) -> Expression:
        filename = "None" if part.filename is None else self.text(part.filename)
        content = [filename, self.raw(part.value), *([self.text(part.content_type)] if part.content_type else [])]
        return Group("(", [("", self.text(part.name)), ("", Group("(", [("", item) for item in content], ")"))], ")")
