"""File names: a word that once had several meanings has one."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

MEANINGS: dict[str, tuple[str, tuple[str, ...]]] = {
    "assembly": ("too vague", ()),
    "draft": ("a request that is being put together", ("python/locust_rs/http/*/draft.py",)),
    "exchange": ("a request in the engine and its response", ("rust/locust-py/src/http/exchange.rs",)),
    "foundations": ("too vague", ()),
    "narrow": ("too vague", ()),
    "native": ("a public module of an earlier release", ("python/locust_rs/clients/native.py",)),
    "places": ("too vague", ()),
    "plain": ("a path that needs no changes before it is sent", ("rust/locust-http/src/url/plain_path.rs",)),
    "replaced": ("a part of geventhttpclient that was replaced", ("python/locust_rs/http/fast/replaced.py",)),
    "slices": ("time in which users are spawned", ("python/locust_rs/runners/users/spawn_slices.py",)),
    "state": ("the attributes of a session", ("python/locust_rs/http/fast/state.py",)),
    "states": ("the states of a runner", ("python/locust_rs/_states.py",)),
    "way": ("too vague", ()),
    "wire": ("the msgpack format of reports", ("rust/locust-stats/src/wire/*", "rust/locust-py/src/wire.rs")),
}
"""Word → (its one meaning, the files that may have it in their path). Another meaning needs another word."""


def sources() -> list[str]:
    """Paths of the Python and Rust sources, relative to the root."""
    found = [*(ROOT / "python").rglob("*.py"), *(ROOT / "rust").rglob("*.rs")]
    return [str(path.relative_to(ROOT)) for path in found if "target" not in path.parts]


def words_of(path: str) -> set[str]:
    """The words in the names of a file and of its folders."""
    return set(re.findall(r"[a-z0-9]+", path))


@pytest.mark.parametrize("word", MEANINGS)
def test_word_has_one_meaning_in_file_names(word: str) -> None:
    meaning, allowed = MEANINGS[word]
    others = [
        path for path in sources() if word in words_of(path) and not any(fnmatch(path, pattern) for pattern in allowed)
    ]
    assert not others, f"'{word}' is reserved ({meaning}): {', '.join(others)}"


def test_names_are_split_into_words() -> None:
    assert words_of("python/locust_rs/short_way/_plain.py") == {"python", "locust", "rs", "short", "way", "plain", "py"}
