"""The statistics of a test and their outputs. Public module `locust.stats`."""

import logging

from locust_rs._reexports import provide_reexports
from locust_rs._tunables import publish
from locust_rs._tunables import stats as _owner
from locust_rs._tunables.stats import (
    CONSOLE_STATS_INTERVAL_SEC,
    CSV_STATS_FLUSH_INTERVAL_SEC,
    CSV_STATS_INTERVAL_SEC,
    CURRENT_RESPONSE_TIME_PERCENTILE_WINDOW,
    HISTORY_STATS_INTERVAL_SEC,
    MAX_ENTRIES,
    MAX_ERRORS,
    OTHER_ERRORS,
    OTHERS_NAME,
    PERCENTILES_TO_CHART,
    PERCENTILES_TO_REPORT,
    PERCENTILES_TO_STATISTICS,
    STATS_AUTORESIZE,
    STATS_NAME_WIDTH,
    STATS_TYPE_WIDTH,
)
from locust_rs.stats.console import (
    console_logger,
    get_error_report_summary,
    get_percentile_stats_summary,
    get_stats_summary,
    print_error_report,
    print_percentile_stats,
    print_stats,
    resize_handler,
    stats_printer,
)
from locust_rs.stats.csv_report import StatsCSV, StatsCSVFileWriter
from locust_rs.stats.distributed import setup_distributed_stats_event_listeners
from locust_rs.stats.entry import StatsEntry
from locust_rs.stats.error import StatsError
from locust_rs.stats.history import stats_history, update_stats_history
from locust_rs.stats.json_report import print_stats_json, save_stats_json
from locust_rs.stats.overrides import announce_changes
from locust_rs.stats.percentiles import (
    CachedResponseTimes,
    avg,
    bucket_response_time,
    calculate_response_time_percentile,
    diff_response_time_dicts,
    get_readable_percentiles,
    median_from_dict,
)
from locust_rs.stats.request_stats import EntriesDict, RequestStats
from locust_rs.stats.types import (
    CSVWriter,
    RequestStatsAdditionError,
    S,
    StatsBaseDict,
    StatsEntryDict,
    StatsErrorDict,
    StatsHolder,
    sort_stats,
)
from locust_rs.stats.validation import _is_valid_percentile, validate_stats_configuration

logger = logging.getLogger("locust.stats")

_owner.bucket_response_time = bucket_response_time
publish(__name__, _owner, [name for name in vars(_owner) if not name.startswith("_") and name != "Callable"])
announce_changes(__name__, ["bucket_response_time"])
resize_handler(0, None)

__all__ = [
    "CONSOLE_STATS_INTERVAL_SEC",
    "CSV_STATS_FLUSH_INTERVAL_SEC",
    "CSV_STATS_INTERVAL_SEC",
    "CURRENT_RESPONSE_TIME_PERCENTILE_WINDOW",
    "HISTORY_STATS_INTERVAL_SEC",
    "MAX_ENTRIES",
    "MAX_ERRORS",
    "OTHERS_NAME",
    "OTHER_ERRORS",
    "PERCENTILES_TO_CHART",
    "PERCENTILES_TO_REPORT",
    "PERCENTILES_TO_STATISTICS",
    "STATS_AUTORESIZE",
    "STATS_NAME_WIDTH",
    "STATS_TYPE_WIDTH",
    "CSVWriter",
    "CachedResponseTimes",
    "EntriesDict",
    "RequestStats",
    "RequestStatsAdditionError",
    "S",
    "StatsBaseDict",
    "StatsCSV",
    "StatsCSVFileWriter",
    "StatsEntry",
    "StatsEntryDict",
    "StatsError",
    "StatsErrorDict",
    "StatsHolder",
    "_is_valid_percentile",
    "avg",
    "bucket_response_time",
    "calculate_response_time_percentile",
    "console_logger",
    "diff_response_time_dicts",
    "get_error_report_summary",
    "get_percentile_stats_summary",
    "get_readable_percentiles",
    "get_stats_summary",
    "logger",
    "median_from_dict",
    "print_error_report",
    "print_percentile_stats",
    "print_stats",
    "print_stats_json",
    "resize_handler",
    "save_stats_json",
    "setup_distributed_stats_event_listeners",
    "sort_stats",
    "stats_history",
    "stats_printer",
    "update_stats_history",
    "validate_stats_configuration",
]

provide_reexports(__name__)
