"""Runs again, once, what is marked as racing with the machine; nothing else gets a second chance."""

from __future__ import annotations

import os

import pytest

MARK = "races_with_the_machine"
DELAY_S = float(os.environ.get("RERUN_DELAY_S", "5"))
"""Between the two runs, for whatever the machine was busy with."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Turns the mark into one of pytest-rerunfailures."""
    for item in items:
        mark = item.get_closest_marker(MARK)
        if mark is None:
            continue
        why = mark.args[0] if mark.args else ""
        if not isinstance(why, str) or len(why.split()) < 4:
            raise pytest.UsageError(f"{item.nodeid}: @pytest.mark.{MARK} has to say why")
        item.add_marker(pytest.mark.flaky(reruns=1, reruns_delay=DELAY_S))
