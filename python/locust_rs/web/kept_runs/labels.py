"""What names a kept run on the page."""

from __future__ import annotations

from typing import Any

from locust_rs.history.listing import verdict
from locust_rs.history.model import Run


def labels(run: Run) -> dict[str, Any]:
    """Number, tag, note, when it began, and how it stands."""
    return {
        "number": run.number,
        "uid": run.uid,
        "title": run.title,
        "tag": run.tag,
        "note": run.note,
        "started_s": run.started_s,
        "verdict": verdict(run),
        "profile": run.profile,
        "locustfile": run.locustfile,
        "host": run.host,
    }
