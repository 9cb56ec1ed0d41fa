"""All evidence of an environment: taken from the event, told to the master by workers, reset with the statistics."""

from __future__ import annotations

import logging
import re
import sys
from argparse import Namespace
from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from typing import Any

from locust_rs.evidence.model import Piece
from locust_rs.evidence.reading import read_event
from locust_rs.evidence.redaction import Redaction
from locust_rs.evidence.slowest import NONE, Slowest

logger = logging.getLogger("locust.evidence")

MOST_OF_A_KIND = 3
MOST_KINDS = 100
MOST_IN_A_REPORT = 60
"""Failures in a worker's report; those beyond follow with the next."""

MOST_SLOW_IN_A_REPORT = 10
"""They are redacted when they are told, which must not hold up the loop."""

FAILURES, SLOWEST = "failures", "slowest"
"""Keys of what nodes tell each other."""

Kind = tuple[str, str, str]


class Evidence:
    """The first requests and responses of each kind of failure, and the slowest requests; `environment.evidence`.

        environment.evidence.redact("customer_no", re.compile(r"[0-9]{16}"))

    A kind is a row of the table of errors: type, name and error text. Evidence is taken where the request was made, and
    redacted there; a master has that of all workers.
    """

    def __init__(self, secrets: Callable[[], Iterable[str]] = tuple) -> None:
        self.enabled = True
        """Whether evidence is kept."""
        self.redaction = Redaction(secrets)
        self.slow = Slowest(self.redaction.apply, self._attempt)
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

    @property
    def slowest(self) -> list[Piece]:
        """By endpoint, the slowest first."""
        return self.slow.all()

    def of_kind(self, method: str, name: str, error: str) -> list[Piece]:
        """That of one row of the table of errors, by time."""
        return list(self._failures.get((method, name, error), ()))

    def reset(self) -> None:
        """Drops everything."""
        self._failures.clear()
        self._untold.clear()
        self.slow.reset()

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
        self._attempt(lambda: self._keep_failure(error, event))

    def _keep_failure(self, error: str, event: Mapping[str, Any]) -> None:
        piece = read_event(event, error)
        self.redaction.apply(piece)
        self._put(piece)
        self._untold.append(piece)

    def keep_slow(self, error: str, event: Mapping[str, Any]) -> float:
        """Keeps evidence of a slow request.

        Args:
            error: Its failure in the table of errors; empty for a success.
            event: The arguments of the `request` event.

        Returns:
            How many milliseconds a request of this endpoint has to take from now on.
        """
        return self._offered(event["request_type"], event["name"], lambda: self.slow.offer(event, error))

    def keep_slow_response(self, method: str, name: str, response: Any) -> float:
        """As `keep_slow`, for a success of the engine's that no event tells of."""
        event = {
            "request_type": method,
            "name": name,
            "response": response,
            "response_time": response.response_time_ms,
            "start_time": response.start_time,
        }
        # The body of a stream keeps a connection, which is not held longer than its user does.
        offer = self.slow.offer_response if not response.streamed else lambda event: self.slow.offer(event, "")
        return self._offered(method, name, lambda: offer(event))

    def _offered(self, method: Any, name: Any, offer: Callable[[], None]) -> float:
        if not self.enabled:
            return NONE
        self._attempt(offer)
        return self.slow.limit_ms((str(method), str(name)))

    def _attempt(self, work: Callable[[], None]) -> bool:
        try:
            work()
        except Exception:  # whatever responses and patterns of somebody's own do, the test goes on
            if not self._is_broken:
                self._is_broken = True
                logger.exception("The evidence of a request could not be kept")
            return False
        return True

    # -- between nodes ---------------------------------------------------------------------------------------------

    def take(self, *, is_last: bool = False) -> dict[str, Any]:
        """What is new since the last call, for a worker's report; empty if nothing is.

        Args:
            is_last: The report is the last one of the test, so that nothing may be left over.
        """
        most, most_slow = (sys.maxsize, sys.maxsize) if is_last else (MOST_IN_A_REPORT, MOST_SLOW_IN_A_REPORT)
        told, self._untold = self._untold[:most], self._untold[most:]
        return _plain(told, self.slow.take(most_slow))

    def merge(self, taken: object, node: str) -> None:
        """Adds what a worker has taken; of each kind the earliest stay, of each endpoint the slowest.

        What cannot be read is left out, and the log says so once.
        """
        try:
            self._add_all(taken, node)
        except Exception as error:  # whatever another version or a damaged message has in it
            if not self._refused:
                self._refused = True
                logger.warning(f"Evidence of worker {node} cannot be read and is left out: {error!r}")

    def kept(self) -> dict[str, Any]:
        """All of it, for `restore`."""
        return _plain(self.failures, self.slowest)

    def restore(self, kept: dict[str, Any]) -> None:
        """Adds what `kept` has returned.

        Raises:
            Exception: It is malformed.
        """
        self._add_all(kept, None)

    def _add_all(self, plain: Any, node: str | None) -> None:
        """Adds pieces of a worker; None: those of its own, which know where they are from."""
        if not self.enabled:
            return
        for key, add in ((FAILURES, self._add), (SLOWEST, self.slow.add)):
            for one in plain.get(key, ()):
                piece = Piece.from_plain(one)
                piece.worker = piece.worker if node is None else node
                add(piece)

    def _add(self, piece: Piece) -> None:
        if not self._has_room(piece):
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


def _plain(failures: list[Piece], slowest: list[Piece]) -> dict[str, Any]:
    told = {FAILURES: failures, SLOWEST: slowest}
    return {key: [piece.to_plain() for piece in pieces] for key, pieces in told.items() if pieces}
