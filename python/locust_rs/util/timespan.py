"""Reads durations such as `1h20m`."""

from __future__ import annotations

import re

_TIMESPAN = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?")


def parse_timespan(time_str: str) -> int:
    """The seconds in a duration such as `20`, `20s`, `3m`, `2h`, `1h20m` or `3h30m10s`.

    Raises:
        ValueError: The text has another format. A number after hours or minutes needs its `s`.
    """
    if not time_str:
        raise ValueError("Invalid time span format")
    found = _TIMESPAN.fullmatch(time_str)
    # `1h30` could mean minutes or seconds, so it is refused.
    unit_missing = found is not None and not time_str.isdecimal() and time_str[-1].isdecimal()
    if found is None or unit_missing:
        raise ValueError("Invalid time span format. Valid formats: 20, 20s, 3m, 2h, 1h20m, 3h30m10s, etc.")
    hours, minutes, seconds = (int(number or 0) for number in found.groups())
    return hours * 3600 + minutes * 60 + seconds
