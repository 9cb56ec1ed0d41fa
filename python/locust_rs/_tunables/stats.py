"""What `locust.stats` lets users change."""

from collections.abc import Callable

CONSOLE_STATS_INTERVAL_SEC: float = 2
HISTORY_STATS_INTERVAL_SEC: float = 5
CSV_STATS_INTERVAL_SEC: float = 1
CSV_STATS_FLUSH_INTERVAL_SEC: float = 5
CURRENT_RESPONSE_TIME_PERCENTILE_WINDOW: int = 10
"""Seconds that the current percentiles look back."""

PERCENTILES_TO_REPORT: list[float] = [0.50, 0.66, 0.75, 0.80, 0.90, 0.95, 0.98, 0.99, 0.999, 0.9999, 1.0]
"""Columns of the console's percentile table and of the CSV files."""

PERCENTILES_TO_STATISTICS: list[float] = [0.95, 0.99]
"""Columns of the web UI's statistics table."""

PERCENTILES_TO_CHART: list[float] = [0.5, 0.95]
"""Lines of the response-time chart; at most six."""

PRECISE: bool = False
"""Whether response times are shown as the precise histograms have them; set by `--precise`."""

STATS_AUTORESIZE: bool = True
"""Whether the console tables follow the terminal's width."""

STATS_NAME_WIDTH: int = 80
"""Width of the console's name column; follows the terminal."""

STATS_TYPE_WIDTH: int = 8

MAX_ENTRIES: int = 10_000
"""Distinct request names that get a row of their own; further ones share the row `OTHERS_NAME`."""

MAX_ERRORS: int = 5_000
"""Distinct errors that get a row of their own; further ones share one row."""

OTHERS_NAME: str = "(other requests)"
OTHER_ERRORS: str = "(other errors)"

bucket_response_time: Callable[[int | float], int]
"""Maps a response time (ms) to its bucket. Set by `stats`; native recording is off with any other function."""
