"""Buckets, percentiles and means of response times, by Locust's definition.

The native rows compute the same in Rust; these functions take dictionaries.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class CachedResponseTimes(NamedTuple):
    """The counters of a row at the end of some second, from which the current percentiles are computed."""

    response_times: dict[int, int]
    num_requests: int
    num_none_requests: int


def bucket_response_time(response_time: int | float) -> int:
    """The bucket of a response time in milliseconds: about two significant digits (147 → 150, 3432 → 3400).

    Assign another function to `locust.stats.bucket_response_time` to bucket differently.
    """
    if response_time < 100:
        return round(response_time)
    if response_time < 1000:
        return int(round(response_time, -1))
    if response_time < 10000:
        return int(round(response_time, -2))
    return int(round(response_time, -3))


def calculate_response_time_percentile(response_times: dict[int, int], num_requests: int, percent: float) -> int:
    """The bucket at a fraction of the requests: the largest below which at most `int(n * percent)` of them lie.

    Args:
        response_times: `{bucket_ms: count}`.
        num_requests: The number of requests counted.
        percent: A fraction, 0 to 1.

    Returns:
        Milliseconds; 0 without counts.
    """
    below = int(num_requests * percent)
    left = num_requests
    for bucket in sorted(response_times, reverse=True):
        left -= response_times[bucket]
        if left <= below:
            return bucket
    return 0


def median_from_dict(total: int, count: Mapping[int, int]) -> int:
    """The bucket in the middle of `total` counts `{bucket_ms: count}`; 0 without counts."""
    position = (total - 1) / 2
    for bucket in sorted(count):
        if position < count[bucket]:
            return bucket
        position -= count[bucket]
    return 0


def diff_response_time_dicts(latest: dict[int, int], old: dict[int, int]) -> dict[int, int]:
    """The counts since `old`: `{bucket_ms: count}` of the buckets whose count differs."""
    grown = {bucket: count - old.get(bucket, 0) for bucket, count in latest.items()}
    return {bucket: count for bucket, count in grown.items() if count != 0}


def avg(values: Sequence[float | int]) -> float:
    """The mean; 0.0 without values."""
    return sum(values, 0.0) / max(len(values), 1)


def get_readable_percentiles(percentile_list: Sequence[float]) -> list[str]:
    """Fractions as column titles: 0.5 → `50%`, 0.999 → `99.9%`."""
    return [
        f"{int(fraction * 100) if (fraction * 100).is_integer() else round(100 * fraction, 6)}%"
        for fraction in percentile_list
    ]
