"""The tables of the file of runs, and opening it.

Each operation opens the file and closes it again: runs end rarely, and several processes may use one file. The journal
is SQLite's usual one, because the other kind does not work on network folders and needs two more files.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from locust_rs.history.errors import HistoryError

VERSION = 1
"""Of the tables; a file with a higher one was written by a later release.

Only a change that an earlier release cannot live with raises it. Further things to keep become further `parts` of a
run, which it ignores and deletes with the run.
"""

APPLICATION = 0x6C6F6372
"""Marks the file as one of ours."""

BUSY_S = 20.0
"""How long to wait while another process writes."""

_TABLES = """
CREATE TABLE runs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    uid TEXT NOT NULL UNIQUE,
    started_s REAL NOT NULL,
    state TEXT NOT NULL,
    passed INTEGER,
    locustfile TEXT NOT NULL,
    profile TEXT NOT NULL,
    host TEXT NOT NULL,
    tag TEXT NOT NULL,
    note TEXT NOT NULL,
    result BLOB,
    about BLOB
);
CREATE INDEX runs_by_tag ON runs (tag);
CREATE TABLE rows (
    run INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    packed BLOB NOT NULL,
    PRIMARY KEY (run, position)
) WITHOUT ROWID;
"""

_PARTS = """
CREATE TABLE IF NOT EXISTS parts (
    run INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
    name TEXT NOT NULL,
    packed BLOB NOT NULL,
    PRIMARY KEY (run, name)
) WITHOUT ROWID
"""
"""Documents beside the statistics of a run, each under a name. Files of early releases come without the table."""


@contextlib.contextmanager
def opened(path: Path, *, writes: bool) -> Iterator[sqlite3.Connection]:
    """A connection in one transaction, which is committed if the block ends without an error.

    Args:
        path: The file.
        writes: Creates folder, file and tables where they are missing.

    Raises:
        HistoryError: The file cannot be used; says why and what to do.
    """
    connection: sqlite3.Connection | None = None
    try:
        if writes:
            path.parent.mkdir(parents=True, exist_ok=True)
        elif not path.exists():
            raise HistoryError(f"there is no history in {path.parent}: no run was kept there yet")
        connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
        _check(connection, path, writes=writes)
        yield connection
        connection.execute("COMMIT")
    except (sqlite3.Error, OSError) as error:
        raise HistoryError(_explained(path, error)) from error
    finally:
        if connection is not None:
            connection.close()


def _check(connection: sqlite3.Connection, path: Path, *, writes: bool) -> None:
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    is_empty = not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if is_empty and writes:
        for statement in _TABLES.split(";"):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {VERSION}")
    elif is_empty:
        raise HistoryError(f"there is no history in {path.parent}: no run was kept there yet")
    elif application != APPLICATION:
        raise HistoryError(f"{path} is no history of locust-rs. Choose another folder with --history")
    elif version > VERSION:
        raise HistoryError(
            f"{path} was written by a later release of locust-rs. Update locust-rs, or choose another folder with "
            f"--history"
        )
    if writes:
        connection.execute(_PARTS)


def has_parts(connection: sqlite3.Connection) -> bool:
    """Whether the file has the table of parts."""
    query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'parts'"
    return connection.execute(query).fetchone() is not None


def _explained(path: Path, error: sqlite3.Error | OSError) -> str:
    reason = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
    if isinstance(error, sqlite3.OperationalError) and "locked" in reason:
        return f"{path} is in use by another process for more than {BUSY_S:.0f} s. Try again later"
    if isinstance(error, sqlite3.OperationalError | OSError):
        return (
            f"{path} cannot be used ({reason}). Make room or change its permissions, or choose a folder with --history"
        )
    return (
        f"{path} is damaged ({reason}). Move it away, and a new one is begun, or choose another folder with --history"
    )
