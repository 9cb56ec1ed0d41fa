"""Commands are split as bash splits them."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from locust_rs.convert.readers.shell import ShellReader
from locust_rs.convert.readers.windows_shell import windows_commands
from locust_rs.convert.values import Values

LINES = [
    "curl a b  c",
    "curl 'a b' \"c d\" e\\ f",
    "curl 'it'\\''s' \"say \\\"hi\\\" \\$5 \\n\"",
    "curl $'tab\\there \\x41\\u00e4\\101 \\'q\\' \\\\'",
    "curl a\\\n b\\\nc 'd\ne' \"f\\\ng\"",
    "curl a # not this\ncurl b#c",
    'curl "" \'\' a""b',
    "curl a; curl b && curl c | curl d & curl e",
    "curl a > /dev/null 2>&1 b 2> /dev/null c",
    'curl \'{"a": [1, 2]}\' "{\\"b\\": \'x\'}"',
    "curl \\'a\\' \"\\a\" '\\a'",
    "curl {a} a=b c~d ^e %f @g -H h:i",
]


def split(text: str) -> list[list[str]]:
    return [[word.text for word in command.words] for command in ShellReader(text, Values()).commands()]


def split_by_bash(text: str) -> list[list[str]]:
    """The same by bash: each `curl` appends its words to a file, so that pipes do not matter."""
    script = 'log=$(mktemp); curl() { printf "%s\\0" "$@" "$end" >> "$log"; }\n'
    whole = f'set -f; end=END\n{script}{text}\nwait; cat "$log"; rm "$log"'
    done = subprocess.run(["bash", "-c", whole], capture_output=True, check=True)
    commands: list[list[str]] = [["curl"]]
    for word in done.stdout.decode().split("\0")[:-1]:
        if word == "END":
            commands.append(["curl"])
        else:
            commands[-1].append(word)
    return commands[:-1]


@pytest.mark.parametrize("text", LINES)
def test_words_are_those_of_bash(text: str) -> None:
    # What runs in the background or in a pipe may print later.
    assert sorted(split(text)) == sorted(split_by_bash(text))


@settings(max_examples=30, deadline=None)
@given(st.text(alphabet="ab'\"\\ \n$#;|&", max_size=14))
def test_words_in_quotes_are_those_of_bash(text: str) -> None:
    quoted = "'" + text.replace("'", "'\\''") + "'"
    double = '"' + "".join(f"\\{c}" if c in '"\\$`' else c for c in text) + '"'
    command = f"curl {quoted} {double}"
    assert split(command) == split_by_bash(command) == [["curl", text, text]]


def test_variables_become_placeholders_and_other_dollars_stay() -> None:
    values = Values()
    words = ShellReader("curl $A \"${b_1}x\" '$A' $ a$", values).commands()[0].words
    assert [len(values.split(word.text)) for word in words] == [1, 1, 2, 1, 1, 1]
    assert {name: constant.code for name, constant in values.constants.items()} == {
        "A": 'os.environ["A"]',
        "B_1": 'os.environ["b_1"]',
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('curl ^"a b^" ^\n  c', ["curl", "a b", "c"]),
        ('curl "a b" ^\n -d "{\\"x\\": 1}"', ["curl", "a b", "-d", '{"x": 1}']),
        ('curl ^"^%^5E a^&b^" "c^d"', ["curl", "%5E a&b", "c^d"]),
        ('curl ^"a\\\\b^" ^"c\\\\^"', ["curl", "a\\\\b", "c\\"]),
        ('curl ^"a^\n\nb^"', ["curl", "a\nb"]),
    ],
)
def test_commands_for_windows_are_split(text: str, words: list[str]) -> None:
    assert [[word.text for word in command.words] for command in windows_commands(text)] == [words]
