"""Where runs are kept: the folder of an option, otherwise that of the user's data."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from locust_rs.history.errors import HistoryError

FILE_NAME = "runs.sqlite"


def history_file(folder: str | None = None) -> Path:
    """The file of the runs; neither it nor its folder need exist.

    Args:
        folder: The folder that was asked for; None: `locust-rs` in the folder of the user's data.

    Raises:
        HistoryError: Nobody knows where the user's home is.
    """
    return (Path(folder).expanduser() if folder else _user_data() / "locust-rs") / FILE_NAME


def _user_data() -> Path:
    """The XDG data folder, or what the system has in its place."""
    named = os.environ.get("XDG_DATA_HOME", "")
    # A relative path is invalid there and has to be ignored, says the XDG specification.
    if os.path.isabs(named):
        return Path(named)
    if sys.platform == "win32" and os.environ.get("LOCALAPPDATA"):
        return Path(os.environ["LOCALAPPDATA"])
    try:
        return Path.home() / ".local" / "share"
    except RuntimeError:
        raise HistoryError("this user has no home folder. Name a folder with --history, or use --no-history") from None
