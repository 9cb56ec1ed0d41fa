"""Arrivals divided among nodes: each goes to exactly one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from locust_rs.runners.arrivals.split import Deal, share_of

NODES = st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=8, unique=True)


@given(st.lists(st.tuples(st.integers(min_value=0, max_value=30), NODES), max_size=20))
def test_every_arrival_goes_to_one_of_the_nodes_of_its_moment(rounds) -> None:
    deal, next_time = Deal(), 0.0
    for count, nodes in rounds:
        times = [next_time + number for number in range(count)]
        next_time += count
        hands = deal.deal(times, nodes)
        assert set(hands) <= set(nodes)
        assert sorted(time_s for hand in hands.values() for time_s in hand) == times
        assert all(hand == sorted(hand) for hand in hands.values())


@given(st.lists(st.integers(min_value=0, max_value=30), max_size=30), NODES)
def test_nodes_that_stay_differ_by_one_however_short_the_rounds_are(counts, nodes) -> None:
    deal = Deal()
    totals = dict.fromkeys(nodes, 0)
    for count in counts:
        for node, hand in deal.deal([0.0] * count, nodes).items():
            totals[node] += len(hand)
    assert sum(totals.values()) == sum(counts)
    assert max(totals.values()) - min(totals.values()) <= 1


@given(st.integers(min_value=0, max_value=10**6), st.integers(min_value=1, max_value=50))
def test_shares_make_the_total(total, count) -> None:
    shares = [share_of(total, number, count) for number in range(count)]
    assert sum(shares) == total
    assert max(shares) - min(shares) <= 1
