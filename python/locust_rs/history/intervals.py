"""The response times of an endpoint interval by interval, as `rust/locust-stats/src/wire/intervals.rs` writes them.

A bin is one of the precise histogram: below 0.256 ms a microsecond wide, above that an octave has 128 of them.
"""

from __future__ import annotations

from collections.abc import Iterator

from locust_rs.history.errors import HistoryError

Bins = dict[int, int]
"""Bin → requests."""

_DIGITS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_VALUES = bytes.maketrans(_DIGITS, bytes(range(64)))
_MORE = 32
_SHARE = 7


def lowest_ms(bin_: int) -> float:
    """The lower end of a bin."""
    shift = max((bin_ >> _SHARE) - 1, 0)
    return float((bin_ - (shift << _SHARE)) << shift) / 1000


def middle_ms(bin_: int) -> float:
    """The middle of a bin, at least half a microsecond."""
    return max((lowest_ms(bin_) + lowest_ms(bin_ + 1) - 0.001) / 2, 0.0005)


def read_intervals(text: str) -> list[Bins]:
    """The histogram of each interval in which there were requests, the oldest first.

    Raises:
        HistoryError: The text was cut or is none of ours.
    """
    numbers = _numbers(text)
    found: list[tuple[int, Bins]] = []
    try:
        for age_s in numbers:
            bins, bin_ = Bins(), 0
            for _ in range(next(numbers)):
                bin_ += next(numbers)
                bins[bin_] = next(numbers)
            if bins:
                found.append((age_s, bins))
    except StopIteration:
        raise HistoryError("the intervals of a row are cut off. Delete the run") from None
    found.sort(key=lambda one: -one[0])
    return [bins for _, bins in found]


def grouped(intervals: list[Bins], most: int) -> list[Bins]:
    """Neighbours put together, so that there are at most so many."""
    count = len(intervals)
    if count <= most:
        return intervals
    groups: list[Bins] = [{} for _ in range(most)]
    for position, bins in enumerate(intervals):
        group = groups[position * most // count]
        for bin_, requests in bins.items():
            group[bin_] = group.get(bin_, 0) + requests
    return groups


def together(intervals: list[Bins]) -> Bins:
    """The histogram of all intervals, ascending."""
    bins: Bins = {}
    for one in intervals:
        for bin_, requests in one.items():
            bins[bin_] = bins.get(bin_, 0) + requests
    return dict(sorted(bins.items()))


def _numbers(text: str) -> Iterator[int]:
    """Numbers in groups of five bits, the lowest first; the sixth bit says that more follow."""
    number = shift = 0
    for digit in text.encode().translate(_VALUES):
        number |= (digit & (_MORE - 1)) << shift
        if digit & _MORE:
            shift += 5
        else:
            yield number
            number = shift = 0
