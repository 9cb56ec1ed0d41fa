"""The file of runs: keeps, finds, labels and deletes them.

Its methods block and must not run in the event loop of a test: see `record`.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from locust_rs.history.errors import HistoryError, NoSuchRun
from locust_rs.history.model import FINISHED, KeptRun, Run
from locust_rs.history.packing import pack_document, unpack_document
from locust_rs.history.rows import Row, pack, unpack
from locust_rs.history.schema import has_parts, opened
from locust_rs.history.summary import summary_of

MOST_RUNS = 200
"""Runs without a tag or note that are kept; the oldest ones go first."""

MOST_BYTES = 1_000_000_000
"""What they may take together with those that have one; the file does not shrink, but uses its room again."""

SUMMARY = "summary"
"""The part that has the figures of a list."""

_UNLABELLED = "tag = '' AND note = ''"

_COLUMNS = "number, uid, started_s, state, passed, locustfile, profile, host, tag, note, result, about"


class Store:
    """The runs in a file.

    Args:
        path: The file; made when something is written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    # -- writing -------------------------------------------------------------------------------------------------

    def begin(self, run: Run) -> None:
        """Keeps a run that has begun, and lets go of the oldest ones if there are too many."""
        with opened(self.path, writes=True) as connection:
            _insert(connection, run)
            connection.execute(
                f"DELETE FROM runs WHERE number IN (SELECT number FROM runs WHERE {_UNLABELLED} "
                "ORDER BY number DESC LIMIT -1 OFFSET ?)",
                (MOST_RUNS,),
            )
            while _bytes_used(connection) > MOST_BYTES and _drop_oldest(connection, run):
                pass

    def finish(self, kept: KeptRun) -> None:
        """Keeps a run that has ended, in one step: all of it, or nothing. Replaces what `begin` has kept of it."""
        packed = [pack(row) for row in kept.rows]
        kept.parts[SUMMARY] = summary_of(kept)
        parts = {name: pack_document(part) for name, part in kept.parts.items()}
        with opened(self.path, writes=True) as connection:
            labels = connection.execute("SELECT number, tag, note FROM runs WHERE uid = ?", (kept.run.uid,)).fetchone()
            if labels is None:
                number = _insert(connection, kept.run)
            else:
                number, kept.run.tag, kept.run.note = labels
                assignments = ", ".join(
                    f"{name} = ?" for name in ("state", "passed", "host", "profile", "result", "about")
                )
                run = kept.run
                values = (
                    run.state,
                    run.passed,
                    run.host,
                    run.profile,
                    pack_document(run.result),
                    pack_document(run.about),
                )
                connection.execute(f"UPDATE runs SET {assignments} WHERE number = ?", (*values, number))
            connection.executemany(
                "INSERT INTO rows VALUES (?, ?, ?)", [(number, position, one) for position, one in enumerate(packed)]
            )
            connection.executemany(
                "INSERT INTO parts VALUES (?, ?, ?)", [(number, name, one) for name, one in parts.items()]
            )
            kept.run.number = number

    def add(self, kept: KeptRun) -> int:
        """Keeps a run from elsewhere, without its tag if another run here has it.

        Returns:
            Its number.

        Raises:
            HistoryError: It is there already.
        """
        with opened(self.path, writes=True) as connection:
            known = connection.execute("SELECT number FROM runs WHERE uid = ?", (kept.run.uid,)).fetchone()
            if connection.execute("SELECT 1 FROM runs WHERE tag = ?", (kept.run.tag,)).fetchone():
                kept.run.tag = ""
        if known is not None:
            raise HistoryError(f"this run is here already, as run {known[0]}")
        self.finish(kept)
        return kept.run.number

    def label(self, run: Run, *, tag: str | None = None, note: str | None = None) -> None:
        """Changes tag or note. A tag names one run: another that had it loses it.

        Raises:
            HistoryError: The tag would be taken for something else.
        """
        if tag is not None and (tag == "last" or tag.isdecimal() or tag != tag.strip()):
            raise HistoryError(f"'{tag}' cannot be a tag: it is a number or 'last', or has spaces around it")
        with opened(self.path, writes=True) as connection:
            if tag is not None:
                connection.execute("UPDATE runs SET tag = '' WHERE tag = ?", (tag,))
                connection.execute("UPDATE runs SET tag = ? WHERE number = ?", (tag, run.number))
            if note is not None:
                connection.execute("UPDATE runs SET note = ? WHERE number = ?", (note, run.number))

    def delete(self, runs: list[Run]) -> None:
        """Forgets runs."""
        with opened(self.path, writes=True) as connection:
            connection.executemany("DELETE FROM runs WHERE number = ?", [(run.number,) for run in runs])

    # -- reading -------------------------------------------------------------------------------------------------

    def runs(self, profile: str | None = None, most: int = -1) -> list[Run]:
        """The latest runs, newest first.

        Args:
            profile: Only those of this profile; None: of all.
            most: How many; -1: all.
        """
        where, values = ("WHERE profile = ?", [profile]) if profile is not None else ("", [])
        with opened(self.path, writes=False) as connection:
            found = connection.execute(
                f"SELECT {_COLUMNS} FROM runs {where} ORDER BY started_s DESC, number DESC LIMIT ?", (*values, most)
            ).fetchall()
        return [self._run(columns) for columns in found]

    def find(self, name: str) -> Run:
        """The run with this tag, this number, or an identifier that begins so; `last` is the latest that has ended.

        Raises:
            NoSuchRun: There is none.
        """
        with opened(self.path, writes=False) as connection:
            for where, value in _ways_to_find(name):
                query = f"SELECT {_COLUMNS} FROM runs WHERE {where} ORDER BY started_s DESC, number DESC LIMIT 1"
                columns = connection.execute(query, (value,)).fetchone()
                if columns is not None:
                    return self._run(columns)
        raise NoSuchRun(f"there is no run '{name}' in {self.path}. 'locust-rs runs list' shows which there are")

    def last_passed(self, locustfile: str, profile: str) -> Run | None:
        """The latest run of a locustfile and profile that has passed; None if there is none."""
        if not self.path.exists():
            return None
        with opened(self.path, writes=False) as connection:
            columns = connection.execute(
                f"SELECT {_COLUMNS} FROM runs WHERE state = ? AND passed AND locustfile = ? AND profile = ? "
                "ORDER BY started_s DESC, number DESC LIMIT 1",
                (FINISHED, locustfile, profile),
            ).fetchone()
        return None if columns is None else self._run(columns)

    def load(self, run: Run) -> KeptRun:
        """A run with its statistics.

        Raises:
            HistoryError: It has none, because it did not end, or they are damaged.
        """
        self.check_finished(run)
        with opened(self.path, writes=False) as connection:
            rows = connection.execute(
                "SELECT packed FROM rows WHERE run = ? ORDER BY position", (run.number,)
            ).fetchall()
            query = "SELECT name, packed FROM parts WHERE run = ?"
            parts = connection.execute(query, (run.number,)).fetchall() if has_parts(connection) else []
        unpacked = {name: unpack_document(packed, run.number) for name, packed in parts}
        return KeptRun(run, [unpack(packed) for (packed,) in rows], unpacked)

    def check_finished(self, run: Run) -> None:
        """Refuses a run without a result.

        Raises:
            HistoryError: It is one.
        """
        if run.state != FINISHED:
            raise HistoryError(f"{run.title} has no result: it is still running, or was killed before its end")

    def one_row(self, run: Run, name: str, method: str) -> Row | None:
        """The statistics of one endpoint, or of all for `Aggregated` without a method; None if it was not requested.

        Raises:
            HistoryError: They are damaged.
        """
        is_total = (name, method) == ("Aggregated", "")
        position = "AND position = 0" if is_total else ""
        query = f"SELECT packed FROM rows WHERE run = ? {position} ORDER BY position"
        with opened(self.path, writes=False) as connection:
            for (packed,) in connection.execute(query, (run.number,)):
                row = unpack(packed)
                if is_total or (row["name"], row["method"] or "") == (name, method):
                    return row
        return None

    def part(self, run: Run, name: str) -> dict[str, Any]:
        """One document beside a run's statistics; empty if there is none of that name.

        Raises:
            HistoryError: It is damaged.
        """
        query = "SELECT packed FROM parts WHERE run = ? AND name = ?"
        with opened(self.path, writes=False) as connection:
            found = connection.execute(query, (run.number, name)).fetchone() if has_parts(connection) else None
        return {} if found is None else unpack_document(found[0], run.number)

    def _run(self, columns: tuple[Any, ...]) -> Run:
        values: dict[str, Any] = dict(zip(_COLUMNS.split(", "), columns, strict=True))
        values |= {name: unpack_document(values[name], values["number"]) for name in ("result", "about")}
        values["passed"] = None if values["passed"] is None else bool(values["passed"])
        return Run(**values)


