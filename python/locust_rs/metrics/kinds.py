"""The kinds of metrics. Each keeps a series per set of tags, and what a worker has yet to tell its master."""

from __future__ import annotations

import logging
import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from numbers import Real
from typing import Any, ClassVar

from locust_rs.metrics.tags import Tags, checked_tags, clean_text
from locust_rs.stats.entry import StatsEntry
from locust_rs.stats.request_stats import RequestStats

logger = logging.getLogger("locust.metrics")

MOST_SERIES = 1_000
"""Sets of tags of one metric; further ones are counted together as `OTHERS`."""

OTHERS: Tags = (("tags", "others"),)

LARGEST_TREND = 4_000_000.0
"""The histogram has no bins beyond it."""


class Metric(ABC):
    """A metric; belongs to the `Metrics` of an environment.

    Attributes:
        name: Its name.
        unit: What its values are counted in, for the reader.
        about: A sentence for the reader.
    """

    kind: ClassVar[str]

    def __init__(self, name: str, unit: str = "", about: str = "") -> None:
        self.name = name
        self.unit = clean_text(unit)
        self.about = clean_text(about)

    @property
    @abstractmethod
    def series(self) -> list[Tags]:
        """The sets of tags that were seen, sorted."""

    @abstractmethod
    def reset(self) -> None:
        """Drops all values."""

    @abstractmethod
    def take(self) -> list[list[Any]]:
        """What is new since the last call, for a worker's report; a pair of tags and content for each series."""

    @abstractmethod
    def kept(self) -> list[list[Any]]:
        """All of it, for whoever goes on with the test: tags, content as `take` has it, and the node of each."""

    @abstractmethod
    def read(self, content: Any) -> Any:
        """What another node has taken of a series, ready for `merge`.

        Raises:
            Exception: It is malformed.
        """

    @abstractmethod
    def merge(self, tags: Tags, content: Any, node: str) -> None:
        """Adds what `read` has returned."""

    def _bounded(self, tags: Tags, known: Mapping[Tags, object]) -> Tags:
        if len(known) < MOST_SERIES or tags in known:
            return tags
        if OTHERS not in known:
            logger.warning(
                f"The metric '{self.name}' has more than {MOST_SERIES} sets of tags: further ones are counted "
                "together. Leave out tags that differ in each call."
            )
        return OTHERS

    def _number(self, value: float) -> float:
        if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
            raise ValueError(f"The {self.kind} '{self.name}' counts finite numbers, not {value!r}")
        return float(value)


class _Number(Metric):
    """A metric whose series have a number each; a subclass decides what it keeps of them in `_values`."""

    _values: dict[Tags, Any]

    def __init__(self, name: str, unit: str = "", about: str = "") -> None:
        super().__init__(name, unit, about)
        self._values = {}
        self._untold: dict[Tags, float] = {}

    @property
    def series(self) -> list[Tags]:
        return sorted(self._values)

    def reset(self) -> None:
        self._values.clear()
        self._untold.clear()

    def take(self) -> list[list[Any]]:
        taken = [[tags, number] for tags, number in self._untold.items()]
        self._untold.clear()
        return taken

    def read(self, content: Any) -> float:
        return self._number(content)


class Counter(_Number):
    """Something that adds up, such as orders."""

    kind = "counter"

    _values: dict[Tags, float]

    def add(self, amount: float = 1, /, **tags: object) -> None:
        """Adds an amount.

        Raises:
            ValueError: The amount is negative or no finite number, or a tag has an impossible name.
        """
        if self._number(amount) < 0:
            raise ValueError(f"The counter '{self.name}' cannot count {amount!r}: use a gauge for what can shrink")
        known = self._add(checked_tags(tags), float(amount))
        self._untold[known] = self._untold.get(known, 0) + float(amount)

    def _add(self, tags: Tags, amount: float) -> Tags:
        tags = self._bounded(tags, self._values)
        self._values[tags] = self._values.get(tags, 0) + amount
        return tags

    def value(self, tags: Tags) -> float:
        """The sum of one series."""
        return self._values.get(tags, 0)

    def kept(self) -> list[list[Any]]:
        return [[tags, amount, ""] for tags, amount in self._values.items()]

    def merge(self, tags: Tags, content: float, node: str) -> None:
        self._add(tags, content)


