"""EventHook: order, failures, exceptions that control a User, and `measure`."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from locust_rs import log
from locust_rs.env import Environment
from locust_rs.event import DeprecatedEventHook, EventHook
from locust_rs.exception import (
    InterruptTaskSet,
    RescheduleTask,
    RescheduleTaskImmediately,
    StopTest,
    StopUser,
)
from locust_rs.stats import RequestStats


@pytest.fixture(autouse=True)
def _no_failure_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "unhandled_greenlet_exception", False)


def test_handlers_get_the_arguments_in_order_of_registration() -> None:
    hook, calls = EventHook(), []
    hook.add_listener(lambda **kwargs: calls.append(("first", kwargs)))
    hook.add_listener(lambda **kwargs: calls.append(("second", kwargs)))
    hook.fire(a=1, b="x")
    assert calls == [("first", {"a": 1, "b": "x"}), ("second", {"a": 1, "b": "x"})]


def test_reverse_calls_the_last_handler_first() -> None:
    hook, calls = EventHook(), []
    hook.add_listener(lambda: calls.append("first"))
    hook.add_listener(lambda: calls.append("second"))
    hook.fire(reverse=True)
    assert calls == ["second", "first"]


def test_add_listener_works_as_a_decorator() -> None:
    hook = EventHook()

    @hook.add_listener
    def handler(**kwargs: Any) -> str:
        return "mine"

    assert handler() == "mine"
    assert hook._handlers == [handler]


def test_a_handler_that_removes_itself_makes_no_other_one_be_skipped() -> None:
    hook, calls = EventHook(), []

    @hook.add_listener
    def once() -> None:
        calls.append("once")
        hook.remove_listener(once)

    hook.add_listener(lambda: calls.append("next"))
    hook.fire()
    hook.fire()
    assert calls == ["once", "next", "next"]


def test_a_handler_added_by_a_handler_is_called_from_the_next_time_on() -> None:
    hook, calls = EventHook(), []
    hook.add_listener(lambda: hook.add_listener(lambda: calls.append("added")))
    hook.fire()
    assert calls == []
    hook.fire()
    assert calls == ["added"]


def test_a_removed_handler_is_not_called() -> None:
    hook, calls = EventHook(), []
    handler = hook.add_listener(lambda: calls.append(1))
    hook.remove_listener(handler)
    hook.fire()
    assert calls == []


def test_removing_an_unknown_handler_is_an_error() -> None:
    with pytest.raises(ValueError, match="not in list"):
        EventHook().remove_listener(print)


def test_a_failing_handler_is_logged_and_the_others_run(caplog: pytest.LogCaptureFixture) -> None:
    hook, calls = EventHook(), []

    @hook.add_listener
    def failing() -> None:
        raise KeyError("oops")

    hook.add_listener(lambda: calls.append("ran"))
    hook.fire()
    assert calls == ["ran"]
    assert log.unhandled_greenlet_exception is True
    message = caplog.records[0].getMessage()
    assert message.startswith("Uncaught exception in event handler: \nTraceback")
    assert "KeyError: 'oops'" in message


@pytest.mark.parametrize(
    "steering",
    [StopUser, StopTest, RescheduleTask, RescheduleTaskImmediately, InterruptTaskSet],
    ids=lambda cls: cls.__name__,
)
def test_an_exception_that_steers_the_user_passes_through(steering: type[Exception]) -> None:
    hook = EventHook()

    @hook.add_listener
    def steer() -> None:
        raise steering

    with pytest.raises(steering):
        hook.fire()
    assert log.unhandled_greenlet_exception is False


def test_a_base_exception_passes_through() -> None:
    hook = EventHook()

    @hook.add_listener
    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        hook.fire()


def test_measure_fires_with_the_time_of_the_block() -> None:
    hook, fired = EventHook(), []
    hook.add_listener(lambda **kwargs: fired.append(kwargs))
    with hook.measure("type", "name", 5, {"user": "x"}) as request_meta:
        request_meta["extra"] = 1
        request_meta["response_length"] = 7
    (event,) = fired
    assert event["response_time"] >= 0
    assert event["start_time"] > 1e9
    del event["response_time"], event["start_time"]
    assert event == {
        "request_type": "type",
        "name": "name",
        "response_length": 7,
        "context": {"user": "x"},
        "exception": None,
        "extra": 1,
    }


def test_measure_reports_an_exception_of_the_block_and_swallows_it() -> None:
    hook, fired = EventHook(), []
    hook.add_listener(lambda **kwargs: fired.append(kwargs))
    failure = ValueError("no")
    with hook.measure("type", "name"):
        raise failure
    assert fired[0]["exception"] is failure
    assert fired[0]["context"] == {}


def test_measure_fires_even_when_the_greenlet_is_killed() -> None:
    hook, fired = EventHook(), []
    hook.add_listener(lambda **kwargs: fired.append(kwargs))
    with pytest.raises(KeyboardInterrupt), hook.measure("type", "name"):
        raise KeyboardInterrupt
    assert fired[0]["exception"] is None


def test_a_deprecated_event_warns_and_registers(caplog: pytest.LogCaptureFixture) -> None:
    hook = DeprecatedEventHook("use `request` instead")
    with caplog.at_level(logging.WARNING):
        handler = hook.add_listener(lambda **kwargs: None)
    assert caplog.messages == ["use `request` instead"]
    assert hook._handlers == [handler]


@pytest.fixture
def recorded_hook() -> tuple[EventHook, RequestStats]:
    """The hook of an Environment's requests, whose `fire` is native, and the statistics that listen to it."""
    environment = Environment()
    environment.events.request.add_listener(environment.stats.recorder)
    return environment.events.request, environment.stats


