"""Environments with a finished run, made without running."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from locust_rs.env import Environment


@pytest.fixture
def finished() -> Iterator[Any]:
    """Makes environments whose run has ended.

    `requests` are (name, milliseconds, error), `exceptions` are messages.
    """
    environments: list[Environment] = []

    def make(
        *thresholds: str, requests: list[tuple[str, float | None, Any]] = (), exceptions: list[str] = ()
    ) -> Environment:
        environment = Environment(host="https://shop.example", locustfile="shop.py")
        runner = environment.create_local_runner()
        environments.append(environment)
        environment.thresholds.add(*thresholds)
        environment.thresholds.begin()
        for name, time_ms, error in requests:
            environment.events.request.fire(
                request_type="GET", name=name, response_time=time_ms, response_length=9, exception=error, context={}
            )
        for message in exceptions:
            runner.log_exception("local", message, f"Traceback of {message}")
        environment.thresholds.close()
        return environment

    yield make
    for environment in environments:
        assert environment.runner is not None
        environment.runner.quit()
