"""Statistics between worker and master: the listeners that fill a report and take it in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from locust_rs.stats.entry import StatsEntry
from locust_rs.stats.error import StatsError

if TYPE_CHECKING:
    from locust_rs.event import Events
    from locust_rs.stats.request_stats import RequestStats


def setup_distributed_stats_event_listeners(events: Events, stats: RequestStats) -> None:
    """Lets `stats` fill the reports of a worker and take in those that a master receives."""
    events.report_to_master.add_listener(ReportFiller(stats))
    events.worker_report.add_listener(ReportMerger(stats))


def only_built_in(handlers: Iterable[object]) -> bool:
    """Whether all listeners of a report event are Locust's own, so that nobody needs its dictionary.

    A listener of ours says so by an attribute `built_in_report_listener`.
    """
    return all(getattr(handler, "built_in_report_listener", False) for handler in handlers)


class ReportFiller:
    """Listener of `report_to_master`: puts what was counted since the last report into `data`, as plain values."""

    built_in_report_listener = True

    def __init__(self, stats: RequestStats) -> None:
        self.stats = stats

    def __call__(self, client_id: str, data: dict[str, Any], **kwargs: Any) -> None:
        """Fills `stats`, `stats_total` and `errors` of `data`."""
        data["stats"] = self.stats.serialize_stats()
        data["stats_total"] = self.stats.total.get_stripped_report()
        data["errors"] = self.stats.serialize_errors()
        self.stats.errors = {}


class ReportMerger:
    """Listener of `worker_report`: adds a worker's counts to the statistics of the whole test."""

    built_in_report_listener = True

    def __init__(self, stats: RequestStats) -> None:
        self.stats = stats

    def __call__(self, client_id: str, data: dict[str, Any], **kwargs: Any) -> None:
        """Adds `stats`, `stats_total` and `errors` of `data`."""
        for row in data["stats"]:
            entry = StatsEntry.unserialize(row, self.stats)
            self.stats.get(entry.name, entry.method).extend(entry)
        for row in data["errors"].values():
            self._add_error(row)
        self.stats.total.extend(StatsEntry.unserialize(data["stats_total"], self.stats))

    def _add_error(self, row: dict[str, Any]) -> None:
        theirs = StatsError.unserialize(row)  # type: ignore[arg-type]
        ours = self.stats._error_row(theirs.method, theirs.name, theirs.error)
        ours.occurrences += theirs.occurrences
        first = [seen for seen in (ours.first_seen, theirs.first_seen) if seen is not None]
        last = [seen for seen in (ours.last_seen, theirs.last_seen) if seen is not None]
        ours.first_seen = min(first, default=None)
        ours.last_seen = max(last, default=None)
