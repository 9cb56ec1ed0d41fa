"""One row of the error report."""

from __future__ import annotations

import hashlib
import time
from typing import Any, cast

from locust_rs._core import StatsErrorCore
from locust_rs.exception import CatchResponseError
from locust_rs.stats.overrides import Watched, originals
from locust_rs.stats.types import StatsErrorDict

_WRAPPER = "CatchResponseError("


class StatsError(StatsErrorCore, metaclass=Watched):
    """Counts one error of a name and a method.

    Args:
        method: The request type.
        name: The name of the entry.
        error: The failure: an exception, or its text if it comes from a worker.
        occurrences: How often it occurred.
        first_seen: Epoch seconds.
        last_seen: Epoch seconds.
    """

    def __init__(
        self,
        method: str,
        name: str,
        error: Exception | str | None,
        occurrences: int = 0,
        first_seen: float | None = None,
        last_seen: float | None = None,
    ) -> None:
        self.method = method
        self.name = name
        self.error = error
        self.occurrences = occurrences
        self.first_seen = first_seen
        self.last_seen = last_seen

    def __reduce__(self) -> tuple[Any, ...]:
        """For `copy` and `pickle`."""
        row = (self.method, self.name, self.error, self.occurrences, self.first_seen, self.last_seen)
        return type(self), row

    @classmethod
    def parse_error(cls, error: Exception | str | None) -> str:
        """The error's text, with the memory address of an object masked so that equal errors share a row."""
        text = error if isinstance(error, str) else repr(error)
        start = text.find("object at 0x")
        if start < 0:
            return text
        start += len("object at ")
        end = text.find(">", start)
        return text if end < 0 else text.replace(text[start:end], "0x....")

    @classmethod
    def create_key(cls, method: str, name: str, error: Exception | str | None) -> str:
        """The row's key in `RequestStats.errors`: a SHA-256 in hexadecimal."""
        return hashlib.sha256(f"{method}.{name}.{cls.parse_error(error)!r}".encode()).hexdigest()

    def occurred(self) -> None:
        """Counts one more occurrence, now."""
        self._occurred(time.time())

    def to_name(self) -> str:
        """The row's line in the console: method, name and what went wrong."""
        error = self.error
        if isinstance(error, CatchResponseError):
            text = str(error.args[0])
        elif isinstance(error, str):
            text = error[len(_WRAPPER) : -1] if error.startswith(_WRAPPER) else error
        else:
            text = repr(error)
        return f"{self.method} {self.name}: {text}"

    def serialize(self) -> StatsErrorDict:
        """The row as it travels from worker to master."""
        return {
            "name": self.name,
            "method": self.method,
            "error": self.parse_error(self.error),
            "occurrences": self.occurrences,
            "first_seen": self.first_seen,
            "last_seen": self.last_seen,
        }

    @classmethod
    def unserialize(cls, data: StatsErrorDict) -> StatsError:
        """A row from the values of `serialize`; the times may be missing, as Boomer sends none."""
        return cls(
            data["method"],
            data["name"],
            data["error"],
            data["occurrences"],
            data.get("first_seen"),
            data.get("last_seen"),
        )

    def to_dict(self) -> dict[str, str | int | float | None]:
        """The row as the web UI shows it."""
        row = cast("dict[str, str | int | float | None]", self.serialize())
        return {"method": row.pop("method"), **row}


RECORDING_METHODS = originals(StatsError)
