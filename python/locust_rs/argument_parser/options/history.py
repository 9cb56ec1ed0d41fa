"""Options of the history: where runs are kept. All are of locust-rs alone, and give way to those of plug-ins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from locust_rs.argument_parser.options.limits import add_if_free

if TYPE_CHECKING:
    from locust_rs.argument_parser.parser import LocustArgumentParser


def add_history_options(parser: LocustArgumentParser) -> None:
    """Adds the options whose names are free."""
    add_if_free(
        parser,
        "--history",
        dest="history_folder",
        metavar="<folder>",
        env_var="LOCUST_HISTORY",
        help="Folder in which runs are kept. Defaults to locust-rs in the folder of the user's data, usually "
        "~/.local/share. See 'locust-rs runs' and 'locust-rs compare'.",
    )
    add_if_free(
        parser,
        "--no-history",
        dest="no_history",
        action="store_true",
        default=False,
        env_var="LOCUST_NO_HISTORY",
        help="Do not keep this run.",
    )
    add_if_free(
        parser,
        "--baseline",
        metavar="<last|tag|file>",
        env_var="LOCUST_BASELINE",
        help="The run to compare with: 'last' for the latest one of this locustfile and profile that has passed, a tag "
        "or number, or a file of 'locust-rs runs export'. Thresholds call its values 'baseline', as in "
        "'p95(GET /cart) < baseline * 1.1 + 20ms'.",
    )
    add_if_free(
        parser,
        "--fail-on-regression",
        action="store_true",
        default=False,
        env_var="LOCUST_FAIL_ON_REGRESSION",
        help="Fail, with the exit code of thresholds, if an endpoint is certainly slower than in the baseline, by 5 %% "
        "or more, or certainly fails more often. The baseline is 'last' unless --baseline names another.",
    )
