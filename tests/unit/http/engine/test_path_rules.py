"""Plain paths are those that each library's rules, written as a regular expression, match."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from locust_rs._core import PathRules

PATHS = st.text("abzAZ09-._~/!$&'()*+,;=:@?%#[] \x00\udc80é", max_size=14)
RULES = {
    PathRules.REQUESTS: r"/(?![/.])(?![^?]*/\.)[A-Za-z0-9\-._~/!$&'()*+,;=:@]*(?:\?[A-Za-z0-9\-._~/!$&'()*+,;=:@?]+)?",
    PathRules.GEVENTHTTPCLIENT: r"/(?!/)[A-Za-z0-9\-._~/!$&'()*+,=:@]*(?:\?[A-Za-z0-9\-._~/!$&'()*+,;=:@?]+)?",
}


@pytest.mark.parametrize(("rules", "pattern"), RULES.items(), ids=["requests", "geventhttpclient"])
@given(path=PATHS | PATHS.map(lambda text: "/" + text))
def test_plain_paths_are_those_that_the_pattern_matches(rules: PathRules, pattern: str, path: str) -> None:
    assert rules.is_plain(path) == (re.fullmatch(pattern, path) is not None)


@pytest.mark.parametrize("path", [None, b"/", 1], ids=["none", "bytes", "int"])
def test_only_text_can_be_a_path(path: object) -> None:
    with pytest.raises(TypeError):
        PathRules.REQUESTS.is_plain(path)  # type: ignore[arg-type]
