"""Texts as Python literals: they mean what they were made of, and ruff would not change them."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from locust_rs.convert.literals import block, f_string, quoted, raw

TEXTS = st.text(alphabet=st.one_of(st.sampled_from("ab'\"\\{}\n\r\t\0\x7f \u2028"), st.characters()), max_size=40)


@given(TEXTS)
def test_a_quoted_text_is_the_text(text: str) -> None:
    assert ast.literal_eval(quoted(text)) == text


@given(TEXTS)
def test_a_raw_text_is_the_text(text: str) -> None:
    assert ast.literal_eval(raw(text)) == text


@given(TEXTS)
def test_a_text_in_triple_quotes_is_the_text(text: str) -> None:
    written = block(text)
    assert written is None or ast.literal_eval(written) == text


@given(TEXTS, TEXTS)
def test_an_f_string_is_its_texts_around_its_value(before: str, after: str) -> None:
    written = f_string([(before, False), ("value", True), (after, False)])
    assert eval(written, {"value": 7}) == f"{before}7{after}"


@settings(max_examples=10, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=60))
def test_ruff_leaves_literals_alone(texts: list[str]) -> None:
    lines = [f"x = [\n    {quoted(text)},\n    {f_string([(text, False), ('y', True)])},\n]" for text in texts]
    ruff = Path(sys.executable).with_name("ruff")
    code = "\n".join(lines) + "\n"
    done = subprocess.run([ruff, "format", "--isolated", "-"], input=code.encode(), capture_output=True, check=False)
    assert done.stdout.decode() == code, done.stderr.decode()
