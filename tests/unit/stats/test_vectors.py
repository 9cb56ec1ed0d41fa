"""Golden vectors that the Rust tests read too: samples and the results of Locust 2.47."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from locust_rs.stats import RequestStats, StatsEntry, bucket_response_time, calculate_response_time_percentile

VECTORS = Path(__file__).parents[2] / "vectors" / "stats_percentiles.json"
CASES: list[dict[str, Any]] = json.loads(VECTORS.read_text())


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_samples_give_locusts_buckets_and_percentiles(case: dict[str, Any]) -> None:
    entry = StatsEntry(RequestStats(), "/", "GET")
    for time_ms in case["times_ms"]:
        entry.log(time_ms, 3)
    assert sorted(map(list, entry.response_times.items())) == case["buckets"]
    assert [entry.get_response_time_percentile(fraction) for fraction in case["fractions"]] == case["percentiles"]
    assert (entry.median_response_time, entry.total_response_time) == (case["median"], case["total"])
    assert (entry.min_response_time, entry.max_response_time) == (case["min"], case["max"])


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_the_functions_for_plain_dictionaries_agree(case: dict[str, Any]) -> None:
    counts: dict[int, int] = {}
    for time_ms in case["times_ms"]:
        bucket = bucket_response_time(time_ms)
        counts[bucket] = counts.get(bucket, 0) + 1
    total = len(case["times_ms"])
    shown = [calculate_response_time_percentile(counts, total, fraction) for fraction in case["fractions"]]
    assert shown == case["percentiles"]
