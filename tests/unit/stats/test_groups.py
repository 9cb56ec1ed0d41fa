"""Requests by User class and by tag: who counts where, what reports and snapshots carry, what is left out."""

from __future__ import annotations

import copy
import pickle
import random
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from unittest import mock

import gevent
import msgpack
import pytest

from locust_rs import _tunables
from locust_rs.event import EventHook
from locust_rs.stats import RequestStats, StatsEntry
from locust_rs.stats.groups import MOST_GROUPS, Groups, count_by_group, groups_of
from locust_rs.stats.snapshot import add_snapshot, take_snapshot

NAMES = {"class": ["Shopper", "Visitor"], "tag": ["buy", "slow"]}


class Shopper:
    pass


class Visitor:
    pass


class Stranger:
    pass


def buy() -> None:
    """A task with tags."""


def pay() -> None:
    """Another one."""


buy.locust_tag_set = {"buy", "unknown"}  # type: ignore[attr-defined]
pay.locust_tag_set = {"buy", "slow"}  # type: ignore[attr-defined]


@pytest.fixture
def stats() -> RequestStats:
    stats = RequestStats()
    count_by_group(stats, NAMES)
    return stats


def groups(stats: RequestStats) -> Groups:
    assert stats.groups is not None
    return stats.groups


def counts(stats: RequestStats) -> dict[str, tuple[int, int]]:
    """Requests and failures of each group that has any."""
    found = {**stats.by_class, **stats.by_tag}
    return {
        name: (group.num_requests, group.num_failures)
        for name, group in found.items()
        if group.num_requests or group.num_failures
    }


def fire(stats: RequestStats, name: str = "/", time_ms: float | None = 12.5, error: Any = None) -> None:
    hook = EventHook()
    hook.add_listener(stats.recorder)
    hook.fire(request_type="GET", name=name, response_time=time_ms, response_length=7, exception=error, context={})


def as_user(stats: RequestStats, user_class: type, work: Callable[[], Any]) -> None:
    """Does some work in a greenlet of a user."""

    def live() -> None:
        groups(stats).join(user_class)
        work()

    gevent.spawn(live).get()


def test_a_request_counts_for_the_class_of_its_user(stats: RequestStats) -> None:
    as_user(stats, Shopper, lambda: [fire(stats), fire(stats, "/x", error=ValueError())])
    as_user(stats, Visitor, lambda: fire(stats, time_ms=None))
    assert counts(stats) == {"Shopper": (2, 1), "Visitor": (1, 0)}
    shopper = stats.by_class["Shopper"]
    assert {key: (row.num_requests, row.num_failures) for key, row in shopper.entries.items()} == {
        ("/", "GET"): (1, 0),
        ("/x", "GET"): (1, 1),
    }
    assert (shopper.total.response_times, shopper.total.total_content_length) == ({12: 2}, 14)
    assert shopper.total.precise_percentile(0.5) == 12.5
    assert (shopper.total.failed.count, shopper.errors, stats.by_class["Visitor"].num_none_requests) == (1, {}, 1)
    assert (stats.total.num_requests, stats.total.num_failures) == (3, 1)


def test_requests_of_nobody_and_of_an_unknown_class_count_in_all(stats: RequestStats) -> None:
    fire(stats)
    as_user(stats, Stranger, lambda: fire(stats))
    assert counts(stats) == {}
    assert stats.total.num_requests == 2


def test_greenlets_of_a_user_make_requests_of_its_class(stats: RequestStats) -> None:
    def work() -> None:
        gevent.spawn(fire, stats).get()
        gevent.spawn_raw(fire, stats)
        gevent.spawn_later(0, fire, stats).get()

    as_user(stats, Shopper, work)
    gevent.spawn(fire, stats).get()
    assert counts(stats) == {"Shopper": (3, 0)}


def test_a_block_of_a_class_ends(stats: RequestStats) -> None:
    with groups(stats).made_by(Shopper):
        fire(stats)
        with groups(stats).made_by(Visitor):
            fire(stats)
        fire(stats)
    fire(stats)
    assert counts(stats) == {"Shopper": (2, 0), "Visitor": (1, 0)}


