"""curl commands, as people write them and as browsers copy them: one input is one journey."""

from __future__ import annotations

import re
from collections.abc import Iterator

from locust_rs.convert.errors import SourceError, line_and_column
from locust_rs.convert.model import Journey, Request
from locust_rs.convert.options import Options
from locust_rs.convert.readers.curl_options import FLAGS, REFUSED, SHORT, WITH_VALUE
from locust_rs.convert.readers.curl_request import CurlCall, Setting
from locust_rs.convert.readers.shell import Command, ShellReader, Word
from locust_rs.convert.readers.windows_shell import is_for_windows, windows_commands
from locust_rs.convert.values import Values

_HARMLESS = {"echo", "set", "cd", "export", "unset", "true", ":", "exit", "printf", "mkdir", "rm", "date", "wait"}
_FURNITURE = {"script", "style", "image", "font", "audio", "video", "track", "manifest"}
_UNITS_S = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}


def read_curl(text: str, title: str, options: Options, values: Values) -> list[Journey]:
    """The journey of all curl commands of a text; `sleep` between them is think time.

    Raises:
        SourceError: With line and column.
    """
    del options
    commands = windows_commands(text) if is_for_windows(text) else ShellReader(text, values).commands()
    journey = Journey(title)
    pause_s: float | None = None
    for command in commands:
        program = re.split(r"[/\\]", command.words[0].text)[-1].removesuffix(".exe")
        if program == "curl":
            for call in _calls(command, text):
                journey.requests.append(call.request(journey, values))
                journey.requests[-1].pause_s, pause_s = pause_s, None
        elif program == "sleep" and len(command.words) > 1:
            pause_s = (pause_s or 0.0) + _seconds(command.words[1], text)
        elif not (command.is_piped or program in _HARMLESS or re.match(r"\w+=", command.words[0].text)):
            raise SourceError(f"{program!r} is not curl", line_and_column(text, command.words[0].offset))
    if not journey.requests:
        raise SourceError("there is no curl command in it")
    journey.recorded = any(_is_of_browser(request) for request in journey.requests)
    furniture = [request for request in journey.requests if request.header("Sec-Fetch-Dest") in _FURNITURE]
    if 0 < len(furniture) < len(journey.requests):
        journey.requests = [request for request in journey.requests if request not in furniture]
        journey.notes.append(f"Left out: {len(furniture)} for scripts, styles, images and fonts.")
    return [journey]


def _is_of_browser(request: Request) -> bool:
    return any(name.lower().startswith("sec-") for name, _ in request.headers)


def _seconds(word: Word, text: str) -> float:
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)([smh]?)", word.text)
    if match is None:
        raise SourceError(f"{word.text!r} is no time to sleep", line_and_column(text, word.offset))
    return float(match[1]) * _UNITS_S[match[2]]


def _calls(command: Command, text: str) -> list[CurlCall]:
    """The requests of one command, which `--next` separates."""
    calls = [CurlCall(line_and_column(text, command.words[0].offset))]
    words = iter(command.words[1:])
    only_urls = False
    for word in words:
        position = line_and_column(text, word.offset)
        if only_urls or not word.text.startswith("-") or word.text == "-":
            calls[-1].settings.append(Setting("url", word.text, position))
        elif word.text == "--":
            only_urls = True
        elif word.text.startswith("--"):
            name = _long_option(word.text[2:], position)
            value = _value(words, name, position) if name in WITH_VALUE else ""
            calls[-1].settings.append(Setting(name, value, position))
        else:
            for name, attached in _short_options(word.text[1:], position):
                value = (
                    attached if attached is not None else _value(words, name, position) if name in WITH_VALUE else ""
                )
                calls[-1].settings.append(Setting(name, value, position))
        if calls[-1].settings[-1:] and calls[-1].settings[-1].name == "next":
            calls.append(CurlCall(position))
    return calls


def _value(words: Iterator[Word], name: str, position: str) -> str:
    word = next(words, None)
    if word is None:
        raise SourceError(f"curl's option --{name} needs a value", position)
    return word.text


def _long_option(text: str, position: str) -> str:
    """The option's name; empty for one that switches something off."""
    name = text if text in WITH_VALUE or text in FLAGS else text.removeprefix("no-")
    if name in REFUSED:
        raise SourceError(f"curl's option --{name} can't be converted", position)
    if name not in WITH_VALUE and name not in FLAGS:
        raise SourceError(f"curl has no option --{text}", position)
    return name if name == text else ""


def _short_options(text: str, position: str) -> list[tuple[str, str | None]]:
    """The options of a word such as `sSLd@file`: names, and the value that is attached to the last one."""
    options: list[tuple[str, str | None]] = []
    for index, letter in enumerate(text):
        name = SHORT.get(letter)
        if name is None:
            raise SourceError(f"curl has no option -{letter}", position)
        if name in REFUSED:
            raise SourceError(f"curl's option -{letter} can't be converted", position)
        if name in WITH_VALUE:
            return [*options, (name, text[index + 1 :] or None)]
        options.append((name, ""))
    return options
