"""A snapshot of statistics, put into others, gives the same figures."""

from __future__ import annotations

import random

import msgpack
import pytest

from locust_rs.stats import RequestStats
from locust_rs.stats.intended import IntendedTimes
from locust_rs.stats.snapshot import add_snapshot, take_snapshot


def _filled(names: int, requests: int) -> RequestStats:
    stats = RequestStats()
    stats.intended = IntendedTimes(RequestStats(use_response_times_cache=False))
    dice = random.Random(names * requests)
    for _ in range(requests):
        name = f"/{dice.randrange(names)}"
        stats.recorder.record("GET", name, dice.lognormvariate(3, 1), dice.randrange(5000), None)
        stats.intended.add("GET", name, [dice.lognormvariate(3, 1)])
    for _ in range(requests // 10):
        stats.recorder.record("GET", "/0", dice.lognormvariate(3, 1), 0, ValueError(f"kind {dice.randrange(3)}"))
    stats.history.append({"time": "2026-01-01T00:00:00Z", "user_count": ["2026-01-01T00:00:00Z", 3]})
    return stats


def _figures(stats: RequestStats) -> dict[str, object]:
    rows = {key: (row.serialize(), row._own_parts()) for key, row in sorted(stats.entries.items())}
    assert stats.intended is not None
    intended = [row.serialize() for row in stats.intended.rows]
    total = stats.total.serialize(), stats.total._own_parts()
    return {"rows": rows, "total": total, "errors": stats.serialize_errors(), "intended": intended}


@pytest.mark.parametrize(("names", "requests"), [(1, 0), (1, 50), (40, 3000)])
def test_statistics_from_a_snapshot_equal_those_that_it_was_taken_of(names: int, requests: int) -> None:
    stats = _filled(names, requests)
    before = _figures(stats)
    packed = msgpack.packb(take_snapshot(stats))
    assert _figures(stats) == before
    again = RequestStats()
    again.intended = IntendedTimes(RequestStats(use_response_times_cache=False))
    again.total.start_time = stats.total.start_time
    add_snapshot(again, msgpack.unpackb(packed, strict_map_key=False))
    restored = _figures(again)
    for part, wanted in before.items():
        assert restored[part] == wanted, part
    assert again.history == stats.history


def test_a_snapshot_is_added_to_what_was_counted_meanwhile() -> None:
    stats, newer = _filled(3, 100), _filled(3, 40)
    add_snapshot(newer, take_snapshot(stats))
    assert newer.total.num_requests == stats.total.num_requests + 44
    assert len(newer.history) == 2
