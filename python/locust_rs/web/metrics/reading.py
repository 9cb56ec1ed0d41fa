"""What the families of metrics read from the statistics: labels once, and the values in columns."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from locust_rs.web.metrics.exposition import escaped
from locust_rs.web.rows import endpoint_rows

if TYPE_CHECKING:
    from locust_rs.stats import RequestStats, StatsEntry

BOUNDS_MS = (5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000)
"""Upper bounds of the buckets of response times."""


class Endpoints:
    """All rows of the statistics, and their total as the last one."""

    def __init__(self, stats: RequestStats) -> None:
        # By text, because a sample with the same labels twice makes Prometheus refuse all of them: names may be
        # numbers, and those of the total may be anybody's.
        by_text = {(str(entry.method), str(entry.name)): entry for entry in list(stats.entries.values())}
        by_text.pop(("", "Aggregated"), None)
        by_text.pop(("Aggregated", "Aggregated"), None)
        self.entries: list[StatsEntry] = list(by_text.values())
        """Without the total."""
        texts = [(escaped(method), escaped(name)) for method, name in by_text]
        self.labels = [f'method="{method}",name="{name}"' for method, name in texts]
        """One of each entry, without the total and without braces."""
        self.by_name = [f"{{{label}}}" for label in [*self.labels, 'method="",name="Aggregated"']]
        self.by_path = [f'{{method="{method}",path="{name}"}}' for method, name in texts]
        self.by_path.append('{method="Aggregated",path="Aggregated"}')
        self.columns = _columns(endpoint_rows(stats, [*self.entries, stats.total], ("0.9", "0.95", "0.99")))
        """`{key of /stats/requests: its values}`, as texts."""


def _columns(rows: list[str]) -> dict[str, tuple[str, ...]]:
    """The numbers of rows of JSON, by key. They are not parsed, since they are only written again."""
    keys = [key for key, value in json.loads(rows[-1]).items() if not isinstance(value, str)]
    # A name cannot look like keys: its quotes are escaped.
    numbers = re.compile(",".join(f'"{re.escape(key)}":([^,}}]*)' for key in keys))
    return dict(zip(keys, zip(*numbers.findall("\n".join(rows)), strict=True), strict=True))
