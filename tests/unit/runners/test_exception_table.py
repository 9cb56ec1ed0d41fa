"""Exceptions are counted by traceback, and their number is bounded."""

from __future__ import annotations

from locust_rs.runners.exception_table import MAX_EXCEPTIONS, OTHERS_KEY, ExceptionDict, count_exception


def test_equal_tracebacks_share_a_row():
    table: dict[int, ExceptionDict] = {}
    count_exception(table, "a", "first", "traceback")
    count_exception(table, "b", "second", "traceback")
    assert table == {hash("traceback"): {"count": 2, "msg": "first", "traceback": "traceback", "nodes": {"a", "b"}}}


def test_beyond_the_limit_one_row_counts_all_others():
    table: dict[int, ExceptionDict] = {}
    for number in range(MAX_EXCEPTIONS + 50):
        count_exception(table, "a", "text", f"traceback {number}")
    assert len(table) == MAX_EXCEPTIONS + 1
    assert table[OTHERS_KEY]["count"] == 50
    assert "Other exceptions" in table[OTHERS_KEY]["msg"]
