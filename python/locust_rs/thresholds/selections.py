"""Reads which requests a threshold is about.

An endpoint is a name, a name with `*`, or a regular expression behind `~`.
"""

from __future__ import annotations

import re

from locust_rs.thresholds.errors import ThresholdError
from locust_rs.thresholds.groups import is_group, read_group
from locust_rs.thresholds.model import Selection
from locust_rs.thresholds.own_metrics import read_own_metric


def read_selection(written: str, text: str, begins: int) -> Selection:
    """Reads a selection.

    Args:
        written: What stands in the parentheses or behind `of`.
        text: The whole threshold.
        begins: Where `written` begins in it.

    Raises:
        ThresholdError: It is malformed.
    """
    inner = written.strip()
    begins += len(written) - len(written.lstrip())
    if not inner:
        raise ThresholdError("An endpoint is missing here, such as GET /cart, or * for all", text, begins - 1, begins)
    is_expression = inner.startswith("~")
    if is_expression:
        after = inner[1:].lstrip()
        begins += len(inner) - len(after)
        inner = after
    inner, is_quoted, begins = _unquoted(inner, text, begins)
    if is_expression:
        return Selection(f"~{inner}", _expression(inner, text, begins))
    if not is_quoted and re.match(r"metric\s+\S", inner, re.IGNORECASE):
        return read_own_metric(inner, text, begins)
    if not is_quoted and is_group(inner):
        return read_group(inner, text, begins)
    if inner == "*":
        return Selection()
    name = " ".join(inner.split())
    parts = [re.escape(part) for part in (name,)] if is_quoted else [re.escape(part) for part in name.split("*")]
    return Selection(name, re.compile(f"^{'.*'.join(parts)}$", re.DOTALL))


def _unquoted(inner: str, text: str, begins: int) -> tuple[str, bool, int]:
    quote = inner[:1]
    if quote not in ('"', "'"):
        return inner, False, begins
    if len(inner) < 2 or not inner.endswith(quote):
        raise ThresholdError(f"This quote is not closed: {quote} is missing", text, begins, begins + len(inner))
    return inner[1:-1], True, begins + 1


def _expression(inner: str, text: str, begins: int) -> re.Pattern[str]:
    if not inner:
        raise ThresholdError("A regular expression is missing behind ~", text, begins - 1, begins)
    try:
        return re.compile(inner)
    except re.error as error:
        at = begins + (error.pos or 0)
        raise ThresholdError(f"The regular expression is invalid: {error.msg}", text, at, at + 1) from None
