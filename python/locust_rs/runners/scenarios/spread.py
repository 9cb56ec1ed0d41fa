"""Divides the users of each class among workers."""

from __future__ import annotations

UsersOnWorkers = dict[str, dict[str, int]]


def spread(meant: dict[str, int], before: UsersOnWorkers, beside: dict[str, int]) -> UsersOnWorkers:
    """Divides users so that the workers' shares of each class differ by at most one.

    Which workers get one more follows from what they run: users move only where the shares would differ otherwise, and
    a user that comes goes to the worker with the fewest.

    Args:
        meant: Users by class name.
        before: The users that each worker runs of these classes. Those of workers that are not in it are gone.
        beside: Users of other classes, by worker.

    Returns:
        The users of each worker in `before`; equal dictionaries are the same objects.
    """
    if not before:
        return {}
    users: UsersOnWorkers = {worker: {} for worker in before}
    load = {worker: beside.get(worker, 0) for worker in before}
    for name, total in meant.items():
        share, rest = divmod(total, len(before))
        # Those that run one more already keep it; the others are taken by their load.
        ranked = sorted(before, key=lambda worker: (before[worker].get(name, 0) <= share, load[worker], worker))
        for number, worker in enumerate(ranked):
            count = share + (number < rest)
            users[worker][name] = count
            load[worker] += count
    return {worker: before[worker] if before[worker] == of_one else of_one for worker, of_one in users.items()}
