"""The arrivals of each kind of runner; a local one hands them out to itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from locust_rs.runners.arrivals.counts import ArrivalCounts
from locust_rs.runners.arrivals.driver import ArrivalDriver
from locust_rs.runners.arrivals.feed import ArrivalFeed

if TYPE_CHECKING:
    from locust_rs.runners.base import Runner
    from locust_rs.user.users import User


class Arrivals(Protocol):
    """What a runner has to do about arrivals."""

    @property
    def counts(self) -> dict[str, ArrivalCounts]:
        """What became of the arrivals of this test, by class name; empty if no users arrive."""

    @property
    def is_over(self) -> bool:
        """Whether nobody will arrive any more, and all who did have ended."""

    @property
    def waiting(self) -> set[str]:
        """The classes whose users will arrive, but not yet."""

    @property
    def ended(self) -> set[str]:
        """The classes whose users arrive no more."""

    def closed(self, user_classes: list[type[User]]) -> list[type[User]]:
        """Those of the classes whose users do not arrive, but are spawned."""

    def begin(self) -> None:
        """Begins a test."""

    def end(self) -> None:
        """Lets nobody arrive any more."""


class FedArrivals:
    """What all runners that hand out arrivals know from their feed."""

    _feed: ArrivalFeed

    @property
    def is_over(self) -> bool:
        """Whether nobody will arrive any more, and all who did have ended."""
        return self._feed.is_over

    @property
    def waiting(self) -> set[str]:
        """The classes whose users will arrive, but not yet."""
        return self._feed.waiting

    @property
    def ended(self) -> set[str]:
        """The classes whose users arrive no more."""
        return self._feed.ended

    def closed(self, user_classes: list[type[User]]) -> list[type[User]]:
        """Those of the classes whose users do not arrive, but are spawned."""
        return self._feed.closed(user_classes)


class LocalArrivals(FedArrivals):
    """The arrivals of a test that runs in this process alone.

    Args:
        runner: Runs the test.
    """

    def __init__(self, runner: Runner) -> None:
        self._driver = ArrivalDriver(runner)
        self._feed = ArrivalFeed(runner, self._driver.clock, self._driver.offer, lambda: self._driver.is_idle)

    @property
    def counts(self) -> dict[str, ArrivalCounts]:
        """What became of the arrivals of this test, by class name."""
        return self._driver.counts

    def begin(self) -> None:
        """Begins a test; see `ArrivalFeed.begin`."""
        self._driver.begin()
        self._feed.begin()

    def end(self) -> None:
        """Lets nobody arrive any more."""
        self._feed.end()
        self._driver.end()
