"""LoadTestShape outside a test."""

from __future__ import annotations

import time

import pytest

from locust_rs.shape import LoadTestShape


class Concrete(LoadTestShape):
    def tick(self) -> tuple[int, float]:
        return (1, 1)


def test_being_abstract_is_not_inherited() -> None:
    class Base(LoadTestShape):
        abstract = True

    class Derived(Base):
        def tick(self) -> None:
            return None

    assert (LoadTestShape.abstract, Base.abstract, Derived.abstract) == (True, True, False)


def test_a_shape_without_tick_cannot_be_made() -> None:
    class NoTick(LoadTestShape): ...

    with pytest.raises(TypeError, match="tick"):
        NoTick()  # type: ignore[abstract]


def test_run_time_counts_from_the_last_reset(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(time, "perf_counter", lambda: now)
    shape = Concrete()
    now = 103.5
    assert shape.get_run_time() == 3.5
    shape.reset_time()
    now = 104.0
    assert shape.get_run_time() == 0.5


def test_the_user_count_needs_a_runner() -> None:
    with pytest.raises(RuntimeError, match=r"Concrete\.get_current_user_count\(\) needs a runner"):
        Concrete().get_current_user_count()
