"""Thresholds about the requests of a User class or of the tasks with a tag, such as `p95 of class Shopper < 300ms`."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from locust_rs.thresholds.errors import ThresholdError, nearest
from locust_rs.thresholds.model import Selection, Threshold

KINDS = {"class": "User class", "tag": "tag"}
"""What requests can be grouped by, as messages say it."""

_WRITTEN = re.compile(r"(?P<kind>class|tag)(?:\s+(?P<name>\S.*)|\s*$)", re.IGNORECASE | re.DOTALL)
_CLASS_NAME = re.compile(r"[^\W\d]\w*")
_OR_ENDPOINT = "If this is the name of an endpoint, put it in quotes"


def is_group(inner: str) -> bool:
    """Whether a selection without quotes is written as that of a class or tag."""
    return bool(_WRITTEN.fullmatch(inner))


def read_group(inner: str, text: str, begins: int) -> Selection:
    """Reads `class NAME` or `tag NAME`; quotes around the name are optional.

    Args:
        inner: What is written, as far as the comparison.
        text: The whole threshold.
        begins: Where `inner` begins in it.

    Raises:
        ThresholdError: It is malformed.
    """
    end = begins + len(inner)
    found = _WRITTEN.fullmatch(inner)
    if found is None:
        raise ThresholdError("A class or tag is missing here: class Shopper or tag checkout", text, begins, end)
    kind = found["kind"].lower()
    if found["name"] is None:
        example = "class Shopper" if kind == "class" else "tag checkout"
        raise ThresholdError(f"The name of the {kind} is missing: {example}. {_OR_ENDPOINT}", text, begins, end)
    start, name = begins + found.start("name"), found["name"]
    if name[0] in "\"'":
        if len(name) < 3 or name[-1] != name[0]:
            raise ThresholdError(f"The name in {name[0]} is empty, or its quote is not closed", text, start, end)
        name = name[1:-1]
    if kind == "class" and not _CLASS_NAME.fullmatch(name):
        raise ThresholdError(f"A User class has a name such as Shopper. {_OR_ENDPOINT}", text, start, end)
    return Selection(f"{kind} {name}", kind=kind, group=name)


def no_endpoint(selection: Selection, names: Collection[str]) -> str:
    """Says that no request has the name of a selection, and which one was probably meant.

    Args:
        selection: Endpoints, perhaps of a class or tag.
        names: Those that there are.
    """
    group = f" of {selection.kind} {selection.group}" if selection.kind else ""
    name = selection.text.removesuffix(group)
    return f"no request{group} is called '{name}'{nearest(name, names)}".rstrip(".")


def unknown_group(selection: Selection, known: Mapping[str, Collection[str]]) -> str:
    """Says that there is no such class or tag, and which one was probably meant; empty if there is.

    Args:
        selection: What a threshold is about.
        known: The names by kind.
    """
    names = known.get(selection.kind, ())
    if not selection.kind or selection.group in names:
        return ""
    hint = nearest(selection.group, names)
    if hint == "." and names:
        hint = f": there {'is' if len(names) == 1 else 'are'} {', '.join(sorted(names)[:5])}"
        hint += " and others" if len(names) > 5 else ""
    return f"There is no {KINDS[selection.kind]} '{selection.group}'{hint}".rstrip(".")


def check_group(threshold: Threshold, known: Mapping[str, Collection[str]]) -> None:
    """Checks that a threshold is about a class or tag that the test has.

    Raises:
        ThresholdError: There is none of that name; says which one was probably meant.
    """
    problem = unknown_group(threshold.selection, known)
    if problem:
        group = threshold.selection.group
        at = threshold.text.find(group)
        raise ThresholdError(problem, threshold.text, max(at, 0), at + len(group) if at >= 0 else len(threshold.text))
