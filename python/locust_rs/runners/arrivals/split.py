"""Divides arrivals, and the users that they may become, among the nodes that run them."""

from __future__ import annotations

from collections.abc import Sequence


class Deal:
    """Deals arrivals like cards, so that each goes to exactly one node and nodes differ by at most one.

    It goes on where it stopped, so nothing is rounded however short the stretches are.
    """

    def __init__(self) -> None:
        self._dealt = 0

    def deal(self, times: list[float], nodes: Sequence[str]) -> dict[str, list[float]]:
        """Divides times among nodes.

        Args:
            times: Times of arrivals, in order.
            nodes: Ids of the nodes; at least one. They may be others than before.

        Returns:
            The times of each node that gets some, in order.
        """
        count = len(nodes)
        first = self._dealt % count
        self._dealt += len(times)
        hands = ((nodes[(first + number) % count], times[number::count]) for number in range(min(count, len(times))))
        return dict(hands)


def share_of(total: int, number: int, count: int) -> int:
    """The share of node `number`, counted from 0, of `count` nodes; all shares together make `total`."""
    return total // count + (number < total % count)
