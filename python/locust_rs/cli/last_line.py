"""The line that tells why a process ends, when a signal or `sys.exit` in user code ends it outside of a shutdown."""

from __future__ import annotations

import logging
import sys
import traceback

from locust_rs.cli.shutdown import Interrupted

logger = logging.getLogger("locust.main")

_ENDS_WITH_A_MESSAGE = ("locust_rs.", "argparse", "configargparse")
"""Modules that have said why when they call `sys.exit`."""


def tell_of_exit(ending: SystemExit) -> None:
    """Tells of a signal before the run, and of a `sys.exit(…)` in a locustfile or a library: its code and place.

    Silent about those of Locust itself, which come after a message, and about `sys.exit("text")`, because Python prints
    the text. Before logging is set up the line goes to the standard error stream.
    """
    if isinstance(ending, Interrupted):
        _tell(
            "Exiting due to CTRL+C interruption"
            if ending.signal_name == "SIGINT"
            else f"Got {ending.signal_name} signal"
        )
        return
    frames = [frame for frame, _ in traceback.walk_tb(ending.__traceback__)]
    places = [frame for frame in traceback.extract_tb(ending.__traceback__) if "_sitebuiltins" not in frame.filename]
    if not frames or not places or isinstance(ending.code, str):
        return
    if str(frames[-1].f_globals.get("__name__", "")).startswith(_ENDS_WITH_A_MESSAGE):
        return
    _tell(f"sys.exit({ending.code}) called at {places[-1].filename}:{places[-1].lineno}")


def _tell(line: str) -> None:
    if logger.hasHandlers():
        logger.info(line)
    else:
        sys.stderr.write(f"{line}\n")
