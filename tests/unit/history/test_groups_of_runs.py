"""Requests by User class and by tag are kept with a run, and thresholds measure by them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from locust_rs import User
from locust_rs.env import Environment
from locust_rs.history.baseline import RunBaseline
from locust_rs.history.errors import HistoryError
from locust_rs.history.groups import PART, restore_groups
from locust_rs.history.model import KeptRun
from locust_rs.history.record import new_run, present_run
from locust_rs.history.store import Store
from locust_rs.history.transfer import export_run, import_run
from locust_rs.stats.groups import count_by_group
from locust_rs.thresholds.parser import parse

CLASSES = {"Shopper": type("Shopper", (User,), {}), "Visitor": type("Visitor", (User,), {})}

MEASURED = {
    "p50 of class Shopper < baseline": 20.0,
    "max of class Visitor < baseline": 500.0,
    "max(GET /cart) of class Visitor < baseline": 300.0,
    "requests of class Shopper > baseline": 3,
    "failures of class Visitor < baseline": 0.5,
    "p50 < baseline": 30.0,
    "max of tag buy < baseline": 30.0,
}


@pytest.fixture
def kept() -> Iterator[KeptRun]:
    """A run of two classes, and of a tag."""
    environment = Environment(user_classes=list(CLASSES.values()), host="https://shop.example", locustfile="shop.py")
    runner = environment.create_local_runner()
    stats = environment.stats
    count_by_group(stats, {"class": CLASSES, "tag": ["buy"]})

    def request(user_class: str, name: str, time_ms: float, exception: Exception | None = None) -> None:
        with stats.groups.made_by(CLASSES[user_class]):  # type: ignore[union-attr]
            environment.events.request.fire(
                request_type="GET", name=name, response_time=time_ms, response_length=0, exception=exception
            )

    run = new_run(environment)
    task: Any = lambda: None  # noqa: E731  # a task with a tag
    task.locust_tag_set = {"buy"}
    with stats.groups.in_task(task):
        environment.events.request.fire(request_type="GET", name="/buy", response_time=30.0, response_length=0)
    for time_ms in (10.0, 20.0, 30.0):
        request("Shopper", "/cart", time_ms)
    request("Visitor", "/cart", 300.0)
    request("Visitor", "/", 500.0, OSError("gone"))
    yield present_run(environment, run)
    runner.quit()


def stored(kept: KeptRun, folder: Path) -> KeptRun:
    """The run as a history has it."""
    store = Store(folder / "runs.sqlite")
    store.begin(kept.run)
    store.finish(kept)
    return store.load(kept.run)


def exported(kept: KeptRun, folder: Path) -> KeptRun:
    """The run as a file has it."""
    export_run(kept, folder / "run.json.gz")
    return import_run(folder / "run.json.gz")


@pytest.mark.parametrize("way", [stored, exported])
def test_a_class_or_tag_is_the_measure_of_a_threshold(
    way: Callable[[KeptRun, Path], KeptRun], kept: KeptRun, tmp_path: Path
) -> None:
    baseline = RunBaseline(way(kept, tmp_path))
    found = {text: baseline.value(parse(text)) for text in MEASURED}
    assert found == pytest.approx(MEASURED, rel=0.01)


def test_a_class_that_the_baseline_does_not_have_is_named(kept: KeptRun) -> None:
    baseline, threshold = RunBaseline(kept), parse("p95 of class Shoper < baseline")
    assert baseline.value(threshold) is None
    assert baseline.reason(threshold).endswith("has no requests of class Shoper. Did you mean 'Shopper'?")


def test_a_run_that_did_not_count_by_class_says_so(kept: KeptRun) -> None:
    del kept.parts[PART]
    baseline, threshold = RunBaseline(kept), parse("p95 of class Shopper < baseline")
    assert baseline.value(threshold) is None
    assert baseline.reason(threshold).endswith("has no requests of class Shopper")


DAMAGED: dict[str, Any] = {
    "no groups": {"class": 5},
    "no rows": {"class": {"Shopper": None}},
    "a row without counters": {"class": {"Shopper": [{"name": "Aggregated"}]}},
    "names without rows": {"tag": ["buy"]},
}


@pytest.mark.parametrize("part", DAMAGED.values(), ids=DAMAGED)
def test_damaged_groups_are_told(part: Any) -> None:
    with pytest.raises(HistoryError, match="Delete the run"):
        restore_groups({PART: part})
