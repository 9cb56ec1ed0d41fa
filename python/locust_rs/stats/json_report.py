"""The statistics as JSON: a list of rows, as `--json` and `--json-file` write it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from locust_rs import _tunables
from locust_rs._core import stats_json
from locust_rs.stats.inflation import inflation_warning
from locust_rs.stats.intended import with_intended
from locust_rs.util.files import write_file

if TYPE_CHECKING:
    from locust_rs.stats.request_stats import RequestStats


def statistics_as_json(stats: RequestStats) -> str:
    """Every row with requests or failures, indented by four spaces. The rows keep their counters.

    If the generator was overloaded, each row has a field `warning` that says so.
    """
    rows = [row for row in stats.entries.values() if row.num_requests or row.num_failures]
    fractions = _tunables.stats.PERCENTILES_TO_REPORT if _tunables.stats.PRECISE else []
    text = stats_json(rows, inflation_warning(stats.health), [(fraction, str(fraction)) for fraction in fractions])
    return text if stats.intended is None else with_intended(text, stats.intended)


def print_stats_json(stats: RequestStats) -> None:
    """Prints the rows on standard output."""
    sys.stdout.write(statistics_as_json(stats) + "\n")
    sys.stdout.flush()


def save_stats_json(stats: RequestStats, filename: str) -> None:
    """Writes the rows to `filename` with `.json` added.

    Raises:
        OSError: The file cannot be written.
    """
    write_file(Path(f"{filename}.json"), statistics_as_json(stats))
