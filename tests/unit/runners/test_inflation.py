"""What the lateness of each kind of client does to the response times of a run."""

from __future__ import annotations

from typing import Any

import pytest

from locust_rs.runners.inflation import (
    EngineLateness,
    Scale,
    Second,
    SocketLateness,
    SpoiledIntervals,
    WorkerLateness,
)

NO_ENGINE, NO_SOCKETS = EngineLateness(), SocketLateness()


@pytest.mark.parametrize(
    ("requests", "measured_ms", "engine", "sockets", "hub_lag_ms", "inflation"),
    [
        pytest.param(100, 6000, EngineLateness(100, 100, 1000), NO_SOCKETS, 40, 0.2, id="the engine's"),
        pytest.param(1000, 60000, EngineLateness(1000, 100, 1000), NO_SOCKETS, 0, 0.2, id="the engine's, sampled"),
        pytest.param(100, 6000, EngineLateness(100, 100, 500, 500), NO_SOCKETS, 0, 0.2, id="late connects count"),
        pytest.param(100, 6000, NO_ENGINE, SocketLateness(100, 100, 100, 3000), 0, 1.0, id="Python's"),
        pytest.param(100, 6000, NO_ENGINE, SocketLateness(100, 10, 10, 300), 0, 1.0, id="Python's, sampled"),
        pytest.param(
            *(200, 12000, EngineLateness(100, 100, 1000), SocketLateness(100, 100, 100, 3000), 70, 0.5),
            id="a mixture, weighted by requests",
        ),
        pytest.param(100, 6000, NO_ENGINE, SocketLateness(100, 100, 0, 0), 10, 0.2, id="of clients nobody follows"),
        pytest.param(100, 6000, NO_ENGINE, SocketLateness(100, 100, 0, 0), 0.9, 0.0, id="timers are no more exact"),
        pytest.param(100, 6000, EngineLateness(100), NO_SOCKETS, 10, 0.2, id="where the system tells nothing"),
        pytest.param(0, 0, NO_ENGINE, NO_SOCKETS, 50, 0.0, id="no requests"),
    ],
)
def test_lateness_is_weighed_against_response_times(
    requests: int,
    measured_ms: float,
    engine: EngineLateness,
    sockets: SocketLateness,
    hub_lag_ms: float,
    inflation: float,
) -> None:
    second = Scale().weigh(requests, measured_ms, engine, sockets, hub_lag_ms)
    assert second.inflation == pytest.approx(inflation)


def test_responses_read_in_one_second_and_recorded_in_the_next_are_of_a_known_kind() -> None:
    scale, run = Scale(), Second()
    run.add(scale.weigh(0, 0.0, EngineLateness(100, 100, 1000), NO_SOCKETS, 500))
    run.add(scale.weigh(100, 6000.0, NO_ENGINE, NO_SOCKETS, 500))
    assert run.inflation == pytest.approx(0.2)


def test_redirects_do_not_hide_clients_that_nobody_follows() -> None:
    scale = Scale()
    for _ in range(50):
        scale.weigh(50, 3000.0, EngineLateness(100, 100, 0), NO_SOCKETS, 10)
    late_ms = sum(scale.weigh(100, 6000.0, NO_ENGINE, NO_SOCKETS, 10).late_ms for _ in range(10))
    assert late_ms >= 8 * 100 * 10


@pytest.mark.parametrize(
    ("late_ms", "is_spoiled"),
    [(100, True), (40, False), (4, False)],
    ids=["5 % and more", "less than half a millisecond each", "less than 5 %"],
)
def test_a_second_is_spoiled_if_one_can_see_it(late_ms: float, is_spoiled: bool) -> None:
    assert Second(requests=100, measured_ms=800, late_ms=late_ms).is_spoiled is is_spoiled


def test_adjoining_seconds_are_one_interval() -> None:
    spoiled = SpoiledIntervals()
    for at, inflation in ((11, 0.1), (12, 0.3), (13, 0.2), (20, 0.5)):
        spoiled.note(at, inflation)
    assert [(each.begins_at, each.ends_at, each.inflation) for each in spoiled.intervals] == [
        (10, 13, 0.3),
        (19, 20, 0.5),
    ]
    assert [spoiled.between(*stretch) for stretch in ((0, 9), (0, 11), (13, 19), (12, 30))] == [0, 0.3, 0, 0.5]


def test_intervals_take_bounded_memory() -> None:
    spoiled = SpoiledIntervals()
    for number in range(5000):
        spoiled.note(number * 10, 0.1)
    assert len(spoiled.intervals) == SpoiledIntervals.MOST
    assert spoiled.intervals[-1].ends_at == 49_990


@pytest.mark.parametrize(
    "told",
    [None, [], {}, {"requests": 1}, {"requests": "x"}, {"late_ms": float("nan")}, {"late_ms": -1.0}],
    ids=["nothing", "a list", "no figures", "one figure", "text", "NaN", "below 0"],
)
def test_a_worker_may_tell_anything(told: Any) -> None:
    good = {
        "requests": 1,
        "measured_ms": 1.0,
        "late_ms": 0.0,
        "engine_late_ms": 0.0,
        "spoiled_seconds": 0,
        "second_inflation": 0.0,
    }
    assert WorkerLateness.from_message(good, inflated=True).run == Second(1, 1.0)
    with pytest.raises(ValueError, match="its lateness"):
        WorkerLateness.from_message({**good, **told} if isinstance(told, dict) and "late_ms" in told else told, False)
