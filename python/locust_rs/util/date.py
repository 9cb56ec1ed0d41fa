"""Formats times for reports and file names. Inputs are seconds since the epoch."""

from __future__ import annotations

import datetime

_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


def format_utc_timestamp(unix_timestamp: float) -> str:
    """`2023-11-14T22:13:20Z`: whole seconds, rounded down."""
    moment = datetime.datetime.fromtimestamp(int(unix_timestamp), datetime.UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def format_safe_timestamp(unix_timestamp: float) -> str:
    """`2023-11-14-22h13`: local time, safe in a file name on every system."""
    return datetime.datetime.fromtimestamp(unix_timestamp).strftime("%Y-%m-%d-%Hh%M")


def format_duration(start_time: float, end_time: float) -> str:
    """`3 hours, 5 minutes and 7 seconds`: without units that are zero, and without fractions of a second."""
    seconds = int(end_time - start_time)
    parts = []
    for unit, length_s in _UNITS:
        count, seconds = divmod(seconds, length_s)
        if count:
            parts.append(f"{count} {unit}{'' if count == 1 else 's'}")
    if not parts:
        return "0 seconds"
    if len(parts) == 1:
        return parts[0]
    return f"{', '.join(parts[:-1])} and {parts[-1]}"
