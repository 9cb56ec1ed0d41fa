"""UsersDispatcher: steps of a ramp, workers that come and go, and invalid arguments."""

from __future__ import annotations

import itertools
import math
import random
import time

import gevent
import pytest

from locust_rs.dispatch import UsersDispatcher, _kl_generator
from locust_rs.runners import WorkerNode
from locust_rs.user import User
from polling import until


def user_class(name: str, weight: float = 1, fixed_count: int = 0) -> type[User]:
    return type(name, (User,), {"weight": weight, "fixed_count": fixed_count, "tasks": [], "abstract": False})


def workers(count: int) -> list[WorkerNode]:
    return [WorkerNode(f"host_{number:04}") for number in range(count)]


def steps(dispatcher: UsersDispatcher, target: int, rate: float = 1000, classes=None):
    dispatcher.new_dispatch(target, rate, classes)
    dispatcher._wait_between_dispatch = 0
    return list(dispatcher)


def totals(users_on_workers):
    total: dict[str, int] = {}
    for users in users_on_workers.values():
        for name, count in users.items():
            total[name] = total.get(name, 0) + count
    return total


def spread(users_on_workers):
    loads = [sum(users.values()) for users in users_on_workers.values()]
    return max(loads) - min(loads)


def test_each_step_spawns_as_many_as_the_rate_says():
    dispatcher = UsersDispatcher(workers(3), [user_class("A")])
    assert [sum(totals(step).values()) for step in steps(dispatcher, 10, 4)] == [4, 8, 10]
    assert [sum(totals(step).values()) for step in steps(dispatcher, 1, 4)] == [6, 2, 1]


@pytest.mark.parametrize(("rate", "per_step", "wait_s"), [(0.5, 1, 2.0), (2.5, 2, 0.8), (3.0, 3, 1.0), (0.1, 1, 10.0)])
def test_fractional_rates_are_kept_by_the_pause_between_steps(rate, per_step, wait_s):
    dispatcher = UsersDispatcher(workers(1), [user_class("A")])
    dispatcher.new_dispatch(5, rate)
    assert dispatcher._user_count_per_dispatch_iteration == per_step
    assert dispatcher._wait_between_dispatch == pytest.approx(wait_s)


def test_weights_and_fixed_counts_hold_at_every_step_of_any_ramp():
    generator = random.Random(4)
    for _ in range(40):
        classes = [user_class(f"W{n}", generator.randint(1, 9)) for n in range(generator.randint(1, 5))]
        fixed = [user_class(f"F{n}", 1, generator.randint(1, 4)) for n in range(generator.randint(0, 3))]
        dispatcher = UsersDispatcher(workers(generator.randint(1, 7)), classes + fixed)
        weight = sum(cls.weight for cls in classes)
        all_fixed = sum(cls.fixed_count for cls in fixed)
        for _ in range(6):
            for step in steps(dispatcher, generator.randint(0, 80), generator.randint(1, 30)):
                count = totals(step)
                users = sum(count.values())
                assert sum(count[cls.__name__] for cls in fixed) == min(all_fixed, users)
                for cls in classes:
                    ideal = max(0, users - all_fixed) * cls.weight / weight
                    assert abs(count[cls.__name__] - ideal) < 1.5
                assert spread(step) <= 1


def test_a_hundred_thousand_users_on_a_thousand_workers():
    classes = [user_class(f"C{n:02}", 1 + n % 7) for n in range(50)]
    dispatcher = UsersDispatcher(workers(1000), classes)
    started = time.process_time()
    (last,) = steps(dispatcher, 100_000, 100_000)
    assert time.process_time() - started < 60
    assert sum(totals(last).values()) == 100_000
    assert spread(last) == 0


def test_users_of_a_lost_worker_are_spread_without_moving_anybody_else():
    nodes = workers(4)
    dispatcher = UsersDispatcher(nodes, [user_class("A", 3), user_class("B"), user_class("C", 1, 2)])
    before = steps(dispatcher, 21)[-1]
    dispatcher.remove_worker(nodes[1])
    assert dispatcher.get_current_user_count() == 21 - sum(before[nodes[1].id].values())
    after = steps(dispatcher, 21)[-1]
    assert totals(after) == totals(before)
    assert spread(after) <= 1
    for worker_id, users in after.items():
        assert all(users[name] >= count for name, count in before[worker_id].items())


