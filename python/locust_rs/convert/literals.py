"""Python's text literals, quoted and escaped as `ruff format` leaves them."""

from __future__ import annotations

_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def quoted(text: str) -> str:
    """A text as a literal."""
    quote = _quote_for(text)
    return f"{quote}{_escaped(text, quote)}{quote}"


def f_string(pieces: list[tuple[str, bool]]) -> str:
    """An f-string of pieces; those with True are expressions, without quotes and backslashes."""
    quote = _quote_for("".join(text for text, is_code in pieces if not is_code))
    inside = "".join(
        f"{{{text}}}" if is_code else _escaped(text, quote).replace("{", "{{").replace("}", "}}")
        for text, is_code in pieces
    )
    return f"f{quote}{inside}{quote}"


def raw(text: str) -> str:
    """A text as a raw literal where that is possible, for regular expressions."""
    quote = _quote_for(text)
    if quote in text or "\\" not in text or text.endswith("\\") or not text.isprintable():
        return quoted(text)
    return f"r{quote}{text}{quote}"


def block(text: str) -> str | None:
    """A text of several lines in triple quotes; None where these could not hold it as it is."""
    fits = (
        all(character.isprintable() or character == "\n" for character in text)
        and "\\" not in text
        and '"""' not in text
        and not text.endswith('"')
    )
    return f'"""\\\n{text}"""' if fits else None


def _quote_for(text: str) -> str:
    return "'" if text.count('"') > text.count("'") else '"'


def _escaped(text: str, quote: str) -> str:
    return "".join(_escape(character, quote) for character in text)


def _escape(character: str, quote: str) -> str:
    if character == quote:
        return f"\\{quote}"
    if character in _ESCAPES:
        return _ESCAPES[character]
    # U+00AD and its like are not printable; what is printable is written as it is.
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
