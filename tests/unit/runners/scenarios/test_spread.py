"""How users are divided among workers: evenly, and with as few moves as that takes."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from locust_rs.runners.scenarios.spread import UsersOnWorkers, spread

WORKERS = ("a", "b", "c", "d", "e")
MEANT = st.fixed_dictionaries({"Soak": st.integers(0, 40), "Spike": st.integers(0, 40)})
STEPS = st.lists(st.tuples(MEANT, st.sets(st.sampled_from(WORKERS), min_size=1)), min_size=1, max_size=12)


def total(users: UsersOnWorkers, name: str) -> int:
    return sum(of_one[name] for of_one in users.values())


@settings(max_examples=200, deadline=None)
@given(STEPS, st.dictionaries(st.sampled_from(WORKERS), st.integers(0, 9)))
def test_the_shares_add_up_and_differ_by_at_most_one_as_workers_come_and_go(steps, beside) -> None:
    users: UsersOnWorkers = {}
    for meant, workers in steps:
        users = spread(meant, {worker: users.get(worker, {}) for worker in workers}, beside)
        assert set(users) == workers
        for name, count in meant.items():
            shares = [of_one[name] for of_one in users.values()]
            assert sum(shares) == count
            assert max(shares) - min(shares) <= 1


@settings(max_examples=200, deadline=None)
@given(MEANT, MEANT, st.sets(st.sampled_from(WORKERS), min_size=1))
def test_no_user_moves_while_the_workers_stay(meant, then, workers) -> None:
    before = spread(meant, {worker: {} for worker in workers}, {})
    after = spread(then, before, {})
    for name in meant:
        changes = [after[worker][name] - before[worker][name] for worker in workers]
        assert min(changes) >= 0 or max(changes) <= 0


def test_single_users_of_several_classes_go_to_different_workers() -> None:
    users = spread({"A": 1, "B": 1, "C": 1}, {"a": {}, "b": {}, "c": {}}, {"a": 1})
    assert [sum(of_one.values()) for of_one in users.values()] == [1, 1, 1]


def test_what_stays_as_it_is_is_the_same_object() -> None:
    before = spread({"A": 3}, {"a": {}, "b": {}}, {})
    after = spread({"A": 4}, before, {})
    assert sum(before[worker] is after[worker] for worker in before) == 1


def test_without_workers_nobody_runs() -> None:
    assert spread({"A": 3}, {}, {}) == {}
