"""The requests by User class and by tag of a kept run: a part of it, where they were counted so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from locust_rs.history.errors import HistoryError
from locust_rs.history.rows import of_plain, plain_of, restore, row_of
from locust_rs.stats import RequestStats
from locust_rs.stats.groups import KINDS, Groups

PART = "groups"
"""The part's name: rows by the name of the group, by its kind."""


def kept_groups(stats: RequestStats) -> dict[str, dict[str, list[Any]]]:
    """What is kept of the groups: of each its total, then its endpoints. Kinds that were not counted are left out."""
    groups = stats.groups
    if groups is None:
        return {}
    return {
        kind: {
            name: [plain_of(row_of(row)) for row in (group.total, *group.entries.values())]
            for name, group in groups.table(kind).items()
        }
        for kind in sorted(groups.kinds)
    }


def restore_groups(parts: Mapping[str, Any]) -> Groups | None:
    """The groups of a kept run; None if it has none.

    Args:
        parts: Of the run.

    Raises:
        HistoryError: They are damaged.
    """
    try:
        kept = {kind: parts[PART][kind] for kind in KINDS if kind in parts.get(PART, {})}
        groups = Groups(kept)
        for kind, by_name in kept.items():
            for name, rows in by_name.items():
                groups.table(kind)[name] = restore(map(of_plain, rows))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise HistoryError(f"the requests by class or tag of the run are damaged ({error}). Delete the run") from None
    return groups if kept else None
