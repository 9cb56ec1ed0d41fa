"""Response times drawn by chance, as a row of the statistics has them interval by interval."""

from __future__ import annotations

import math
import random

_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def bin_of(time_ms: float) -> int:
    """The bin of the precise histogram."""
    us = int(time_ms * 1000 + 0.5)
    shift = max(us.bit_length() - 8, 0)
    return (shift << 7) + (us >> shift)


def digits(number: int) -> str:
    """A number as the core writes it in a row's intervals."""
    text = ""
    while number >= 32:
        text += _DIGITS[number % 32 + 32]
        number //= 32
    return text + _DIGITS[number]


def intervals_text(seconds: list[list[float]]) -> str:
    """The intervals of a row with these response times in each second."""
    text = ""
    for age, times in zip(reversed(range(len(seconds))), seconds, strict=True):
        bins: dict[int, int] = {}
        for time_ms in times:
            bins[bin_of(time_ms)] = bins.get(bin_of(time_ms), 0) + 1
        before, steps = 0, ""
        for bin_, count in sorted(bins.items()):
            steps += digits(bin_ - before) + digits(count)
            before = bin_
        text += digits(age + 1) + digits(len(bins)) + steps
    return text


def lognormal(chance: random.Random, requests: int, seconds: int, median_ms: float, spread: float) -> list[list[float]]:
    """Response times, second by second."""
    drawn: list[list[float]] = [[] for _ in range(seconds)]
    for _ in range(requests):
        drawn[chance.randrange(seconds)].append(chance.lognormvariate(math.log(median_ms), spread))
    return drawn
