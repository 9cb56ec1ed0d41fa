"""Commands as browsers write them for Windows' `cmd`: carets before special characters and at the end of lines."""

from __future__ import annotations

import re

from locust_rs.convert.errors import SourceError, line_and_column
from locust_rs.convert.readers.shell import Command, Word


def is_for_windows(text: str) -> bool:
    """Whether carets continue lines or stand before quotes."""
    return re.search(r'(?m)\^[ \t]*$|\s\^"', text) is not None


def windows_commands(text: str) -> list[Command]:
    """All commands with at least one word.

    Raises:
        SourceError: A quote that does not end.
    """
    commands = [Command()]
    characters = _without_carets(text)
    at = 0
    while at < len(characters):
        character, offset, is_escaped = characters[at]
        if character in " \t":
            at += 1
        elif character in "\n&" and not is_escaped:
            commands.append(Command())
            at += 1
        else:
            word, at = _word(text, characters, at)
            commands[-1].words.append(Word(word, offset))
    return [command for command in commands if command.words]


_Characters = list[tuple[str, int, bool]]


def _without_carets(text: str) -> _Characters:
    """Characters as the program gets them, with their offsets and whether a caret took their meaning away."""
    characters: _Characters = []
    at, in_quotes = 0, False
    while at < len(text):
        character = text[at]
        if character == "^" and not in_quotes:
            following = text[at + 1 : at + 2]
            if following == "\n":
                # A caret at the end of a line joins it with the next one; an empty line between is a line break.
                if text[at + 2 : at + 3] == "\n":
                    characters.append(("\n", at, True))
                    at += 1
            elif following:
                characters.append((following, at + 1, True))
            at += 2
            continue
        in_quotes = in_quotes ^ (character == '"')
        characters.append((character, at, in_quotes and character != '"'))
        at += 1
    return characters


def _word(text: str, characters: _Characters, at: int) -> tuple[str, int]:
    """A word by the rules of Microsoft's C runtime, and where it ends."""
    pieces: list[str] = []
    quote: int | None = None
    while at < len(characters):
        character, offset, is_escaped = characters[at]
        if character == "\\" and at + 1 < len(characters) and characters[at + 1][0] in '"\\':
            is_quote_after = _backslashes_before_quote(characters, at)
            if is_quote_after:
                pieces.append(characters[at + 1][0])
                at += 2
                continue
        if character == '"':
            quote = offset if quote is None else None
        elif quote is None and (character in " \t" or (character in "\n&" and not is_escaped)):
            return "".join(pieces), at
        else:
            pieces.append(character)
        at += 1
    if quote is not None:
        raise SourceError("this quote does not end", line_and_column(text, quote))
    return "".join(pieces), at


def _backslashes_before_quote(characters: _Characters, at: int) -> bool:
    """Whether these backslashes are followed by a quote; only then do they escape."""
    while at < len(characters) and characters[at][0] == "\\":
        at += 1
    return at < len(characters) and characters[at][0] == '"'