REQUEST: dict[str, Any] = {"request_type": "GET", "name": "/", "response_time": 2, "response_length": 3}


def test_the_statistics_and_others_hear_of_a_request(recorded_hook: tuple[EventHook, RequestStats]) -> None:
    hook, stats = recorded_hook
    heard: list[dict[str, Any]] = []
    hook.add_listener(lambda **event: heard.append(event))
    hook.add_listener(lambda **event: heard.append(event))
    hook.fire(**REQUEST, exception=None, context={"a": 1})
    assert heard == [{**REQUEST, "exception": None, "context": {"a": 1}}] * 2
    assert heard[0] is not heard[1]
    assert stats.total.num_requests == 1


def test_a_request_is_counted_once_whoever_leaves_or_fails(
    recorded_hook: tuple[EventHook, RequestStats], caplog: pytest.LogCaptureFixture
) -> None:
    hook, stats = recorded_hook
    calls: list[str] = []

    def leaver(**_event: Any) -> None:
        hook.remove_listener(leaver)
        calls.append("leaver")

    def failing(**_event: Any) -> None:
        raise ValueError("broken handler")

    hook._handlers.insert(0, leaver)
    hook.add_listener(failing)
    hook.add_listener(lambda **event: calls.append("last"))
    for _ in range(2):
        hook.fire(**REQUEST)
    assert calls == ["leaver", "last", "last"]
    assert stats.total.num_requests == 2
    assert ["Uncaught exception" in record.getMessage() for record in caplog.records] == [True, True]


def test_a_steering_exception_ends_the_call_of_the_handlers(recorded_hook: tuple[EventHook, RequestStats]) -> None:
    hook, stats = recorded_hook
    calls: list[str] = []

    @hook.add_listener
    def stop(**_event: Any) -> None:
        raise StopUser

    hook.add_listener(lambda **event: calls.append("after"))
    with pytest.raises(StopUser):
        hook.fire(**REQUEST)
    assert calls == []
    assert stats.total.num_requests == 1


def test_a_handler_of_another_kind_may_keep_what_it_gets(recorded_hook: tuple[EventHook, RequestStats]) -> None:
    hook, _stats = recorded_hook
    kept: list[dict[str, Any]] = []

    class Keeper:
        def __call__(self, **event: Any) -> None:
            event["name"] = "changed"
            kept.append(event)

    hook.add_listener(Keeper())
    hook.add_listener(lambda **event: kept.append(event))
    hook.fire(**REQUEST)
    assert [event["name"] for event in kept] == ["changed", "/"]
