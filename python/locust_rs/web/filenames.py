"""Names of downloaded files, safe on every file system and in a header."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from locust_rs.util.date import format_safe_timestamp

if TYPE_CHECKING:
    from locust_rs.env import Environment

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
MAX_PART = 80


def _safe(text: str) -> str:
    return _UNSAFE.sub("_", text).strip("._")[:MAX_PART]


def download_name(environment: Environment, ending: str) -> str:
    """`Locust_<time>_<locustfile>[_<host>]<ending>`.

    Args:
        environment: Has the locustfile and the host.
        ending: For example `_requests.csv` or `.html`.
    """
    parts = ["Locust", format_safe_timestamp(time.time())]
    parts += [safe for part in (environment.locustfile, environment.host) if part and (safe := _safe(str(part)))]
    return "_".join(parts) + ending


def as_attachment(environment: Environment, ending: str) -> str:
    """The value of Content-Disposition for a download. The name does not need quotes."""
    return f"attachment;filename={download_name(environment, ending)}"
