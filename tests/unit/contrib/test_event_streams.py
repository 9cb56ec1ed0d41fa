"""The parser of event streams, compared with a slow one that follows the standard letter by letter."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locust_rs.contrib.sse import Event, EventStreamParser
from locust_rs.contrib.sse import parser as parser_module


@dataclass
class Slow:
    """The interpretation of a whole stream, one character after the other."""

    stream: bytes

    def __post_init__(self) -> None:
        self.events: list[tuple[str, str, str]] = []
        self.last_event_id = ""
        self.retry: int | None = None
        self.id_buffer = self.data_buffer = self.type_buffer = ""
        text = self.stream.decode("utf-8", "replace")
        if text and text[0] == "\ufeff":
            text = text[1:]
        line, position = "", 0
        while position < len(text):
            character = text[position]
            position += 1
            if character == "\r":
                if position < len(text) and text[position] == "\n":
                    position += 1
                self.take(line)
                line = ""
            elif character == "\n":
                self.take(line)
                line = ""
            else:
                line += character

    def take(self, line: str) -> None:
        if line == "":
            self.dispatch()
        elif line[0] == ":":
            pass
        elif ":" in line:
            field, value = line[: line.index(":")], line[line.index(":") + 1 :]
            if value and value[0] == " ":
                value = value[1:]
            self.field(field, value)
        else:
            self.field(line, "")

    def field(self, name: str, value: str) -> None:
        if name == "event":
            self.type_buffer = value
        elif name == "data":
            self.data_buffer += value + "\n"
        elif name == "id":
            if "\0" not in value:
                self.id_buffer = value
        elif name == "retry" and value and all(character in "0123456789" for character in value):
            self.retry = int(value)

    def dispatch(self) -> None:
        self.last_event_id = self.id_buffer
        if self.data_buffer != "":
            data = self.data_buffer[:-1] if self.data_buffer[-1] == "\n" else self.data_buffer
            self.events.append((self.type_buffer or "message", data, self.last_event_id))
        self.data_buffer = self.type_buffer = ""


WORDS = [b"data", b"event", b"id", b"retry", b":", b": ", b" ", b"\n", b"\r", b"\r\n", b"x", b"\0", b"7", b"\n\n"]
WORDS += [
    "ü€😀\u2028\x85\x0b".encode(),
    b"\xef\xbb\xbf",
    b"\xef\xbb",
    b"\xff",
    "٣".encode(),
    b"data: a\n",
    b"id: 1\r\n",
]
STREAMS = st.lists(st.sampled_from(WORDS), max_size=40).map(b"".join)


@settings(max_examples=400, deadline=None)
@given(stream=STREAMS, cuts=st.lists(st.integers(0, 120), max_size=12))
def test_parser_agrees_with_the_standard_however_the_bytes_are_cut(stream: bytes, cuts: list[int]) -> None:
    parser, found = EventStreamParser(), []
    places = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    for begin, end in pairwise(places):
        found += parser.feed(stream[begin:end])
    slow = Slow(stream)
    assert [(event.event, event.data, event.id) for event in found] == slow.events
    assert (parser.last_event_id, parser.retry_ms) == (slow.last_event_id, slow.retry)


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (b"data: YHOO\ndata: +2\ndata: 10\n\n", [Event("YHOO\n+2\n10")]),
        (b": test\n\ndata: first\nid: 1\n\ndata:second\nid\n\ndata:  third\n\n",
         [Event("first", id="1"), Event("second"), Event(" third")]),
        (b"data\n\ndata\ndata\n\ndata:", [Event(""), Event("\n")]),
        (b"\xef\xbb\xbfevent: add\rdata: 73857293\r\r", [Event("73857293", "add")]),
        (b"retry: 10\ndata: x\n\nretry: 1.5\ndata: y\n\n", [Event("x", retry=10), Event("y")]),
        (b"id: 1\0\ndata: x\n\n", [Event("x")]),
        (b"event: only\n\ndata: later\n\n", [Event("later")]),
        (b"data: cut off", []),
    ],
    ids=["lines", "comments and ids", "empty", "byte order mark", "retry", "null in id", "no data", "incomplete"],
)  # fmt: skip
def test_streams_of_the_standard(stream: bytes, expected: list[Event]) -> None:
    assert EventStreamParser().feed(stream) == expected


def test_a_line_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parser_module, "MOST_LINE_BYTES", 100)
    parser = EventStreamParser()
    parser.feed(b"data: " + b"x" * 90)
    with pytest.raises(ValueError, match="longer than 100 bytes"):
        parser.feed(b"x" * 10)
