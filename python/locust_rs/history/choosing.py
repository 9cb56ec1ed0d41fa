"""Which run a word means: one in the history, or an exported file."""

from __future__ import annotations

from pathlib import Path

from locust_rs.history.model import KeptRun
from locust_rs.history.store import Store
from locust_rs.history.transfer import import_run


def is_file(name: str) -> bool:
    """Whether a word names a file rather than a run in the history."""
    return name.endswith((".json", ".gz")) or "/" in name or "\\" in name


def choose(store: Store, name: str) -> KeptRun:
    """The run with its statistics.

    Raises:
        HistoryError: There is none, or it cannot be read.
    """
    return import_run(Path(name)) if is_file(name) else store.load(store.find(name))
