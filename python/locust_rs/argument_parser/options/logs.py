"""Logging options."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from locust_rs.argument_parser.parser import LocustArgumentParser


def add_log_options(parser: LocustArgumentParser) -> None:
    """Adds the group `Logging options`."""
    group = parser.add_argument_group("Logging options")
    group.add_argument(
        "--skip-log-setup",
        action="store_true",
        dest="skip_log_setup",
        default=False,
        env_var="LOCUST_SKIP_LOG_SETUP",
        help="Disable Locust's logging setup. Instead, the configuration is provided by the Locust test or "
        "Python defaults.",
    )
    group.add_argument(
        "--loglevel",
        "-L",
        type=str.upper,
        default="INFO",
        choices=["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"],
        metavar="<level>",
        env_var="LOCUST_LOGLEVEL",
        help="Choose between DEBUG/INFO/WARNING/ERROR/CRITICAL. Default is INFO.",
    )
    group.add_argument(
        "--logfile",
        metavar="<filename>",
        env_var="LOCUST_LOGFILE",
        help="Path to log file. If not set, log will go to stderr",
    )
