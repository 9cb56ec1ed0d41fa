"""The file of runs: keeps, finds, labels and deletes them.

Its methods block and must not run in the event loop of a test: see `record`.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from pathlib import Path
from typing import Any

from locust_rs.history.errors import HistoryError
from locust_rs.history.model import FINISHED, KeptRun, Run
from locust_rs.history.rows import pack, unpack
from locust_rs.history.schema import opened

MOST_RUNS = 200
"""Runs without a tag or note that are kept; the oldest ones go first."""

MOST_BYTES = 1_000_000_000
"""What they may take together with those that have one; the file does not shrink, but uses its room again."""

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
                values = (run.state, run.passed, run.host, run.profile, _packed(run.result), _packed(run.about))
                connection.execute(f"UPDATE runs SET {assignments} WHERE number = ?", (*values, number))
            connection.executemany(
                "INSERT INTO rows VALUES (?, ?, ?)", [(number, position, one) for position, one in enumerate(packed)]
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
        """Changes tag or note. A tag names one run: another that had it loses it."""
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
            HistoryError: There is none.
        """
        with opened(self.path, writes=False) as connection:
            for where, value in _ways_to_find(name):
                query = f"SELECT {_COLUMNS} FROM runs WHERE {where} ORDER BY started_s DESC, number DESC LIMIT 1"
                columns = connection.execute(query, (value,)).fetchone()
                if columns is not None:
                    return self._run(columns)
        raise HistoryError(f"there is no run '{name}' in {self.path}. 'locust-rs runs list' shows which there are")

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
        if run.state != FINISHED:
            raise HistoryError(f"{run.title} has no result: it is still running, or was killed before its end")
        with opened(self.path, writes=False) as connection:
            packed = connection.execute("SELECT packed FROM rows WHERE run = ? ORDER BY position", (run.number,))
            return KeptRun(run, [unpack(one) for (one,) in packed.fetchall()])

    def _run(self, columns: tuple[Any, ...]) -> Run:
        values: dict[str, Any] = dict(zip(_COLUMNS.split(", "), columns, strict=True))
        try:
            values |= {name: _unpacked(values[name]) for name in ("result", "about")}
        except (ValueError, TypeError, zlib.error) as error:
            raise HistoryError(
                f"run {values['number']} in {self.path} is damaged ({error}): delete it with "
                f"'locust-rs runs delete {values['number']}'"
            ) from None
        values["passed"] = None if values["passed"] is None else bool(values["passed"])
        return Run(**values)


def _insert(connection: sqlite3.Connection, run: Run) -> int:
    values = (run.uid, run.started_s, run.state, run.passed, run.locustfile, run.profile, run.host, run.tag, run.note)
    return (
        connection.execute(
            f"INSERT INTO runs ({_COLUMNS}) VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*values, _packed(run.result), _packed(run.about)),
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


def _packed(document: dict[str, Any]) -> bytes:
    return zlib.compress(json.dumps(document, separators=(",", ":")).encode())


def _unpacked(packed: bytes) -> dict[str, Any]:
    document = json.loads(zlib.decompress(packed))
    return document if isinstance(document, dict) else {}
