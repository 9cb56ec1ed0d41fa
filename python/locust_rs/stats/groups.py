"""Requests by User class and by tag: tables of their own, beside that of all requests.

The recorders of a greenlet's groups stand in its `spawn_tree_locals`, which greenlets that it spawns inherit. So the
requests that a user makes in greenlets of its own are those of its class, and of the task that spawned them.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import gevent

from locust_rs._core import RequestRecorder, StatsEntryCore, StatsMessage
from locust_rs.stats.distributed import ClockOffsets, ReportFiller
from locust_rs.stats.request_stats import RequestStats

if TYPE_CHECKING:
    from locust_rs.stats.entry import StatsEntry

BY_CLASS, BY_TAG = "class", "tag"
KINDS = (BY_CLASS, BY_TAG)

MOST_GROUPS = 1_000
"""Groups of one kind that a master takes from its workers."""

_KEY = "locust_groups"


class GroupStats(RequestStats):
    """The requests of one User class or tag: `total` and `entries` as of all requests, without errors and history.

    Methods that users replace, such as `log_request`, are those of the whole statistics: here they are not called.
    """

    def __init__(self) -> None:
        super().__init__(use_response_times_cache=False)

    @property
    def recorder(self) -> RequestRecorder:
        """Counts requests here; always the same one."""
        if self._recorder is None:
            self._recorder = RequestRecorder(self, is_group=True)
        return self._recorder

    def log_request(self, method: str, name: str, response_time: int | float | None, content_length: int) -> None:
        """Counts a request whose row is shared by several names."""
        now = time.time()
        for row in (self.total, self.entries[(name, method)]):
            StatsEntryCore._record(row, now, response_time, content_length)

    def _native_total(self) -> tuple[StatsEntry, bool]:
        return self.total, True

    def _native_entry(self, name: str, method: str) -> tuple[StatsEntry, bool]:
        return self.entries[(name, method)], (name, method) in self.entries


class Groups:
    """The groups of a test on one node; `stats.groups` while requests are counted by group.

    Args:
        names: The names of the groups by kind, `BY_CLASS` or `BY_TAG`; a kind that is missing is not counted.
    """

    def __init__(self, names: Mapping[str, Iterable[str]]) -> None:
        self.kinds = frozenset(names)
        self._tables: dict[str, dict[str, RequestStats]] = {
            kind: {name: GroupStats() for name in sorted(names.get(kind, ()))} for kind in KINDS
        }
        self._clocks = ClockOffsets()

    def table(self, kind: str) -> dict[str, RequestStats]:
        """The statistics of the groups of a kind by name."""
        return self._tables[kind]

    def reset(self) -> None:
        """Drops what was counted."""
        for group in self._all():
            group.clear_all()

    def _all(self) -> list[RequestStats]:
        return [group for groups in self._tables.values() for group in groups.values()]

    # -- who makes requests ------------------------------------------------------------------------------------

    def join(self, user_class: type) -> None:
        """Lets the current greenlet, and those that it spawns, make requests of a User class until it ends."""
        _set_recorders(self._recorders(BY_CLASS, [user_class.__name__]))

    @contextmanager
    def made_by(self, user_class: type) -> Iterator[None]:
        """In the block, requests of the current greenlet are those of a User class."""
        with _counted_by(self._recorders(BY_CLASS, [user_class.__name__])):
            yield

    @contextmanager
    def in_task(self, task: Any) -> Iterator[None]:
        """In the block, requests of the current greenlet are those of the tags of a task too."""
        outer = _recorders_here()
        own = self._recorders(BY_TAG, sorted(getattr(task, "locust_tag_set", ())))
        with _counted_by(outer + tuple(recorder for recorder in own if recorder not in outer)):
            yield

    def _recorders(self, kind: str, names: Iterable[str]) -> tuple[RequestRecorder, ...]:
        table = self._tables[kind]
        return tuple(table[name].recorder for name in names if name in table)

    # -- between nodes -----------------------------------------------------------------------------------------

    def take(self, client_id: str) -> dict[str, dict[str, bytes]]:
        """What was counted since the last call, for a worker's report: packed reports by kind and name."""
        return {
            kind: {
                name: ReportFiller(group).pack(client_id, 0, {})
                for name, group in groups.items()
                if group.num_requests or group.num_failures
            }
            for kind, groups in self._tables.items()
            if kind in self.kinds
        }

    def merge(self, taken: Any) -> None:
        """Adds what a worker has taken.

        Raises:
            ValueError: It is malformed; nothing was added.
        """
        for kind, name, message in list(_messages(taken)):
            groups = self._tables[kind]
            if name in groups or len(groups) < MOST_GROUPS:
                recorder = groups.setdefault(name, GroupStats()).recorder
                message.merge(recorder, self._clocks.correction_of(message))


def count_by_group(stats: RequestStats, names: Mapping[str, Iterable[str]]) -> None:
    """Begins to count requests by these groups as well, or without any ends it; see `Groups`."""
    stats.groups = Groups(names) if names else None
    stats.recorder.has_groups = bool(names)


def groups_of(environment: Any) -> Groups | None:
    """The groups by which requests are counted; None also for environments that are not ours."""
    groups = getattr(getattr(environment, "stats", None), "groups", None)
    return groups if isinstance(groups, Groups) else None


def _messages(taken: Any) -> Iterator[tuple[str, str, StatsMessage]]:
    """Kind, name and report of each group in the value of a worker.

    Raises:
        ValueError: It is malformed.
    """
    if not isinstance(taken, dict):
        raise ValueError("groups are not a map")
    for kind, groups in taken.items():
        if kind not in KINDS or not isinstance(groups, dict):
            raise ValueError(f"there are no groups by {kind!a}")
        for name, frame in groups.items():
            if not isinstance(name, str) or not isinstance(frame, bytes):
                raise ValueError(f"the statistics of {kind} {name!a} are malformed")
            message = StatsMessage.read(frame)
            if message is None:
                raise ValueError(f"the statistics of {kind} {name!a} are no report")
            yield kind, name, message


def _recorders_here() -> tuple[RequestRecorder, ...]:
    found: tuple[RequestRecorder, ...] = _inherited().get(_KEY, ())
    return found


def _inherited() -> dict[str, Any]:
    return getattr(gevent.getcurrent(), "spawn_tree_locals", None) or {}


def _set_recorders(recorders: tuple[RequestRecorder, ...]) -> None:
    # A dictionary of its own: greenlets that were spawned before keep theirs.
    current: Any = gevent.getcurrent()
    current.spawn_tree_locals = {**_inherited(), _KEY: recorders}


@contextmanager
def _counted_by(recorders: tuple[RequestRecorder, ...]) -> Iterator[None]:
    before = _recorders_here()
    _set_recorders(recorders)
    try:
        yield
    finally:
        _set_recorders(before)
