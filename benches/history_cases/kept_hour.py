"""Runs to keep: an hour with 500 endpoints, and short ones to fill a list."""

from __future__ import annotations

import math
import random

from locust_rs.env import Environment
from locust_rs.history.model import KeptRun
from locust_rs.history.record import new_run, present_run
from locust_rs.history.rows import Row, row_of
from locust_rs.stats import RequestStats

ENDPOINTS = 500
SECONDS = 3_600
RATE = 10
"""Requests per second to each endpoint."""

PATTERNS = 10
"""Distinct endpoints; the others repeat them under names of their own."""

_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def hour(seed: int, slower: float = 1.0) -> KeptRun:
    """A run whose endpoints are slower by a factor."""
    chance = random.Random(seed)
    kept = short()
    patterns = [_row(chance, 5 * 1.5**number * slower) for number in range(PATTERNS)]
    rows = [{**patterns[number % PATTERNS], "name": f"/endpoint/{number}"} for number in range(ENDPOINTS)]
    (endpoint,) = kept.run.result["endpoints"]
    kept.run.result["endpoints"] = [{**endpoint, "name": row["name"]} for row in rows]
    return KeptRun(kept.run, [{**patterns[0], "name": "Aggregated", "method": ""}, *rows], kept.parts)


def short() -> KeptRun:
    """A run with one request."""
    environment = Environment(host="https://shop.example", locustfile="shop.py")
    runner = environment.create_local_runner()
    try:
        run = new_run(environment)
        environment.stats.log_request("GET", "/endpoint", 20.0, 100)
        return present_run(environment, run)
    finally:
        runner.quit()


def _row(chance: random.Random, median_ms: float) -> Row:
    stats = RequestStats()
    entry = stats.get("/endpoint", "GET")
    text = []
    for age_s in range(SECONDS, 0, -1):
        bins: dict[int, int] = {}
        for _ in range(RATE):
            bin_ = _bin_of(chance.lognormvariate(math.log(median_ms), 0.6))
            bins[bin_] = bins.get(bin_, 0) + 1
        steps, before = "", 0
        for bin_ in sorted(bins):
            steps += _number(bin_ - before) + _number(bins[bin_])
            before = bin_
        text.append(f"{_number(age_s)}{_number(len(bins))}{steps}")
    entry._add_own_parts("", None, "".join(text))
    entry.num_requests = RATE * SECONDS
    entry._set_num_reqs_per_sec({1_800_000_000 + second: chance.randrange(5, 15) for second in range(SECONDS)})
    entry.last_request_timestamp = 1_800_000_000.0 + SECONDS
    return row_of(entry)


def _bin_of(time_ms: float) -> int:
    """The bin of the precise histogram."""
    us = int(time_ms * 1000 + 0.5)
    shift = max(us.bit_length() - 8, 0)
    return (shift << 7) + (us >> shift)


def _number(number: int) -> str:
    """A number as a row's intervals have it."""
    text = ""
    while number >= 32:
        text += _DIGITS[number % 32 + 32]
        number //= 32
    return text + _DIGITS[number]
