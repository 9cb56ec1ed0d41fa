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