def test_a_new_worker_gets_its_share_at_once():
    dispatcher = UsersDispatcher(workers(2), [user_class("A"), user_class("B")])
    steps(dispatcher, 30)
    late = WorkerNode("host_late")
    dispatcher.add_worker(late)
    (only,) = steps(dispatcher, 30, 4)
    assert [sum(users.values()) for users in only.values()] == [10, 10, 10]


def test_users_of_a_lost_worker_are_given_to_the_others_at_once():
    nodes = workers(10)
    dispatcher = UsersDispatcher(nodes, [user_class("A"), user_class("B", 3)])
    steps(dispatcher, 1000)
    dispatcher.remove_worker(nodes[3])
    assert dispatcher.get_current_user_count() == 900
    (only,) = steps(dispatcher, 1000, 1)
    assert (totals(only), spread(only)) == ({"A": 250, "B": 750}, 1)


def test_a_worker_that_is_lost_in_a_slow_ramp_wakes_it_and_the_ramp_goes_on_as_planned():
    nodes = workers(4)
    dispatcher = UsersDispatcher(nodes, [user_class("A")])
    dispatcher.new_dispatch(8, 4)
    dispatcher._wait_between_dispatch = 3600
    assert sum(totals(next(dispatcher)).values()) == 4
    due = dispatcher._next_step_at
    gevent.spawn_later(0.05, dispatcher.remove_worker, nodes[0])
    with gevent.Timeout(30):
        step = next(dispatcher)
    assert sorted(sum(users.values()) for users in step.values()) == [1, 1, 2]
    assert dispatcher._next_step_at == due
    assert dispatcher.dispatch_in_progress


def test_workers_may_come_and_go_in_the_middle_of_a_ramp():
    nodes = workers(3)
    dispatcher = UsersDispatcher(nodes[:2], [user_class("A"), user_class("B", 2)])
    dispatcher.new_dispatch(30, 5)
    dispatcher._wait_between_dispatch = 0
    assert sum(totals(next(dispatcher)).values()) == 5
    dispatcher.add_worker(nodes[2])
    assert spread(next(dispatcher)) <= 1
    dispatcher.remove_worker(nodes[0])
    last = list(dispatcher)[-1]
    assert set(last) == {nodes[1].id, nodes[2].id}
    assert (sum(totals(last).values()), spread(last)) == (30, 0)
    assert not dispatcher.dispatch_in_progress


def test_only_dictionaries_of_changed_workers_are_new():
    dispatcher = UsersDispatcher(workers(10), [user_class("A")])
    first = steps(dispatcher, 10)[-1]
    second = steps(dispatcher, 12)[-1]
    assert sum(first[worker] is not second[worker] for worker in first) == 2


def test_classes_of_a_shape_restrict_new_users_only():
    a, b = user_class("A"), user_class("B")
    dispatcher = UsersDispatcher(workers(2), [a, b])
    assert totals(steps(dispatcher, 10, classes=[a])[-1]) == {"A": 10, "B": 0}
    assert totals(steps(dispatcher, 30, classes=[b])[-1]) == {"A": 10, "B": 20}
    assert totals(steps(dispatcher, 40, classes=[a, b])[-1]) == {"A": 15, "B": 25}


def test_the_documented_mix_of_classes_that_change():
    """The table of docs/scenarios.md."""
    a, b, c = (user_class(name) for name in "ABC")
    dispatcher = UsersDispatcher(workers(2), [a, b, c])
    ramps = [(10, [a]), (40, [a, b, c]), (30, [a, b, c]), (10, None)]
    assert [totals(steps(dispatcher, users, classes=classes)[-1]) for users, classes in ramps] == [
        {"A": 10, "B": 0, "C": 0},
        {"A": 20, "B": 10, "C": 10},
        {"A": 17, "B": 7, "C": 6},
        {"A": 10, "B": 0, "C": 0},
    ]


def test_classes_stay_those_of_the_ramp_before_until_others_are_named():
    a, b = user_class("A"), user_class("B")
    dispatcher = UsersDispatcher(workers(2), [a, b])
    steps(dispatcher, 10, classes=[a])
    assert totals(steps(dispatcher, 20)[-1]) == {"A": 20, "B": 0}


