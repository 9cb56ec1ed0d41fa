"""The list of kept runs as the page asks for it: found by words, in portions, reading only what a line shows."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Any

from locust_rs.history.errors import HistoryError
from locust_rs.history.listing import verdict
from locust_rs.history.model import FINISHED, KeptRun, Run
from locust_rs.history.packing import unpack_document
from locust_rs.history.rows import unpack
from locust_rs.history.schema import has_parts, opened
from locust_rs.history.store import SUMMARY, Store
from locust_rs.history.summary import summary_of

_SHOWN = ("number", "uid", "started_s", "state", "passed", "locustfile", "profile", "host", "tag", "note")
_SEARCHED = "' ' || number || ' ' || tag || ' ' || note || ' ' || profile || ' ' || locustfile || ' ' || host"


@dataclass
class Portion:
    """Some lines of the list.

    Attributes:
        lines: Of one run each: what `_SHOWN` names, the verdict, and the summary of a run that has ended.
        found: How many runs there are that match.
        profiles: All profiles, to choose from.
    """

    lines: list[dict[str, Any]]
    found: int
    profiles: list[str]


def catalogue(store: Store, words: str, profile: str | None, offset: int, most: int) -> Portion:
    """The latest runs that match, newest first; nothing if none was ever kept.

    Args:
        store: The history.
        words: Each of them has to be in the number, tag, note, profile, locustfile or target of a run.
        profile: Only runs of this profile; None: of all.
        offset: How many to pass over.
        most: How many to show.

    Raises:
        HistoryError: The file cannot be read.
    """
    if not store.path.exists():
        return Portion([], 0, [])
    where, values = _condition(words, profile)
    with opened(store.path, writes=False) as connection:
        profiles = connection.execute("SELECT DISTINCT profile FROM runs WHERE profile != '' ORDER BY profile")
        (found,) = connection.execute(f"SELECT count(*) FROM runs WHERE {where}", values).fetchone()
        query = (
            f"SELECT {', '.join(_SHOWN)} FROM runs WHERE {where} ORDER BY started_s DESC, number DESC LIMIT ? OFFSET ?"
        )
        rows = connection.execute(query, (*values, most, offset)).fetchall()
        lines = [_line(connection, dict(zip(_SHOWN, row, strict=True))) for row in rows]
        return Portion(lines, found, [name for (name,) in profiles])


def _condition(words: str, profile: str | None) -> tuple[str, list[str]]:
    conditions, values = ["1"], []
    for word in words.split():
        escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        conditions.append(f"{_SEARCHED} LIKE ? ESCAPE '\\'")
        values.append(f"%{escaped}%")
    if profile is not None:
        conditions.append("profile = ?")
        values.append(profile)
    return " AND ".join(conditions), values


def _line(connection: sqlite3.Connection, shown: dict[str, Any]) -> dict[str, Any]:
    number = shown["number"]
    about, summary, problem = {}, None, ""
    try:
        if shown["state"] == FINISHED:
            summary = _summary(connection, shown)
        else:
            about = _document(connection, "about", number)
    except HistoryError as error:
        # One damaged run does not hide the others.
        problem = str(error)
    run = Run(**{**shown, "passed": None if shown["passed"] is None else bool(shown["passed"])}, about=about)
    return {**shown, "passed": run.passed, "verdict": verdict(run), "summary": summary, "problem": problem}


def _summary(connection: sqlite3.Connection, shown: dict[str, Any]) -> dict[str, Any]:
    number = shown["number"]
    if has_parts(connection):
        query = "SELECT packed FROM parts WHERE run = ? AND name = ?"
        kept = connection.execute(query, (number, SUMMARY)).fetchone()
        if kept is not None:
            return unpack_document(kept[0], number)
    # Kept before there were summaries.
    total = connection.execute("SELECT packed FROM rows WHERE run = ? AND position = 0", (number,)).fetchone()
    if total is None:
        raise HistoryError(f"run {number} has lost its statistics: delete it with 'locust-rs runs delete {number}'")
    run = Run(shown["uid"], shown["started_s"], result=_document(connection, "result", number))
    return summary_of(KeptRun(run, [unpack(total[0])]))


def _document(connection: sqlite3.Connection, column: str, number: int) -> dict[str, Any]:
    packed = connection.execute(f"SELECT {column} FROM runs WHERE number = ?", (number,)).fetchone()[0]
    return unpack_document(packed, number)
