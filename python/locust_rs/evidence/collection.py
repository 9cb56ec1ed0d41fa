"""All evidence of an environment: taken from the event, told to the master by workers, reset with the statistics."""

from __future__ import annotations

import logging
import re
from argparse import Namespace
from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from typing import Any

from locust_rs.evidence.model import Piece
from locust_rs.evidence.reading import read_event
from locust_rs.evidence.redaction import Redaction

logger = logging.getLogger("locust.evidence")

MOST_OF_A_KIND = 3
MOST_KINDS = 100
MOST_IN_A_REPORT = 60
"""Pieces of a worker's report; those beyond follow with the next."""

Kind = tuple[str, str, str]


class Evidence:
    """The first requests and responses of each kind of failure; `environment.evidence`.

        environment.evidence.redact("customer_no", re.compile(r"[0-9]{16}"))

    A kind is a row of the table of errors: type, name and error text. Evidence is taken where the request was made, and
    redacted there; a master has that of all workers.
    """

    def __init__(self, secrets: Callable[[], Iterable[str]] = tuple) -> None:
        self.enabled = True
        """Whether evidence is kept."""
        self.redaction = Redaction(secrets)
        self._failures: dict[Kind, list[Piece]] = {}
        self._untold: list[Piece] = []
        self._is_broken = False
        self._refused = False

    @classmethod
    def from_options(cls, options: Namespace | None, secrets: Callable[[], Iterable[str]]) -> Evidence:
        """What `--no-evidence` and `--redact` ask for.

        Raises:
            ValueError: A rule of redaction is wrong.
        """
        evidence = cls(secrets)
        evidence.enabled = not getattr(options, "no_evidence", False)
        evidence.redact(*(getattr(options, "redact", None) or ()))
        return evidence

    def redact(self, *rules: str | re.Pattern[str]) -> None:
        """Takes more out of what is kept from now on.

        Args:
            rules: Names of headers, parameters and fields (without case, `-` and `_` alike); or patterns, compiled or
                as text between slashes: what they match is taken out, or their groups if they have any.

        Raises:
            ValueError: A rule is empty or no pattern.
        """
        for rule in rules:
            self.redaction.add(rule)

    @property
    def failures(self) -> list[Piece]:
        """By kind, in the order in which the kinds came up, each by time."""
        return [piece for pieces in self._failures.values() for piece in pieces]

    def of_kind(self, method: str, name: str, error: str) -> list[Piece]:
        """That of one row of the table of errors, by time."""
        return list(self._failures.get((method, name, error), ()))

    def reset(self) -> None:
        """Drops everything."""
        self._failures.clear()
        self._untold.clear()

    # -- asked by the native recorder ------------------------------------------------------------------------------

    def wants_failure(self, method: Any, name: Any, error: str) -> bool:
        """Whether evidence of a failure would be kept."""
        if not self.enabled:
            return False
        known = self._failures.get((str(method), str(name), error))
        return len(known) < MOST_OF_A_KIND if known is not None else len(self._failures) < MOST_KINDS

    def keep_failure(self, error: str, event: Mapping[str, Any]) -> None:
        """Keeps evidence of a failure that is wanted.

        Args:
            error: Its text in the table of errors.
            event: The arguments of the `request` event.
        """
        try:
            piece = read_event(event, error)
            self.redaction.apply(piece)
        except Exception:  # whatever responses and patterns of somebody's own do, the test goes on
            if not self._is_broken:
                self._is_broken = True
                logger.exception("The evidence of a failed request could not be kept")
            return
        self._put(piece)
        self._untold.append(piece)

    # -- between nodes ---------------------------------------------------------------------------------------------

    def take(self, *, is_last: bool = False) -> list[dict[str, Any]]:
        """What is new since the last call, for a worker's report.

        Args:
            is_last: The report is the last one of the test, so that nothing may be left over.
        """
        most = len(self._untold) if is_last else MOST_IN_A_REPORT
        told, self._untold = self._untold[:most], self._untold[most:]
        return [piece.to_plain() for piece in told]

    def merge(self, taken: object, node: str) -> None:
        """Adds what a worker has taken; of each kind the earliest stay.

        What cannot be read is left out, and the log says so once.
        """
        try:
            if not isinstance(taken, list):
                raise TypeError("it is not a list")
            for plain in taken:
                piece = Piece.from_plain(plain)
                piece.worker = node
                self._add(piece)
        except Exception as error:  # whatever another version or a damaged message has in it
            if not self._refused:
                self._refused = True
                logger.warning(f"Evidence of worker {node} cannot be read and is left out: {error!r}")

    def kept(self) -> list[dict[str, Any]]:
        """All of it, for `restore`."""
        return [piece.to_plain() for piece in self.failures]

    def restore(self, kept: list[dict[str, Any]]) -> None:
        """Adds what `kept` has returned.

        Raises:
            Exception: It is malformed.
        """
        for plain in kept:
            self._add(Piece.from_plain(plain))

    def _add(self, piece: Piece) -> None:
        if not self.enabled or not self._has_room(piece):
            return
        # The master may have rules that the worker was not given.
        self.redaction.apply(piece)
        self._put(piece)

    def _has_room(self, piece: Piece) -> bool:
        known = self._failures.get(piece.kind)
        if known is None:
            return len(self._failures) < MOST_KINDS
        # A thousand workers may tell of the same kind.
        return len(known) < MOST_OF_A_KIND or piece.time_s < known[-1].time_s

    def _put(self, piece: Piece) -> None:
        pieces = self._failures.setdefault(piece.kind, [])
        pieces.append(piece)
        pieces.sort(key=attrgetter("time_s"))
        del pieces[MOST_OF_A_KIND:]
