"""Statistics can be copied and pickled, as plug-ins do to keep a snapshot."""

from __future__ import annotations

import copy
import pickle
import time
from collections.abc import Callable
from typing import Any

import pytest

from locust_rs.stats import RequestStats

COPIES: list[Callable[[Any], Any]] = [copy.deepcopy, lambda thing: pickle.loads(pickle.dumps(thing))]


@pytest.fixture
def table() -> RequestStats:
    table = RequestStats()
    for time_ms in range(500):
        table.log_request("GET", "/", time_ms * 1.1, 5)
    table.log_error("GET", "/", ValueError("broken"))
    table.recorder(request_type="GET", name="/", response_time=1, response_length=1, exception=None)
    table.total._cache_response_times(int(time.time()))
    return table


@pytest.mark.parametrize("copied", COPIES, ids=["deepcopy", "pickle"])
def test_a_copy_holds_what_was_counted(table: RequestStats, copied: Callable[[Any], Any]) -> None:
    other = copied(table)
    row, original = other.get("/", "GET"), table.get("/", "GET")
    assert row.serialize() == original.serialize()
    assert row.precise_percentile(0.9) == original.precise_percentile(0.9)
    assert row._sides([0, 0.5, 1]) == original._sides([0, 0.5, 1])
    assert other.total.response_times_cache == table.total.response_times_cache
    assert [error.to_name() for error in other.errors.values()] == ["GET /: ValueError('broken')"]
    assert (row.stats, other.entries.request_stats) == (other, other)


@pytest.mark.parametrize("copied", COPIES, ids=["deepcopy", "pickle"])
def test_a_copy_counts_on_its_own(table: RequestStats, copied: Callable[[Any], Any]) -> None:
    other = copied(table)
    other.log_error("GET", "/", "another")
    other.recorder(request_type="GET", name="/", response_time=1, response_length=1, exception=None)
    assert (other.num_requests, len(other.errors)) == (table.num_requests + 1, 2)
    assert len(table.errors) == 1


def test_a_copied_row_keeps_attributes_of_the_users_own(table: RequestStats) -> None:
    row = table.get("/", "GET")
    row.note = "mine"  # type: ignore[attr-defined]
    other = copy.copy(row)
    other.num_requests += 1
    assert (other.note, other.num_requests) == ("mine", row.num_requests + 1)  # type: ignore[attr-defined]
