"""Calls that hold the event loop are found and named."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable

import gevent
import pytest
from gevent.monkey import get_original

import locust_rs
from locust_rs.runners.blocking_calls import BlockingCalls, _is_the_users

blocking_sleep = get_original("time", "sleep")


def sleep_outside_gevent() -> None:
    blocking_sleep(0.4)


def compute_in_python() -> None:
    until = time.perf_counter() + 0.4
    while time.perf_counter() < until:
        pass


def compute_in_c_with_the_interpreter() -> None:
    # Not within one bytecode, so that the thread that looks comes to see where it happens.
    for _ in range(4):
        sum(range(6_000_000))


def found_while(work: Callable[[], None]) -> list[str]:
    """The places that were named while a greenlet called `work` once, between signs of life."""
    calls = BlockingCalls()

    def beat() -> None:
        while True:
            calls.loop_is_alive()
            gevent.sleep(0.01)

    with calls.watched():
        beating = gevent.spawn(beat)
        gevent.sleep(0.2)
        gevent.spawn(work).join()
        gevent.sleep(0.2)
        beating.kill()
    return list(calls.calls)


@pytest.mark.parametrize(
    "work", [sleep_outside_gevent, compute_in_python, compute_in_c_with_the_interpreter], ids=lambda work: work.__name__
)
def test_a_call_that_holds_the_loop_is_named(work: Callable[[], None]) -> None:
    found = found_while(work)
    assert any("test_blocking_calls.py:" in place and place.endswith(f" in {work.__name__}") for place in found)


def test_many_short_calls_of_different_greenlets_are_no_blocking_call() -> None:
    def one() -> None:
        blocking_sleep(0.01)

    def start_forty() -> None:
        gevent.joinall([gevent.spawn(one) for _ in range(40)])

    assert not [place for place in found_while(start_forty) if place.endswith(" in one")]


@pytest.mark.parametrize(
    ("path", "is_the_users"),
    [
        pytest.param("/shop/locustfile.py", True, id="a locustfile"),
        pytest.param(pytest.__file__, True, id="a package"),
        pytest.param(gevent.__file__, False, id="gevent"),
        pytest.param(locust_rs.__file__, False, id="this package"),
        pytest.param(csv.__file__, False, id="the standard library"),
    ],
)
def test_only_places_that_people_can_change_are_named(path: str, is_the_users: bool) -> None:
    assert _is_the_users(path) is is_the_users


def test_a_call_is_told_once() -> None:
    calls = BlockingCalls()
    calls._note("a.py:1 in f", 0.2)
    calls._note("a.py:1 in f", 0.3)
    calls._note("a.py:1 in f", 0.1)
    assert [(call.where, call.longest_s, call.count) for call in calls.take_new()] == [("a.py:1 in f", 0.3, 2)]
    assert calls.take_new() == []
    assert calls.worst is not None
    assert calls.worst.longest_s == 0.3


def test_places_take_bounded_memory() -> None:
    calls = BlockingCalls()
    for number in range(1000):
        calls._note(f"a.py:{number} in f", 0.2)
    assert len(calls.calls) == 20


def test_the_thread_ends_with_the_watching() -> None:
    calls = BlockingCalls()
    with calls.watched():
        assert calls.threads == 1
    with gevent.Timeout(10):
        while calls.threads:
            gevent.sleep(0.01)
