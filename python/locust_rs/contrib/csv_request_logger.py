"""CsvRequestLogger: writes a row of a CSV file for each request."""

from __future__ import annotations

import csv
import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from locust_rs.env import Environment

logger = logging.getLogger("locust.contrib.csv_request_logger")

CSV_COLUMNS = (
    "timestamp",
    "request_type",
    "name",
    "response_time_ms",
    "response_length",
    "status_code",
    "exception",
)


class CsvRequestLogger:
    """Writes a row for every request of an Environment, and closes the file when Locust quits.

    Args:
        filepath: The file, which is overwritten. Its folder must exist.
        flush_interval: Rows after which the file is flushed. With 1 a crash loses no row; more rows cost less.

    Raises:
        ValueError: `flush_interval` is below 1.

    Example:
        logger = CsvRequestLogger("results/requests.csv")

        @events.init.add_listener
        def on_locust_init(environment, **kwargs):
            logger.register(environment)
    """

    def __init__(self, filepath: str, *, flush_interval: int = 1) -> None:
        if flush_interval < 1:
            raise ValueError(f"flush_interval must be a number of rows, 1 or more, but got: {flush_interval}")
        self.filepath = filepath
        self.flush_interval = flush_interval
        self._filehandle: TextIO | None = None
        self._writer: Any = None
        self._pending = 0

    def register(self, environment: Environment) -> None:
        """Opens the file and listens to the Environment's `request` and `quitting` events; call it once.

        Raises:
            OSError: The file cannot be written.
        """
        self._open()
        environment.events.request.add_listener(self._on_request)
        environment.events.quitting.add_listener(self._on_quitting)

    def close(self) -> None:
        """Flushes and closes the file; may be called again."""
        if self._filehandle is not None:
            self._filehandle.close()
            self._filehandle = self._writer = None

    def _open(self) -> None:
        self._filehandle = Path(self.filepath).open("w", newline="", encoding="utf-8")  # noqa: SIM115
        self._writer = csv.writer(self._filehandle)
        self._writer.writerow(CSV_COLUMNS)
        self._filehandle.flush()

    def _on_request(
        self,
        *,
        request_type: str,
        name: str,
        response_time: float | None,
        response_length: int,
        exception: Any = None,
        response: Any = None,
        start_time: float | None = None,
        context: Any = None,
        **kwargs: Any,
    ) -> None:
        if self._filehandle is None:
            return
        self._writer.writerow(
            [
                time.time() if start_time is None else start_time,
                request_type,
                name,
                "" if response_time is None else round(response_time, 2),
                response_length,
                _status_code(response, exception),
                "" if exception is None else str(exception),
            ]
        )
        self._pending += 1
        if self._pending >= self.flush_interval:
            self._filehandle.flush()
            self._pending = 0

    def _on_quitting(self, **kwargs: Any) -> None:
        self.close()


def _status_code(response: Any, exception: Any) -> int:
    """The response's HTTP status; 0 if there is none, or if it is no number, as with other protocols."""
    try:
        return int(getattr(response, "status_code", 0) or 0)
    except (TypeError, ValueError, OverflowError):
        return 0
