"""A kept run: what a list shows of it, and all of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from locust_rs.history.rows import Row

RUNNING, FINISHED = "running", "finished"
"""States of a run; one that stays in the first was killed before its end."""


@dataclass
class Run:
    """A run without its statistics.

    Attributes:
        uid: Identifies the run everywhere, also after export and import.
        started_s: Epoch seconds.
        state: `RUNNING` or `FINISHED`.
        passed: The verdict; None until the end.
        result: As `--results` writes it; empty until the end.
        about: Parameters, environment, git revision and hash of the locustfile.
        number: Identifies the run in its file.
    """

    uid: str
    started_s: float
    state: str = RUNNING
    passed: bool | None = None
    locustfile: str = ""
    profile: str = ""
    host: str = ""
    tag: str = ""
    note: str = ""
    result: dict[str, Any] = field(default_factory=dict)
    about: dict[str, Any] = field(default_factory=dict)
    number: int = 0

    @property
    def title(self) -> str:
        """How messages call it: `run 12 (nightly)`, or the beginning of its identifier where it has no number."""
        name = str(self.number) if self.number else self.uid[:8]
        return f"run {name} ({self.tag})" if self.tag else f"run {name}"

    @property
    def duration_s(self) -> float:
        """From the beginning of the run to its last request."""
        return float(self.result["run"]["duration_s"]) if self.result else 0.0


@dataclass
class KeptRun:
    """A run with its statistics.

    Attributes:
        rows: The total first, then each endpoint.
        parts: Further documents by name, such as what only the page shows; JSON can express them.
    """

    run: Run
    rows: list[Row]
    parts: dict[str, Any] = field(default_factory=dict)
