"""Options of the evidence: whether it is kept, and what is taken out of it. All are of locust-rs alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from locust_rs.argument_parser.options.limits import add_if_free
from locust_rs.argument_parser.value_types import redaction_rule

if TYPE_CHECKING:
    from locust_rs.argument_parser.parser import LocustArgumentParser


def add_evidence_options(parser: LocustArgumentParser) -> None:
    """Adds the options whose names are free."""
    add_if_free(
        parser,
        "--no-evidence",
        dest="no_evidence",
        action="store_true",
        default=False,
        env_var="LOCUST_NO_EVIDENCE",
        help="Keep no requests and responses of failures, and none of the slowest.",
    )
    add_if_free(
        parser,
        "--redact",
        type=redaction_rule,
        action="append",
        metavar="<name>",
        env_var="LOCUST_REDACT",
        help="Take the values of this header, parameter or field out of requests and responses that are kept, or with "
        "slashes around it what this regular expression matches. Can be given several times. Credentials, cookies, "
        "and what is called password, token, secret, key and the like, are taken out anyway.",
    )
