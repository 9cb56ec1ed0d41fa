"""Keeps the tests of a `locust` command in the history, unless the command line says otherwise."""

from __future__ import annotations

import logging
from argparse import Namespace
from typing import TYPE_CHECKING

from locust_rs.argument_parser.parser import SECRET_ARGUMENTS
from locust_rs.exception import ConfigurationError

if TYPE_CHECKING:
    from locust_rs.env import Environment
    from locust_rs.history.record import Recorder

logger = logging.getLogger("locust.history")


def start_keeping(environment: Environment, options: Namespace) -> Recorder | None:
    """Begins to keep the tests of an environment; None if they are not kept, for which a line says why."""
    if options.worker or getattr(options, "no_history", False):
        return None
    try:
        from locust_rs.history.folder import history_file
        from locust_rs.history.record import Recorder
        from locust_rs.history.store import Store

        folder = getattr(options, "history_folder", None)
        store = Store(history_file(folder))
    except ConfigurationError as error:
        logger.warning(f"This run is not kept in the history: {error}")
        return None
    except ImportError as error:
        # Some builds of Python come without SQLite.
        logger.warning(f"This run is not kept in the history, because this Python has no {error.name}")
        return None
    recorder = Recorder(environment, store, frozenset(SECRET_ARGUMENTS), is_asked=bool(folder))
    recorder.watch()
    return recorder
