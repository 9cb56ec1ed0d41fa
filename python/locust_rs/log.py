"""Sets up logging: to the console or a file, and to a ring buffer of lines that the web UI shows.

The `locust` logger and the root logger share their handlers; `locust.stats_logger`, which prints the tables,
writes its lines without a prefix to stderr even if there is a log file.
"""

from __future__ import annotations

import logging
import logging.config
import socket
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

HOSTNAME = socket.gethostname().split(".")[0]

LOG_LINES_KEPT = 500
"""Lines that `get_logs` returns at most; older ones are dropped."""

unhandled_greenlet_exception = False
"""Set once a greenlet or an event handler has died of an exception; the process then exits with code 2."""


class LogReader(logging.Handler):
    """Stores the last formatted lines in `logs`."""

    def __init__(self) -> None:
        super().__init__()
        self.logs: deque[str] = deque(maxlen=LOG_LINES_KEPT)

    def emit(self, record: logging.LogRecord) -> None:
        """Formats and stores one record."""
        self.logs.append(self.format(record))


def setup_logging(loglevel: str, logfile: str | None = None) -> None:
    """Installs Locust's handlers on the root logger, `locust` and `locust.stats_logger`.

    Args:
        loglevel: DEBUG, INFO, WARNING, ERROR or CRITICAL, in any case.
        logfile: Path of a file that gets the records instead of stderr; missing directories are created.

    Raises:
        ValueError: The level is unknown.
        OSError: The file cannot be written.
    """
    level = loglevel.upper()
    target: dict[str, Any] = {"class": "logging.StreamHandler", "formatter": "default"}
    if logfile:
        Path(logfile).absolute().parent.mkdir(parents=True, exist_ok=True)
        target = {"class": "logging.FileHandler", "filename": logfile, "formatter": "default"}
    name = "file" if logfile else "console"
    reader = {"class": "locust_rs.log.LogReader", "formatter": "default"}
    plain = {"class": "logging.StreamHandler", "formatter": "plain"}
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "default": {"format": f"[%(asctime)s] {HOSTNAME}/%(levelname)s/%(name)s: %(message)s"},
                "plain": {"format": "%(message)s"},
            },
            "handlers": {name: target, "console_plain": plain, "log_reader": reader},
            "loggers": {
                "locust": {"handlers": [name, "log_reader"], "level": level, "propagate": False},
                "locust.stats_logger": {
                    "handlers": ["console_plain", "log_reader"],
                    "level": "INFO",
                    "propagate": False,
                },
            },
            "root": {"handlers": [name, "log_reader"], "level": level},
        }
    )


def get_logs() -> list[str]:
    """The last log lines, oldest first; empty unless `setup_logging` was called."""
    for handler in logging.getLogger("locust").handlers:
        if isinstance(handler, LogReader):
            return list(handler.logs)
    return []


def greenlet_exception_logger(logger: logging.Logger, level: int = logging.CRITICAL) -> Callable[[Any], None]:
    """A callback for `greenlet.link_exception` that logs an unhandled exception and sets the flag for the exit code."""

    def log_exception(greenlet: Any) -> None:
        global unhandled_greenlet_exception
        if greenlet.exc_info[0] is SystemExit:
            # User code asked for this exit; gevent hands it to the main greenlet, and the process ends with its code.
            logger.log(
                min(logging.INFO, level),
                f"sys.exit({greenlet.exc_info[1].code}) called (use log level DEBUG for callstack)",
            )
            logger.log(logging.DEBUG, "Unhandled exception in greenlet: %s", greenlet, exc_info=greenlet.exc_info)
            return
        logger.log(level, "Unhandled exception in greenlet: %s", greenlet, exc_info=greenlet.exc_info)
        unhandled_greenlet_exception = True

    return log_exception
