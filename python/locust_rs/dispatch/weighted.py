"""The order in which items take turns according to their weights."""

from collections.abc import Generator, Iterable
from typing import TypeVar

from locust_rs._core import WeightedTurns

T = TypeVar("T")


def _kl_generator(users: Iterable[tuple[T, float]]) -> Generator[T | None]:
    """Yields the names of `users` forever, as close to their weights as whole turns allow.

    Args:
        users: Pairs of name and weight. Equal weights take turns in the order of their names.

    Yields:
        A name; None forever if no weight is positive.
    """
    pairs = sorted(users, key=lambda pair: pair[0])  # type: ignore[arg-type, return-value]  # names are comparable
    names = [name for name, _ in pairs]
    for turn in WeightedTurns([weight for _, weight in pairs]):
        yield names[turn]
    while True:
        yield None
