"""The API of Locust before 1.0, and names that 1.x deprecated, on top of today's API.

`install` puts the old names where old files look for them. Each old form warns once per run and names today's form.
`locust_rs.cli.eras` loads this package for such files only.
"""

from __future__ import annotations

from locust_rs.legacy.warning import OldFormWarning, show_warnings

__all__ = ["OldFormWarning", "install"]


def install() -> None:
    """Adds the old names to this process. They can't be removed again."""
    from locust_rs.legacy import hooks, modules, task_sets

    show_warnings()
    hooks.install()
    task_sets.install()
    modules.install()
