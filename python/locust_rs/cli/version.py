"""The answer to `locust -V`, without the imports that a run needs."""

from __future__ import annotations

import sys
from typing import NoReturn

from locust_rs.argument_parser.options.other import version_line


def show_version() -> NoReturn:
    """Prints the versions and ends the process."""
    sys.stdout.write(version_line() + "\n")
    sys.exit(0)