class Gauge(_Number):
    """Something that has a value at every moment, such as the length of a queue.

    Args:
        merge: What workers' values come to: their `sum`, `max` or `min`, or the `last` one that was told.
    """

    kind = "gauge"

    _values: dict[Tags, dict[str, float]]

    MERGES: ClassVar[dict[str, Any]] = {"sum": sum, "max": max, "min": min, "last": lambda values: values[-1]}

    def __init__(self, name: str, unit: str = "", about: str = "", merge: str = "sum") -> None:
        if merge not in self.MERGES:
            raise ValueError(f"A gauge can be merged by {', '.join(self.MERGES)}, not {merge!r}")
        super().__init__(name, unit, about)
        self.merged_by = merge

    def set(self, value: float, /, **tags: object) -> None:
        """Replaces the value.

        Raises:
            ValueError: It is no finite number, or a tag has an impossible name.
        """
        number = self._number(value)
        self._untold[self._put(checked_tags(tags), number, "")] = number

    def _put(self, tags: Tags, value: float, node: str) -> Tags:
        tags = self._bounded(tags, self._values)
        by_node = self._values.setdefault(tags, {})
        by_node.pop(node, None)  # so that the last one is the latest
        by_node[node] = value
        return tags

    def value(self, tags: Tags) -> float:
        """The present value of one series, over all nodes."""
        return float(self.MERGES[self.merged_by](list(self._values[tags].values())))

    def together(self, series: Iterable[Tags]) -> float:
        """The value of several series, merged as those of nodes are."""
        return float(self.MERGES[self.merged_by]([self.value(tags) for tags in series]))

    def kept(self) -> list[list[Any]]:
        return [[tags, value, node] for tags, by_node in self._values.items() for node, value in by_node.items()]

    def merge(self, tags: Tags, content: float, node: str) -> None:
        self._put(tags, content, node)


class Trend(Metric):
    """Something of which percentiles say more than a sum, such as the time of a checkout, in a histogram per series."""

    kind = "trend"

    def __init__(self, name: str, unit: str = "", about: str = "") -> None:
        super().__init__(name, unit, about)
        self._parent = RequestStats(use_response_times_cache=False)
        self._rows: dict[Tags, StatsEntry] = {}
        self._untold: dict[Tags, StatsEntry] = {}

    def add(self, value: float, /, **tags: object) -> None:
        """Counts a value of 0 or more; times are best counted in milliseconds.

        Raises:
            ValueError: The value is negative, too large or no finite number, or a tag has an impossible name.
        """
        if not 0 <= self._number(value) <= LARGEST_TREND:
            raise ValueError(
                f"The trend '{self.name}' cannot count {value!r}: 0 to {LARGEST_TREND:,.0f} can be. "
                "Count large values in a larger unit"
            )
        known = self._bounded(checked_tags(tags), self._rows)
        for rows in (self._rows, self._untold):
            self._row(rows, known).log(float(value), 0)

    def _row(self, rows: dict[Tags, StatsEntry], tags: Tags) -> StatsEntry:
        row = rows.get(tags)
        if row is None:
            row = rows[tags] = StatsEntry(self._parent, self.name, "")
        return row

    def row(self, tags: Tags) -> StatsEntry:
        """The values of one series."""
        return self._rows[tags]

    def together(self, series: Iterable[Tags]) -> StatsEntry:
        """The values of several series."""
        together = StatsEntry(self._parent, self.name, "")
        for tags in series:
            together.extend(self._rows[tags])
        return together

    @property
    def series(self) -> list[Tags]:
        return sorted(self._rows)

    def reset(self) -> None:
        self._rows.clear()
        self._untold.clear()

    def take(self) -> list[list[Any]]:
        taken = [[tags, _packed(row)] for tags, row in self._untold.items()]
        self._untold.clear()
        return taken

    def kept(self) -> list[list[Any]]:
        return [[tags, _packed(row), ""] for tags, row in self._rows.items()]

    def read(self, content: Any) -> StatsEntry:
        counters, precise = content
        row = StatsEntry.unserialize(counters, self._parent)
        row._add_precise(precise)
        return row

    def merge(self, tags: Tags, content: StatsEntry, node: str) -> None:
        self._row(self._rows, self._bounded(tags, self._rows)).extend(content)


def _packed(row: StatsEntry) -> list[Any]:
    return [row.serialize(), row._precise_text()]
