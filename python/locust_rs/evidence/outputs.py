"""Evidence as the page, the report and the result of a run have it."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable
from typing import Any

from locust_rs.evidence.collection import Evidence
from locust_rs.evidence.model import Piece

MOST_REPORT_BYTES = 500_000
"""What evidence may add to a report, which is opened in a browser."""


def evidence_rows(pieces: Iterable[Piece]) -> list[dict[str, Any]]:
    """The pieces as plain values; their time is text."""
    return [_row(piece) for piece in pieces]


def reported_evidence(evidence: Evidence) -> list[dict[str, Any]]:
    """The pieces that fit into a report: the first of each kind, then the second of each, and so on."""
    by_kind: dict[Any, list[Piece]] = {}
    for piece in evidence.failures:
        by_kind.setdefault(piece.kind, []).append(piece)
    rank = {id(piece): rank for pieces in by_kind.values() for rank, piece in enumerate(pieces)}
    room, chosen = MOST_REPORT_BYTES, set()
    for piece in sorted(evidence.failures, key=lambda piece: rank[id(piece)]):
        size = len(json.dumps(_row(piece)))
        if size <= room:
            room -= size
            chosen.add(id(piece))
    return evidence_rows(piece for piece in evidence.failures if id(piece) in chosen)


def _row(piece: Piece) -> dict[str, Any]:
    plain = piece.to_plain()
    moment = datetime.datetime.fromtimestamp(plain.pop("time_s"), datetime.UTC)
    return {"time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"), **plain}
