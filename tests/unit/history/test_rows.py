"""Rows of the statistics as bytes."""

from __future__ import annotations

import json
import random
import zlib

import pytest

from bootstrap_oracle import middle_ms, read_intervals
from drawn_times import intervals_text, lognormal
from locust_rs.exception import ConfigurationError
from locust_rs.history.bootstrap import Sample
from locust_rs.history.rows import pack, restore, row_of, unpack
from locust_rs.stats import RequestStats

FRACTIONS = (0.0, 0.5, 0.95, 0.999, 1.0)


def measured() -> RequestStats:
    stats, chance = RequestStats(), random.Random(1)
    for number in range(500):
        name = chance.choice(["/cart", "/item", "/ä ö"])
        stats.log_request("GET", name, chance.lognormvariate(3, 1) if number % 50 else None, 100)
        if number % 9 == 0:
            stats.log_error("GET", name, ValueError("bad"))
    return stats


def test_statistics_come_back_as_they_were() -> None:
    stats = measured()
    packed = [pack(row_of(row)) for row in (stats.total, *stats.entries.values())]
    back = restore(map(unpack, packed))
    assert back.entries.keys() == stats.entries.keys()
    for row, found in [(stats.total, back.total), *((stats.entries[key], back.entries[key]) for key in stats.entries)]:
        assert found.serialize() == row.serialize()
        assert [found.precise_percentile(one) for one in FRACTIONS] == [
            row.precise_percentile(one) for one in FRACTIONS
        ]
        assert found._sides(FRACTIONS) == row._sides(FRACTIONS)


def test_intervals_are_read_as_the_core_writes_them() -> None:
    stats = measured()
    read = read_intervals(stats.total._own_parts()[2])
    assert sum(sum(bins.values()) for bins in read) == stats.total.num_requests - stats.total.num_none_requests
    slowest = max(bin_ for bins in read for bin_ in bins)
    assert middle_ms(slowest) == pytest.approx(stats.total.max_response_time, rel=0.005)


DAMAGES = {
    "no bytes": b"",
    "cut": pack(row_of(measured().total))[:-9],
    "no row": zlib.compress(b"[]"),
    "a row without counts": zlib.compress(json.dumps({"name": "a"}).encode()),
}


@pytest.mark.parametrize("case", DAMAGES)
def test_damaged_row_is_refused(case: str) -> None:
    with pytest.raises(ConfigurationError, match="Delete the run"):
        unpack(DAMAGES[case])


def test_intervals_that_are_cut_off_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="Delete the run"):
        Sample(intervals_text([[5.0, 9.0]])[:-1])


def test_an_hour_of_500_endpoints_takes_less_than_20_mb() -> None:
    chance, seconds = random.Random(2), 3600
    stats = RequestStats()
    row = stats.get("/cart", "GET")
    # An endpoint with ten requests a second: 5,000 a second in all.
    row._add_own_parts("", None, intervals_text(lognormal(chance, 10 * seconds, seconds, 40, 0.6)))
    row.num_requests = 10 * seconds
    row._set_num_reqs_per_sec({1_800_000_000 + second: chance.randrange(5, 15) for second in range(seconds)})
    assert 500 * len(pack(row_of(row))) < 20_000_000
