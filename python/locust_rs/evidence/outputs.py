"""Evidence as the page, the report and the result of a run have it."""

from __future__ import annotations

import datetime
import json
from collections import Counter
from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any

from locust_rs.evidence.collection import Evidence
from locust_rs.evidence.model import Piece

MOST_FAILURES_BYTES, MOST_SLOWEST_BYTES = 500_000, 300_000
"""What evidence may add to a report, which is opened in a browser."""


def evidence_rows(pieces: Iterable[Piece]) -> list[dict[str, Any]]:
    """The pieces as plain values; their time is text."""
    return [_row(piece) for piece in pieces]


def reported_evidence(evidence: Evidence) -> dict[str, list[dict[str, Any]]]:
    """What of it fits into a report: of each kind or endpoint the first piece, then the second of each, and so on."""
    return {
        "failures": _fitting(evidence.failures, attrgetter("kind"), MOST_FAILURES_BYTES),
        "slowest": _fitting(evidence.slowest, attrgetter("method", "name"), MOST_SLOWEST_BYTES),
    }


def _fitting(pieces: list[Piece], group_of: Callable[[Piece], Any], room: int) -> list[dict[str, Any]]:
    counts: Counter[Any] = Counter()
    ranks = []
    for piece in pieces:
        counts[group_of(piece)] += 1
        ranks.append(counts[group_of(piece)])
    rows, chosen = evidence_rows(pieces), set()
    for index in sorted(range(len(rows)), key=ranks.__getitem__):
        size = len(json.dumps(rows[index]))
        if size <= room:
            room -= size
            chosen.add(index)
    return [row for index, row in enumerate(rows) if index in chosen]


def _row(piece: Piece) -> dict[str, Any]:
    plain = piece.to_plain()
    moment = datetime.datetime.fromtimestamp(plain.pop("time_s"), datetime.UTC)
    return {"time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"), **plain}
