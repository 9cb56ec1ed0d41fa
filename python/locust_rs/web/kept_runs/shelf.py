"""The kept runs that a web UI shows. All reading happens in a real thread, so that it is no response time of anybody."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from gevent.lock import BoundedSemaphore

from locust_rs.util.threads import in_thread

if TYPE_CHECKING:
    from locust_rs.history.catalogue import Portion
    from locust_rs.history.store import Store

Answer = TypeVar("Answer")

NOT_OURS = (
    "No runs are kept here: this web UI belongs to a program of its own, and only the command 'locust' keeps its runs"
)

AT_ONCE = 2
"""Questions that are worked on at the same time; further ones wait, so that many readers do not slow down the test."""


class NoHistory(Exception):
    """This Locust keeps no runs; the text says why."""


class KeptRuns:
    """Owned by a web UI, whose requests ask it. Knows no history until `offer` names one."""

    def __init__(self) -> None:
        self._store: Store | None = None
        self._reason = NOT_OURS
        self._turns = BoundedSemaphore(AT_ONCE)

    def offer(self, store: Store | None, reason: str = "") -> None:
        """Shows the runs of a history from now on; None: none, for a reason."""
        self._store, self._reason = store, reason

    def catalogue(self, words: str, profile: str | None, offset: int, most: int) -> Portion:
        """Lines of the list; see `history.catalogue`."""
        from locust_rs.history.catalogue import catalogue

        return self._ask(lambda store: catalogue(store, words, profile, offset, most))

    def run_json(self, name: str) -> str:
        """A run as the report's page takes it, as JSON."""
        from locust_rs.web.kept_runs.opened import opened

        return self._ask(lambda store: opened(store.load(store.find(name))).as_json())

    def course(self, run: str, name: str, method: str) -> dict[str, Any]:
        """The points of one endpoint's chart; without any if the run did not request it."""
        from locust_rs.web.kept_runs.course import course_of

        return self._ask(lambda store: course_of(store, store.find(run), name, method))

    def differences(self, before: str, after: str) -> dict[str, Any]:
        """What differs between two runs, as `locust-rs compare` says it."""
        from locust_rs.web.kept_runs.comparison import comparison

        return self._ask(lambda store: comparison(store, before, after))

    def label(self, name: str, tag: str | None, note: str | None) -> None:
        """Changes tag or note of a run; None leaves it."""
        self._ask(lambda store: store.label(store.find(name), tag=tag, note=note))

    def delete(self, name: str) -> None:
        """Forgets a run."""
        self._ask(lambda store: store.delete([store.find(name)]))

    def _ask(self, question: Callable[[Store], Answer]) -> Answer:
        """The answer of a history.

        Raises:
            NoHistory: There is none.
            HistoryError: It cannot be read, or has no such run.
        """
        store = self._store
        if store is None:
            raise NoHistory(self._reason)
        with self._turns:
            return in_thread(lambda: question(store))
