"""Options of the request statistics: what to print and which files to write."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from locust_rs.argument_parser.parser import LocustArgumentParser


def add_statistics_options(parser: LocustArgumentParser) -> None:
    """Adds the group `Request statistics options`."""
    group = parser.add_argument_group("Request statistics options")
    group.add_argument(
        "--csv",
        dest="csv_prefix",
        metavar="<filename>",
        env_var="LOCUST_CSV",
        help="Store request stats to files in CSV format. Setting this option will generate four files: "
        "<filename>_stats.csv, <filename>_stats_history.csv, <filename>_failures.csv and "
        "<filename>_exceptions.csv. Any folders part of the prefix will be automatically created",
    )
    group.add_argument(
        "--csv-full-history",
        action="store_true",
        default=False,
        dest="stats_history_enabled",
        env_var="LOCUST_CSV_FULL_HISTORY",
        help="Store each stats entry in CSV format to _stats_history.csv file. You must also specify the "
        "'--csv' argument to enable this.",
    )
    group.add_argument(
        "--print-stats",
        action="store_true",
        env_var="LOCUST_PRINT_STATS",
        help="Enable periodic printing of request stats in UI runs",
    )
    group.add_argument(
        "--only-summary",
        action="store_true",
        env_var="LOCUST_ONLY_SUMMARY",
        help="Disable periodic printing of request stats during --headless run",
    )
    group.add_argument(
        "--reset-stats",
        action="store_true",
        env_var="LOCUST_RESET_STATS",
        help="Reset statistics once spawning has been completed. Should be set on both master and workers when "
        "running in distributed mode",
    )
    group.add_argument(
        "--html",
        dest="html_file",
        metavar="<filename>",
        env_var="LOCUST_HTML",
        help="Store HTML report to file path specified. Able to parse certain tags - {u}, {r}, {t} and convert "
        "them to number of users, spawn rate and run time respectively.",
    )
    group.add_argument(
        "--json",
        default=False,
        action="store_true",
        help="Prints the final stats in JSON format to stdout. Useful for parsing the results in other "
        "programs/scripts. Use together with --headless and --skip-log for an output only with the json data.",
    )
    group.add_argument(
        "--json-file",
        metavar="<filename>",
        help="Prints the final stats in JSON format to file path specified.",
    )
