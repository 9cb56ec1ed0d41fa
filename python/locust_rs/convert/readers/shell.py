"""Commands of a POSIX shell, as far as people paste them: quoting, continued lines, variables, pipes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from locust_rs.convert.errors import SourceError, line_and_column
from locust_rs.convert.values import Values

_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))")
_REDIRECTION = re.compile(r"(?:[0-9]*|&)>>?(?:&[0-9-]+)?|[0-9]*<(?!<)")
_OPERATOR = re.compile(r"&&|\|\||\|&|[;&|\n]")
_ANSI_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "e": "\x1b", "E": "\x1b"}
_ANSI_CODE = re.compile(r"x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|([0-7]{1,3})")


@dataclass
class Word:
    """One word of a command and where it begins in the text."""

    text: str
    offset: int


@dataclass
class Command:
    """The words of one command.

    Attributes:
        is_piped: It reads what the command before it has written.
    """

    words: list[Word] = field(default_factory=list)
    is_piped: bool = False


class ShellReader:
    """Splits a text into commands; variables become environment variables of the locustfile."""

    def __init__(self, text: str, values: Values) -> None:
        self._text = text
        self._values = values
        self._at = 0

    def commands(self) -> list[Command]:
        """All commands with at least one word.

        Raises:
            SourceError: A quote that does not end, or what only a shell could evaluate.
        """
        commands = [Command()]
        while self._at < len(self._text):
            if self._skip_blank():
                continue
            if operator := _OPERATOR.match(self._text, self._at):
                self._at = operator.end()
                commands.append(Command(is_piped=operator[0] in ("|", "|&")))
            elif redirection := _REDIRECTION.match(self._text, self._at):
                self._at = redirection.end()
                self._skip_target(redirection[0])
            else:
                commands[-1].words.append(self._word())
        return [command for command in commands if command.words]

    def _error(self, problem: str, offset: int) -> SourceError:
        return SourceError(problem, line_and_column(self._text, offset))

    def _skip_blank(self) -> bool:
        """Skips spaces, continued lines and comments; whether there was any."""
        match = re.compile(r"(?:[ \t]|\\\n)+|#[^\n]*").match(self._text, self._at)
        if match:
            self._at = match.end()
        return match is not None

    def _skip_target(self, redirection: str) -> None:
        """Skips the file of a redirection; a copied descriptor (`2>&1`) has none."""
        if "&" not in redirection[1:]:
            self._skip_blank()
            self._word()

    def _word(self) -> Word:
        start = self._at
        pieces: list[str] = []
        while self._at < len(self._text):
            character = self._text[self._at]
            if character in " \t\n;&|<>":
                break
            pieces.append(self._piece(character))
        if self._at == start:
            raise self._error(f"{self._text[start : start + 2]!r} can't be converted", start)
        return Word("".join(pieces), start)

    def _piece(self, character: str) -> str:
        if character == "'":
            return self._until_quote()
        if character == '"':
            return self._double_quoted()
        if self._text.startswith("$'", self._at):
            return self._ansi_quoted()
        if self._text.startswith('$"', self._at):
            self._at += 1
            return self._double_quoted()
        if character in "$`":
            return self._expansion()
        if character == "\\":
            self._at += 2
            escaped = self._text[self._at - 1 : self._at]
            return "" if escaped == "\n" else escaped
        self._at += 1
        return character

    def _until_quote(self) -> str:
        start = self._at
        end = self._text.find("'", start + 1)
        if end < 0:
            raise self._error("this quote does not end", start)
        self._at = end + 1
        return self._text[start + 1 : end]

    def _double_quoted(self) -> str:
        start = self._at
        self._at += 1
        pieces: list[str] = []
        while self._at < len(self._text):
            character = self._text[self._at]
            if character == '"':
                self._at += 1
                return "".join(pieces)
            following = self._text[self._at + 1 : self._at + 2]
            if character == "\\" and following in ("$", "`", '"', "\\", "\n"):
                self._at += 2
                pieces.append("" if following == "\n" else following)
            elif character in "$`":
                pieces.append(self._expansion())
            else:
                self._at += 1
                pieces.append(character)
        raise self._error("this quote does not end", start)

    def _ansi_quoted(self) -> str:
        start = self._at
        self._at += 2
        pieces: list[str] = []
        while self._at < len(self._text):
            character = self._text[self._at]
            self._at += 1
            if character == "'":
                return "".join(pieces)
            pieces.append(self._ansi_escape() if character == "\\" else character)
        raise self._error("this quote does not end", start)

    def _ansi_escape(self) -> str:
        code = _ANSI_CODE.match(self._text, self._at)
        if code:
            self._at = code.end()
            digits = next(group for group in code.groups() if group)
            number = int(digits, 8 if code[4] else 16)
            return chr(number) if number < 0x110000 else "\ufffd"
        character = self._text[self._at : self._at + 1]
        self._at += 1
        return _ANSI_ESCAPES.get(character, character)

    def _expansion(self) -> str:
        variable = _VARIABLE.match(self._text, self._at)
        if variable:
            self._at = variable.end()
            return self._values.shell_variable(variable[1] or variable[2])
        if self._text.startswith(("$(", "`", "${"), self._at):
            raise self._error("only a shell can evaluate this; put its result in here, or a $VARIABLE", self._at)
        self._at += 1
        return "$"