def test_a_subclass_may_name_the_users_itself():
    class Alternating(UsersDispatcher):
        def _user_gen(self):
            while True:
                yield from ("A", "B", "B")

    dispatcher = Alternating(workers(2), [user_class("A", 5), user_class("B")])
    last = steps(dispatcher, 9, 4)[-1]
    assert (totals(last), spread(last)) == ({"A": 3, "B": 6}, 1)


def test_weights_edited_during_a_test_count_from_the_next_ramp_on():
    a, b = user_class("A"), user_class("B")
    dispatcher = UsersDispatcher(workers(1), [a, b])
    steps(dispatcher, 4)
    b.weight = 3
    assert totals(steps(dispatcher, 12)[-1]) == {"A": 3, "B": 9}


def test_fixed_counts_alone_end_the_ramp_below_its_target():
    dispatcher = UsersDispatcher(workers(2), [user_class("F", 1, 3)])
    assert totals(steps(dispatcher, 50, 2)[-1]) == {"F": 3}
    assert not dispatcher.dispatch_in_progress


def test_without_workers_nothing_is_dispatched():
    dispatcher = UsersDispatcher([], [user_class("A")])
    assert steps(dispatcher, 5) == [{}]


def test_neighbours_in_the_order_of_workers_are_on_different_hosts():
    nodes = [WorkerNode(name) for name in ("h2_b", "h1_c", "h1_a", "h3_z", "h2_a", "h1_b", "h_x_1")]
    dispatcher = UsersDispatcher(nodes, [user_class("A")])
    order = [node.id for node in dispatcher._worker_nodes]
    assert order == ["h1_a", "h2_a", "h3_z", "h_x_1", "h1_b", "h2_b", "h1_c"]


@pytest.mark.parametrize("rate", [0, -1, math.nan, math.inf])
def test_impossible_rates_are_refused(rate):
    with pytest.raises(ValueError, match="spawn_rate must be > 0"):
        UsersDispatcher(workers(1), [user_class("A")]).new_dispatch(1, rate)


@pytest.mark.parametrize("weight", [-1, math.nan, "heavy"])
def test_impossible_weights_are_refused(weight):
    with pytest.raises(ValueError, match=r"A\.weight is .*set it to"):
        UsersDispatcher(workers(1), [user_class("A", weight)])


def test_steps_follow_the_clock_and_not_the_consumer():
    dispatcher = UsersDispatcher(workers(1), [user_class("A")])
    dispatcher.new_dispatch(6, 20)
    dispatcher._user_count_per_dispatch_iteration, dispatcher._wait_between_dispatch = 1, 0.05
    started = time.monotonic()
    for _ in dispatcher:
        gevent.sleep(0.03)
    elapsed = time.monotonic() - started
    assert elapsed >= 0.25


def test_a_ramp_that_was_replaced_ends():
    dispatcher = UsersDispatcher(workers(1), [user_class("A")])
    dispatcher.new_dispatch(100, 10)
    seen = []

    def follow():
        for step in dispatcher:
            seen.append(sum(totals(step).values()))  # noqa: PERF401  # one by one, while it runs

    ramp = gevent.spawn(follow)
    until(lambda: seen)
    ramp.kill()
    assert seen == [10]
    assert sum(totals(steps(dispatcher, 3)[-1]).values()) == 3


@pytest.mark.parametrize(
    ("users", "turns"),
    [
        ([("a", 3), ("b", 1), ("c", 2)], "acbacaacbaca"),
        ([("z", 1), ("a", 1), ("m", 1)], "amzamz"),
        ([("a", 0), ("b", 2)], "bbb"),
    ],
)
def test_weighted_turns(users, turns):
    assert "".join(itertools.islice(_kl_generator(users), len(turns))) == turns


def test_no_weights_give_none_for_ever():
    assert list(itertools.islice(_kl_generator([]), 3)) == [None, None, None]


def test_what_subclasses_read_is_there():
    nodes = workers(2)
    dispatcher = UsersDispatcher(nodes, [user_class("A", 2), user_class("F", 1, 1)])
    steps(dispatcher, 4)
    assert dispatcher._get_user_current_count("A") == 3
    assert len(dispatcher._active_users) == 4
    distribution, users, cycle, active = dispatcher._distribute_users(3)
    assert totals(distribution) == {"A": 2, "F": 1}
    assert (next(users), next(cycle), len(active)) == ("A", nodes[1], 3)
    copied = dispatcher._fast_users_on_workers_copy(distribution)
    assert copied == distribution
    assert copied[nodes[0].id] is not distribution[nodes[0].id]
