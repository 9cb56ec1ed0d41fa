"""An environment whose requests leave evidence."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from locust_rs.env import Environment


@pytest.fixture
def environment() -> Iterator[Environment]:
    """One with a local runner."""
    made = Environment(user_classes=[])
    made.create_local_runner()
    yield made
    assert made.runner is not None
    made.runner.quit()