def test_a_request_counts_for_the_tags_of_its_task_once_each(stats: RequestStats) -> None:
    def work() -> None:
        with groups(stats).in_task(buy):
            fire(stats)
            with groups(stats).in_task(pay):
                fire(stats, error=ValueError())
            with groups(stats).in_task(fire):
                fire(stats)
        fire(stats)

    as_user(stats, Shopper, work)
    assert counts(stats) == {"Shopper": (4, 1), "buy": (3, 1), "slow": (1, 1)}


def test_a_greenlet_keeps_the_tags_of_the_task_that_spawned_it(stats: RequestStats) -> None:
    def work() -> None:
        with groups(stats).in_task(buy):
            spawned = gevent.spawn_later(0.001, fire, stats)
        with groups(stats).in_task(pay):
            spawned.get()

    as_user(stats, Shopper, work)
    assert counts(stats) == {"Shopper": (1, 0), "buy": (1, 0)}


def test_without_groups_nothing_is_counted_by_them() -> None:
    stats = RequestStats()
    count_by_group(stats, NAMES)
    before = groups(stats)
    count_by_group(stats, {})
    with before.made_by(Shopper):
        fire(stats)
    assert (stats.groups, stats.by_class, stats.by_tag, stats.recorder.has_groups) == (None, {}, {}, False)
    assert before.table("class")["Shopper"].num_requests == 0


def test_a_kind_that_is_not_wanted_is_empty() -> None:
    stats = RequestStats()
    count_by_group(stats, {"class": ["Shopper"]})
    with groups(stats).made_by(Shopper), groups(stats).in_task(buy):
        fire(stats)
    assert counts(stats) == {"Shopper": (1, 0)}
    assert stats.by_tag == {}


def test_replaced_methods_are_called_for_all_requests_and_not_for_groups(stats: RequestStats) -> None:
    called: list[str] = []
    original = RequestStats.log_request

    def log_request(self: Any, method: str, name: str, *rest: Any) -> None:
        called.append(name)
        original(self, method, name, *rest)

    with mock.patch.object(RequestStats, "log_request", log_request), groups(stats).made_by(Shopper):
        fire(stats)
        fire(stats, error=ValueError())
    assert called == ["/", "/"]
    assert counts(stats) == {"Shopper": (2, 1)}


def test_names_beyond_the_limit_share_a_row(stats: RequestStats, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_tunables.stats, "MAX_ENTRIES", 3)
    with groups(stats).made_by(Shopper):
        for number in range(10):
            fire(stats, f"/{number}", error=ValueError() if number == 9 else None)
    group = stats.by_class["Shopper"]
    assert len(group.entries) == 4
    assert sum(row.num_requests for row in group.entries.values()) == group.num_requests == 10
    assert (group.num_failures, group.total.response_times) == (1, {12: 10})


def test_a_reset_of_the_statistics_resets_the_groups(stats: RequestStats) -> None:
    for reset in (stats.reset_all, stats.clear_all):
        with groups(stats).made_by(Shopper):
            fire(stats)
            reset()
            assert counts(stats) == {}
            assert list(stats.by_class) == ["Shopper", "Visitor"]
            fire(stats)
        assert counts(stats) == {"Shopper": (1, 0)}
        stats.clear_all()


def load(stats: RequestStats, seed: int, requests: int = 200) -> None:
    dice = random.Random(seed)
    for _ in range(requests):
        user_class = dice.choice([Shopper, Visitor])
        task = dice.choice([buy, pay, fire])
        with groups(stats).made_by(user_class), groups(stats).in_task(task):
            error = ValueError() if dice.random() < 0.1 else None
            fire(stats, f"/{dice.randrange(5)}", dice.lognormvariate(3, 1), error)


