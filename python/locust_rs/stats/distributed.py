"""Statistics between worker and master: the listeners that fill a report and merge it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import msgpack

from locust_rs._core import StatsMessage, pack_stats_message
from locust_rs._tunables import runners as runner_settings
from locust_rs.stats.entry import StatsEntry
from locust_rs.stats.error import StatsError
from locust_rs.stats.types import StatsEntryDict, StatsErrorDict

if TYPE_CHECKING:
    from locust_rs.event import Events
    from locust_rs.stats.request_stats import RequestStats

REPORTS_REMEMBERED = 20
"""Reports of a worker by which its clock is judged: about a minute of them."""

WORKERS_REMEMBERED = 10_000

OWN_PARTS = ("precise", "outcomes", "intervals", "phases")
"""What reports of locust-rs have of each row in addition; of the total under the same names with `_total`."""

TOLERATED_S = 1.0
"""Times of a clock that is off by less than this are not corrected."""


def setup_distributed_stats_event_listeners(events: Events, stats: RequestStats) -> None:
    """Lets `stats` fill the reports of a worker and merge those that a master receives."""
    events.report_to_master.add_listener(ReportFiller(stats))
    events.worker_report.add_listener(ReportMerger(stats))


def only_built_in(handlers: Iterable[object]) -> bool:
    """Whether all listeners of a report event are Locust's own, so that none of them needs its dictionary.

    Locust's own listeners are marked by an attribute `built_in_report_listener`.
    """
    return all(getattr(handler, "built_in_report_listener", False) for handler in handlers)


class ReportFiller:
    """Listener of `report_to_master`: puts the counters since the last report into `data`, as plain values.

    If there are no other listeners, `pack` writes the whole message at a tenth of the cost.
    """

    built_in_report_listener = True

    def __init__(self, stats: RequestStats) -> None:
        self.stats = stats

    def __call__(self, client_id: str, data: dict[str, Any], **kwargs: Any) -> None:
        """Fills `stats`, `stats_total` and `errors` of `data`."""
        counted = [row for row in self.stats.entries.values() if row.num_requests or row.num_failures]
        own: dict[str, Any] = {"clock": time.time()}
        rows = [row._own_parts() for row in counted]
        for position, (key, of_total) in enumerate(zip(OWN_PARTS, self.stats.total._own_parts(), strict=True)):
            own[key] = [parts[position] for parts in rows]
            own[f"{key}_total"] = of_total
        data["locust_rs"] = own
        data["stats"] = self.stats.serialize_stats()
        data["stats_total"] = self.stats.total.get_stripped_report()
        data["errors"] = self.stats.serialize_errors()
        self.stats.errors = {}

    def pack(
        self,
        client_id: str,
        user_count: int,
        user_classes_count: Mapping[str, int],
        extra: Mapping[str, bytes] | None = None,
    ) -> bytes:
        """Packs the whole `stats` message for the wire, and resets the rows.

        Args:
            client_id: This worker's id.
            user_count: The number of users that run.
            user_classes_count: Their number per class.
            extra: Further keys of the report, with values that are already packed (`msgpack.packb`).
        """
        stats = self.stats
        errors = [(key, row.name, row.method, row.parse_error(row.error), row) for key, row in stats.errors.items()]
        message = pack_stats_message(
            list(stats.entries.values()),
            stats.total,
            errors,
            client_id,
            user_count,
            dict(user_classes_count),
            time.time(),
            dict(extra or {}),
        )
        stats.errors.clear()
        return message


class ReportMerger:
    """Listener of `worker_report`: adds a worker's counts to the statistics of the whole test.

    If there are no other listeners, `merge` takes the message as it came from the wire, at a tenth of the cost. Both
    correct the times of a worker whose clock is off (see `ClockOffsets`).
    """

    built_in_report_listener = True

    def __init__(self, stats: RequestStats) -> None:
        self.stats = stats
        self.clocks = ClockOffsets()
        self._messages: dict[int, tuple[dict[str, Any], StatsMessage]] = {}

    def expect(self, data: dict[str, Any], message: StatsMessage) -> None:
        """Tells that `data`, which the event will be fired with, is the content of `message`.

        Only for a listener that comes before all others: these may change `data`.
        """
        self._messages[id(data)] = (data, message)  # holding `data` keeps its id from being used again

    def __call__(self, client_id: str, data: dict[str, Any], **kwargs: Any) -> None:
        """Adds `stats`, `stats_total` and `errors` of `data`."""
        _, message = self._messages.pop(id(data), (None, None))
        if message is not None:
            self.merge(message)
            return
        own = data.get("locust_rs") or {}
        total = data["stats_total"]
        counted = total.get("last_request_timestamp") or total.get("start_time")
        shift_s = self.clocks.correction(client_id, own.get("clock"), counted)
        columns = (own.get(key, ()) for key in OWN_PARTS)
        for row, *own_parts in zip_longest(data["stats"], *columns):
            if row is not None:
                entry = self._corrected(row, own_parts, shift_s)
                self.stats.get(entry.name, entry.method).extend(entry)
        for error in data["errors"].values():
            self._add_error(error, shift_s)
        own_parts = [own.get(f"{key}_total") for key in OWN_PARTS]
        self.stats.total.extend(self._corrected(total, own_parts, shift_s))

    def merge(self, message: StatsMessage) -> None:
        """Adds the counters of a packed message."""
        message.merge(self.stats.recorder, self.clocks.correction_of(message))

    def _corrected(self, row: StatsEntryDict, own_parts: Sequence[Any], shift_s: float) -> StatsEntry:
        entry = StatsEntry.unserialize(row, self.stats)
        precise, outcomes, intervals, phases = own_parts
        entry._add_own_parts(precise or "", tuple(outcomes) if outcomes else None, intervals or "", phases)
        if shift_s:
            entry._shift(shift_s)
        return entry

    def _add_error(self, row: StatsErrorDict, shift_s: float) -> None:
        theirs = StatsError.unserialize(row)
        ours = self.stats._error_row(theirs.method, theirs.name, theirs.error)
        ours.occurrences += theirs.occurrences
        first = [ours.first_seen, None if theirs.first_seen is None else theirs.first_seen + shift_s]
        last = [ours.last_seen, None if theirs.last_seen is None else theirs.last_seen + shift_s]
        ours.first_seen = min((seen for seen in first if seen is not None), default=None)
        ours.last_seen = max((seen for seen in last if seen is not None), default=None)


def read_stats_message(frame: bytes) -> StatsMessage | None:
    """Reads a worker's message and checks it against its schema, without creating Python objects of its content.

    Args:
        frame: The message as it came from the wire.

    Returns:
        None if it is well-formed but not a report.

    Raises:
        ValueError: It is malformed or nested too deeply, or a value has the wrong type.
    """
    return StatsMessage.read(frame)


def message_as_dict(frame: bytes) -> dict[str, Any]:
    """The dictionary that listeners of `worker_report` get; `frame` must have been checked."""
    _, report, _ = msgpack.unpackb(frame, raw=False, strict_map_key=False)
    content: dict[str, Any] = report
    return content


class ClockOffsets:
    """How far the clocks of the workers are off, so that a skewed clock does not distort rates.

    The offset of a worker is the smallest difference between the time of receipt and the time its report carries, over
    its latest reports: delay can only add to the difference. locust-rs workers send the time at which they packed the
    report. For others the time of the last request counts or, without a request, the start of counting. Both are up to
    a report interval old, and differences that this explains are not corrected.
    """

    def __init__(self) -> None:
        self._latest: dict[str, deque[float]] = {}

    def correction(self, client_id: str, clock: float | None, counted: float | None) -> float:
        """Seconds to add to the times of a report that has just arrived; 0.0 for a clock that is right.

        Args:
            client_id: The worker that sent it.
            clock: The sender's clock when it packed the report, in epoch seconds; None if it does not tell.
            counted: The latest time that its counters carry.
        """
        told = clock if clock is not None else counted
        latest = self._latest.setdefault(client_id, deque(maxlen=REPORTS_REMEMBERED))
        if told is not None:
            latest.append(time.time() - told)
        if len(self._latest) > WORKERS_REMEMBERED:
            del self._latest[next(iter(self._latest))]
        offset = min(latest, default=0.0)
        tolerated = TOLERATED_S if clock is not None else TOLERATED_S + 2 * runner_settings.WORKER_REPORT_INTERVAL
        return offset if abs(offset) > tolerated else 0.0

    def correction_of(self, message: StatsMessage) -> float:
        """The same for a packed report."""
        counted = message.last_request_timestamp or message.start_time
        return self.correction(message.node_id, message.clock, counted)
