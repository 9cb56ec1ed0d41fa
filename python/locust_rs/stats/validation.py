"""Checks of the percentiles that users configure."""

from __future__ import annotations

from typing import Any

from locust_rs import _tunables
from locust_rs.exception import ConfigurationError

MOST_CHART_PERCENTILES = 6


def _is_valid_percentile(parameter: Any) -> bool:
    try:
        return 0 < float(parameter) < 1
    except ValueError:
        return False


def validate_stats_configuration() -> None:
    """Checks that every configured percentile can be charted or shown.

    Raises:
        ConfigurationError: One of them cannot, or there are too many to chart.
    """
    charted = _tunables.stats.PERCENTILES_TO_CHART
    if len(charted) > MOST_CHART_PERCENTILES:
        raise ConfigurationError("stats.PERCENTILES_TO_CHART parameter should be a maximum of 6 parameters ")
    for name, fractions in (
        ("PERCENTILES_TO_CHART", charted),
        ("PERCENTILES_TO_STATISTICS", _tunables.stats.PERCENTILES_TO_STATISTICS),
    ):
        if not all(map(_is_valid_percentile, fractions)):
            raise ConfigurationError(
                f"stats.{name} parameter need to be float and value between. 0 < percentile < 1 Eg 0.95"
            )
