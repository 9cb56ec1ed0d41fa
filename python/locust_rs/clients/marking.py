"""Marking a response as right or wrong in its with-block."""

from __future__ import annotations

from typing import Any

from locust_rs.clients import messages
from locust_rs.exception import CatchResponseError, LocustError


class Markable:
    """What both clients' responses have in common; goes before the class of the response among its bases."""

    _manual_result: bool | Exception | None
    _entered: bool

    def success(self) -> None:
        """Reports the response as a success when the with-block ends, whatever its status.

        Raises:
            LocustError: Outside of a with-block.
        """
        if not self._entered:
            raise LocustError(messages.NOT_ENTERED.format(call="success()"))
        self._manual_result = True

    def failure(self, exc: Any) -> None:
        """Reports the response as a failure when the with-block ends.

        Args:
            exc: An exception, or what one is made of (`CatchResponseError`).

        Raises:
            LocustError: Outside of a with-block.
        """
        if not self._entered:
            raise LocustError(messages.NOT_ENTERED.format(call="failure(...)"))
        self._manual_result = exc if isinstance(exc, Exception) else CatchResponseError(exc)
