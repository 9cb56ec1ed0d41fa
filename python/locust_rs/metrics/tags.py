"""Names and tags of metrics: what they may look like, and how they are written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

Tags = tuple[tuple[str, str], ...]
"""Pairs of name and value, sorted by name."""

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

RESERVED = ("le", "quantile")
"""Prometheus has a meaning of its own for these labels."""


LONGEST_TEXT = 200
"""Characters of a tag's value, a unit or a description; what is longer is cut off."""


def clean_text(value: object) -> str:
    """A value as a text that every output can encode."""
    return str(value)[:LONGEST_TEXT].encode("utf-8", "replace").decode()


def checked_name(name: str) -> str:
    """The name of a metric.

    Raises:
        ValueError: It cannot be one.
    """
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise ValueError(f"{name!r} cannot be a metric's name: letters, digits and _ can, such as checkout_total")
    return name


def checked_tags(tags: Mapping[str, object]) -> Tags:
    """Tags as they were passed, with their values as texts.

    Raises:
        ValueError: One of them has a name that it cannot have.
    """
    for name in tags:
        if not NAME.fullmatch(name) or name in RESERVED:
            raise ValueError(f"{name!r} cannot be a tag's name: letters, digits and _ can, but not {RESERVED}")
    return tuple(sorted((name, clean_text(value)) for name, value in tags.items()))


def tags_text(tags: Iterable[tuple[str, str]]) -> str:
    """Tags for people: `kind=card,shop=de`."""
    return ",".join(f"{name}={value}" for name, value in tags)
