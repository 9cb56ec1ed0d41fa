"""All metrics of an environment: found by name, reset with the statistics, told to the master by workers."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any, TypeVar

from locust_rs.metrics.kinds import Counter, Gauge, Metric, Trend
from locust_rs.metrics.tags import Tags, checked_name, checked_tags

logger = logging.getLogger("locust.metrics")

MOST_METRICS = 1_000
"""What differs from call to call belongs into tags, not into names."""

KINDS: dict[str, type[Metric]] = {kind.kind: kind for kind in (Counter, Gauge, Trend)}

AnyMetric = TypeVar("AnyMetric", bound=Metric)


class Metrics:
    """The metrics of one's own; `environment.metrics`.

        orders = environment.metrics.counter("orders")
        orders.add(1, shop="de")

    A metric is created when it is first asked for. The values are those of this node; on a master, of all workers.
    """

    def __init__(self) -> None:
        self._metrics: dict[str, Metric] = {}
        self._told: set[str] = set()
        self._refused: set[str] = set()

    def __iter__(self) -> Iterator[Metric]:
        return iter([self._metrics[name] for name in sorted(self._metrics)])

    def __len__(self) -> int:
        return len(self._metrics)

    def get(self, name: str) -> Metric | None:
        """The metric of this name; None if there is none."""
        return self._metrics.get(name)

    def counter(self, name: str, *, unit: str = "", about: str = "") -> Counter:
        """The counter of this name.

        Raises:
            ValueError: The name is impossible, or taken by another kind.
        """
        return self._known(name, Counter) or self._put(Counter(checked_name(name), unit, about))

    def gauge(self, name: str, *, unit: str = "", about: str = "", merge: str = "sum") -> Gauge:
        """The gauge of this name; `merge` says what workers' values come to: `sum`, `max`, `min` or `last`.

        Raises:
            ValueError: The name or `merge` is impossible, or the name is taken by another kind.
        """
        return self._known(name, Gauge) or self._put(Gauge(checked_name(name), unit, about, merge))

    def trend(self, name: str, *, unit: str = "", about: str = "") -> Trend:
        """The trend of this name.

        Raises:
            ValueError: The name is impossible, or taken by another kind.
        """
        return self._known(name, Trend) or self._put(Trend(checked_name(name), unit, about))

    def _known(self, name: str, kind: type[AnyMetric]) -> AnyMetric | None:
        metric = self._metrics.get(name)
        if metric is None or isinstance(metric, kind):
            return metric
        raise ValueError(f"'{name}' is a {metric.kind} already, and cannot be a {kind.kind} too")

    def _put(self, metric: AnyMetric) -> AnyMetric:
        if len(self._metrics) >= MOST_METRICS:
            raise ValueError(f"There are {MOST_METRICS} metrics already: put what differs into tags")
        self._metrics[metric.name] = metric
        return metric

    def reset(self) -> None:
        """Drops all values; the metrics stay."""
        self._told.clear()
        for metric in self._metrics.values():
            metric.reset()

    # -- between nodes -----------------------------------------------------------------------------------------

    def take(self) -> list[list[Any]]:
        """What is new since the last call, for a worker's report: metrics with what they took.

        A metric is told once even without values, so that the master knows that nothing was counted.
        """
        taken = []
        for metric in self._metrics.values():
            series = metric.take()
            if series or metric.name not in self._told:
                taken.append([*_described(metric), series])
        self._told.update(self._metrics)
        return taken

    def merge(self, taken: object, node: str) -> None:
        """Adds what a worker has taken. A metric that cannot be read is left out, and the log says so once."""
        if not isinstance(taken, list):
            self._refuse("", node, TypeError("they are not a list"))
            return
        for one in taken:
            try:
                self._merge_one(*one, node=node)
            except Exception as error:  # whatever another version or a damaged message has in it
                self._refuse(str(one[0]) if isinstance(one, list) and one else "", node, error)

    def kept(self) -> list[list[Any]]:
        """All metrics with their values, for `restore`."""
        return [[*_described(metric), metric.kept()] for metric in self._metrics.values()]

    def restore(self, kept: list[list[Any]]) -> None:
        """Adds what `kept` has returned.

        Raises:
            Exception: It is malformed.
        """
        for name, kind, unit, about, merged_by, series in kept:
            self._merge_one(name, kind, unit, about, merged_by, [], node="")
            for tags, content, node in series:
                self._merge_one(name, kind, unit, about, merged_by, [[tags, content]], node=node)

    def _merge_one(
        self, name: str, kind: str, unit: str, about: str, merged_by: str, series: list[list[Any]], *, node: str
    ) -> None:
        known = self._known(name, KINDS[kind])
        metric = known or self._made(name, kind, unit, about, merged_by)
        read: list[tuple[Tags, Any]] = [(checked_tags(dict(tags)), metric.read(content)) for tags, content in series]
        if known is None:
            self._put(metric)
        for tags, content in read:
            metric.merge(tags, content, node)

    def _made(self, name: str, kind: str, unit: str, about: str, merged_by: str) -> Metric:
        checked_name(name)
        return Gauge(name, unit, about, merged_by) if kind == Gauge.kind else KINDS[kind](name, unit, about)

    def _refuse(self, name: str, node: str, error: Exception) -> None:
        if name not in self._refused:
            self._refused.add(name)
            logger.warning(f"The metric '{name}' of worker {node} is not counted: {error}")


def _described(metric: Metric) -> list[str]:
    merged_by = metric.merged_by if isinstance(metric, Gauge) else ""
    return [metric.name, metric.kind, metric.unit, metric.about, merged_by]
