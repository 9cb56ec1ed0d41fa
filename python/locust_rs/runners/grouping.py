"""Requests by User class and by tag: decides when a test begins whether they are counted so, and merges reports."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

import msgpack

from locust_rs.stats.groups import BY_CLASS, BY_TAG, count_by_group
from locust_rs.user.selection import declared_tags

if TYPE_CHECKING:
    from locust_rs.runners.base import Runner
    from locust_rs.runners.master import MasterRunner


def begin_groups(runner: Runner) -> None:
    """Begins to count by the groups that are wanted; called before the users of a test are spawned."""
    user_classes = runner.user_classes
    names = {
        BY_CLASS: [user_class.__name__ for user_class in user_classes],
        BY_TAG: declared_tags(user_classes),
    }
    wanted = _wanted(runner)
    count_by_group(runner.stats, {kind: names[kind] for kind in wanted})
    groups = runner.stats.groups
    by_tag = groups is not None and BY_TAG in groups.kinds
    runner.environment.turnstile.around_task = groups.in_task if groups is not None and by_tag else nullcontext


def _wanted(runner: Runner) -> set[str]:
    """What is asked for: on a worker by its master, elsewhere by options, thresholds and several User classes."""
    environment = runner.environment
    asked = environment.grouped_by & {BY_CLASS, BY_TAG}
    if runner.is_worker:
        return asked
    return asked | environment.thresholds.kinds | ({BY_CLASS} if len(runner.user_classes) > 1 else set())


def merge_groups(master: MasterRunner, client_id: str, packed: bytes) -> None:
    """Adds the groups of a worker's report; if they are damaged, says so, and the rest of the report counts."""
    groups = master.stats.groups
    if groups is None:
        return
    try:
        groups.merge(msgpack.unpackb(packed, strict_map_key=False))
    except ValueError as error:
        master.refusals.note("groups", f"Requests by class and tag of {client_id} were left out: {error}")