def figures(stats: RequestStats) -> dict[str, Any]:
    """All counters of the groups but times of the wall clock."""

    def row(entry: StatsEntry) -> dict[str, Any]:
        kept = {**entry.serialize(), "precise": entry._precise_text(), "failed": entry.failed.count}
        kept["total_response_time"] = pytest.approx(kept["total_response_time"])
        for clock in ("start_time", "last_request_timestamp", "num_reqs_per_sec", "num_fail_per_sec"):
            del kept[clock]
        return kept

    found = {**stats.by_class, **stats.by_tag}
    return {
        name: [row(group.total), {key: row(entry) for key, entry in sorted(group.entries.items())}]
        for name, group in found.items()
    }


def wired(taken: Any) -> Any:
    return msgpack.unpackb(msgpack.packb(taken), strict_map_key=False)


def test_what_workers_take_adds_up_to_what_one_node_has_counted(stats: RequestStats) -> None:
    whole, workers = RequestStats(), [RequestStats() for _ in range(3)]
    for one in (whole, *workers):
        count_by_group(one, NAMES)
    for number, worker in enumerate(workers):
        for second in range(2):
            load(worker, seed=2 * number + second)
            groups(stats).merge(wired(groups(worker).take(f"w{number}")))
    for seed in range(6):
        load(whole, seed)
    assert figures(stats) == figures(whole)
    for worker in workers:
        assert groups(worker).take("w") == {"class": {}, "tag": {}}


def test_a_class_that_only_workers_know_is_taken_in_up_to_a_limit(stats: RequestStats) -> None:
    worker = RequestStats()
    count_by_group(worker, {"class": ["Stranger"]})
    with groups(worker).made_by(Stranger):
        fire(worker)
    taken = wired(groups(worker).take("w"))
    groups(stats).merge(taken)
    assert counts(stats) == {"Stranger": (1, 0)}
    [frame] = taken["class"].values()
    groups(stats).merge({"class": {f"C{number}": frame for number in range(2 * MOST_GROUPS)}})
    assert len(stats.by_class) == MOST_GROUPS


DAMAGED = {
    "no map": [1],
    "a kind that does not exist": {"color": {}},
    "names that are no text": {"class": {1: b""}},
    "a list of groups": {"class": ["Shopper"]},
    "a frame that is none": {"class": {"Shopper": b"\x93\xa5stats"}},
    "another message": {"tag": {"buy": msgpack.packb(("heartbeat", {}, "w"))}},
    "text as a frame": {"class": {"Shopper": "stats"}},
}


@pytest.mark.parametrize("case", DAMAGED)
def test_damaged_groups_are_refused_whole(stats: RequestStats, case: str) -> None:
    worker = RequestStats()
    count_by_group(worker, NAMES)
    load(worker, seed=1)
    good = groups(worker).take("w")
    damaged = {**good, **DAMAGED[case]} if isinstance(DAMAGED[case], dict) else DAMAGED[case]
    with pytest.raises(ValueError, match=r"group|class|tag|malformed"):
        groups(stats).merge(wired(damaged))
    assert counts(stats) == {}


def test_a_snapshot_has_the_groups(stats: RequestStats) -> None:
    load(stats, seed=3)
    before = figures(stats)
    packed = msgpack.packb(take_snapshot(stats))
    assert figures(stats) == before
    again = RequestStats()
    count_by_group(again, NAMES)
    add_snapshot(again, msgpack.unpackb(packed, strict_map_key=False))
    assert figures(again) == before


def test_a_snapshot_of_an_earlier_version_has_none(stats: RequestStats) -> None:
    load(stats, seed=4)
    snapshot = take_snapshot(stats)
    del snapshot["groups"]
    again = RequestStats()
    count_by_group(again, NAMES)
    add_snapshot(again, snapshot)
    assert counts(again) == {}
    assert again.total.num_requests == stats.total.num_requests


@pytest.mark.parametrize(
    "copied", [copy.deepcopy, lambda stats: pickle.loads(pickle.dumps(stats))], ids=["copy", "pickle"]
)
def test_copies_have_the_groups(stats: RequestStats, copied: Any) -> None:
    load(stats, seed=5)
    assert figures(copied(stats)) == figures(stats)


def test_environments_of_others_have_no_groups() -> None:
    assert groups_of(mock.Mock()) is None
    assert groups_of(SimpleNamespace()) is None
    assert groups_of(None) is None