def _insert(connection: sqlite3.Connection, run: Run) -> int:
    values = (run.uid, run.started_s, run.state, run.passed, run.locustfile, run.profile, run.host, run.tag, run.note)
    return (
        connection.execute(
            f"INSERT INTO runs ({_COLUMNS}) VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*values, pack_document(run.result), pack_document(run.about)),
        ).lastrowid
        or 0
    )


def _bytes_used(connection: sqlite3.Connection) -> int:
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def _drop_oldest(connection: sqlite3.Connection, kept: Run) -> bool:
    """Deletes the oldest run without a label, except one. Returns whether there was another."""
    oldest = f"SELECT min(number) FROM runs WHERE {_UNLABELLED} AND uid != ?"
    return connection.execute(f"DELETE FROM runs WHERE number = ({oldest})", (kept.uid,)).rowcount > 0


def _ways_to_find(name: str) -> list[tuple[str, Any]]:
    """Conditions that a name can mean, the likeliest first."""
    if name == "last":
        return [("state = ?", FINISHED)]
    ways: list[tuple[str, Any]] = [("tag = ?", name)] if name else []
    if name.isdecimal() and len(name) < 18:
        ways.append(("number = ?", int(name)))
    if len(name) >= 6 and name.isalnum():
        ways.append(("uid LIKE ?", f"{name}%"))
    return ways
