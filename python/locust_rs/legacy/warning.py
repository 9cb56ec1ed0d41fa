"""The warning for an old form."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

_PACKAGE = str(Path(__file__).resolve().parents[1])
_told: set[str] = set()


class OldFormWarning(DeprecationWarning):
    """A file uses a form from an earlier Locust; the message names today's form."""


def show_warnings() -> None:
    """Makes Python show the warnings, unless `-W` or PYTHONWARNINGS sets filters."""
    if not sys.warnoptions:
        warnings.filterwarnings("default", category=OldFormWarning)


def warn_of(old: str, today: str) -> None:
    """Warns of an old form, once per process, at the line of the user's file that uses it.

    Args:
        old: The form. Each one is reported once.
        today: What to write instead.
    """
    if old in _told:
        return
    _told.add(old)
    file, line = _place_of_use()
    text = f"{old}: today's form is {today}. `locust-rs upgrade FILE` rewrites it."
    warnings.warn_explicit(text, OldFormWarning, file, line)


def warn_of_option(old: str, today: str) -> None:
    """Warns of an old option, once per process."""
    if old in _told:
        return
    _told.add(old)
    warnings.warn_explicit(f"{old}: today's form is {today}.", OldFormWarning, "<command line>", 1)


def _place_of_use() -> tuple[str, int]:
    frame = sys._getframe(1)
    while frame.f_code.co_filename.startswith(_PACKAGE) and frame.f_back is not None:
        frame = frame.f_back
    return frame.f_code.co_filename, frame.f_lineno
