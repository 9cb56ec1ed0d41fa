"""The API of Locust before 1.0, and what 1.x deprecated, over today's.

`install` puts the old names where files of that time look for them. Each old form, once per run, warns and names
today's. Loaded for such files alone, see `locust_rs.cli.eras`.
"""

from __future__ import annotations

from locust_rs.legacy.warning import OldFormWarning, show_warnings

__all__ = ["OldFormWarning", "install"]


def install() -> None:
    """Makes the old names known to this process, for good."""
    from locust_rs.legacy import hooks, modules, task_sets

    show_warnings()
    hooks.install()
    task_sets.install()
    modules.install()
