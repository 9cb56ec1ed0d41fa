"""The native listener counts like the methods, and calls them if one was replaced."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest

import locust_rs.stats as stats_module
from locust_rs import log
from locust_rs.event import EventHook
from locust_rs.exception import StopUser
from locust_rs.stats import RequestStats, StatsEntry, StatsError

REQUEST: dict[str, Any] = {"request_type": "GET", "name": "/", "response_time": 12.4, "response_length": 7}


@pytest.fixture
def stats() -> RequestStats:
    return RequestStats()


@pytest.fixture
def hook(stats: RequestStats) -> EventHook:
    hook = EventHook()
    hook.add_listener(stats.recorder)
    return hook


@pytest.fixture
def unhandled() -> Iterator[None]:
    """Resets the process-wide flag that a failing handler sets."""
    yield
    log.unhandled_greenlet_exception = False


def test_a_request_counts_in_its_row_and_in_the_total(stats: RequestStats, hook: EventHook) -> None:
    hook.fire(**REQUEST, exception=None, context={}, url="http://x/")
    hook.fire(**REQUEST)
    row = stats.get("/", "GET")
    assert [row.num_requests, stats.total.num_requests] == [2, 2]
    assert (row.response_times, row.total_content_length, row.max_response_time) == ({12: 2}, 14, 12.4)


def test_a_request_without_a_time_counts_as_such(stats: RequestStats, hook: EventHook) -> None:
    hook.fire(**{**REQUEST, "response_time": None})
    assert (stats.num_requests, stats.num_none_requests, stats.total.response_times) == (1, 1, {})


@pytest.mark.parametrize("error", ["text", ValueError("x"), StopUser()], ids=["text", "exception", "steering"])
def test_failures_are_counted_and_reported_once_each(stats: RequestStats, hook: EventHook, error: Any) -> None:
    for _ in range(3):
        hook.fire(**REQUEST, exception=error)
    [row] = stats.errors.values()
    assert (row.occurrences, row.error, stats.num_failures, stats.get("/", "GET").num_failures) == (3, error, 3, 3)
    assert row.first_seen is not None
    assert row.last_seen is not None
    assert row.first_seen <= row.last_seen


def test_a_false_exception_is_not_a_failure(stats: RequestStats, hook: EventHook) -> None:
    hook.fire(**REQUEST, exception="")
    assert stats.num_failures == 0


def test_errors_that_differ_in_an_address_are_one(stats: RequestStats) -> None:
    for _ in range(5):
        stats.recorder.record("GET", "/", 1.0, 1, ValueError(object()))
    assert [row.occurrences for row in stats.errors.values()] == [5]


def test_other_listeners_get_every_argument(stats: RequestStats, hook: EventHook) -> None:
    heard: list[dict[str, Any]] = []
    hook.add_listener(lambda **event: heard.append(event))
    hook.fire(**REQUEST, custom=1)
    assert heard == [{**REQUEST, "custom": 1}]
    assert stats.num_requests == 1


def test_arguments_under_names_made_at_run_time_are_found(stats: RequestStats, hook: EventHook) -> None:
    hook.fire(**{"".join(name): value for name, value in REQUEST.items()})
    assert stats.num_requests == 1


@pytest.mark.parametrize("missing", list(REQUEST))
@pytest.mark.usefixtures("unhandled")
def test_a_missing_argument_is_reported_as_a_failing_handler(
    stats: RequestStats, hook: EventHook, missing: str, caplog: pytest.LogCaptureFixture
) -> None:
    hook.fire(**{name: value for name, value in REQUEST.items() if name != missing})
    assert "Uncaught exception in event handler" in caplog.text
    assert missing in caplog.text
    assert stats.num_requests == 0


@pytest.mark.parametrize("time_ms", [float("nan"), float("inf"), "12"])
@pytest.mark.usefixtures("unhandled")
def test_an_invalid_response_time_is_not_counted(
    stats: RequestStats, hook: EventHook, time_ms: Any, caplog: pytest.LogCaptureFixture
) -> None:
    hook.fire(**{**REQUEST, "response_time": time_ms})
    assert "Uncaught exception in event handler" in caplog.text
    assert stats.num_requests == stats.get("/", "GET").num_requests == 0
    assert log.unhandled_greenlet_exception


def test_a_replaced_bucket_function_is_used_from_the_next_request_on(stats: RequestStats) -> None:
    stats.recorder.record("GET", "/", 12.4, 1)
    with mock.patch.object(stats_module, "bucket_response_time", return_value=5000):
        stats.recorder.record("GET", "/", 12.4, 1)
        stats.log_request("GET", "/", 12.4, 1)
    stats.recorder.record("GET", "/", 12.4, 1)
    assert stats.get("/", "GET").response_times == {12: 2, 5000: 2}


def test_a_wrapped_log_request_sees_every_request(stats: RequestStats) -> None:
    stats.recorder.record("GET", "/", 1.0, 1)
    with mock.patch.object(stats, "log_request", wraps=stats.log_request) as wrapped:
        stats.recorder.record("GET", "/", 2.0, 3)
    stats.recorder.record("GET", "/", 1.0, 1)
    wrapped.assert_called_once_with("GET", "/", 2.0, 3)
    assert stats.num_requests == 3


def test_a_replaced_method_of_the_row_class_is_called(stats: RequestStats) -> None:
    stats.recorder.record("GET", "/", 1.0, 1)
    with mock.patch.object(StatsEntry, "log", autospec=True) as replaced:
        stats.recorder.record("GET", "/", 2.0, 3)
    assert [call.args[0] for call in replaced.call_args_list] == [stats.total, stats.get("/", "GET")]
    assert stats.num_requests == 1


def test_a_method_replaced_on_one_row_is_called_for_that_row(stats: RequestStats) -> None:
    stats.recorder.record("GET", "/", 1.0, 1)
    stats.recorder.record("GET", "/other", 1.0, 1)
    calls: list[Any] = []
    stats.get("/", "GET").log = lambda *arguments: calls.append(arguments)  # type: ignore[method-assign]
    stats.recorder.record("GET", "/", 2.0, 3)
    stats.recorder.record("GET", "/other", 2.0, 3)
    assert calls == [(2.0, 3)]
    assert (stats.num_requests, stats.get("/other", "GET").num_requests) == (4, 2)


def test_a_subclass_of_the_row_counts_its_own_way(stats: RequestStats) -> None:
    class Doubling(StatsEntry):
        def log(self, response_time: int | float | None, content_length: int) -> None:
            super().log(response_time, content_length)
            super().log(response_time, content_length)

    stats.entries[("/", "GET")] = Doubling(stats, "/", "GET")
    stats.recorder.record("GET", "/", 1.0, 1)
    assert (stats.num_requests, stats.get("/", "GET").num_requests) == (1, 2)


def test_a_subclass_of_the_table_counts_its_own_way() -> None:
    class Filtering(RequestStats):
        def log_request(self, method: str, name: str, response_time: int | float | None, content_length: int) -> None:
            if name != "/hidden":
                super().log_request(method, name, response_time, content_length)

    stats = Filtering()
    stats.recorder.record("GET", "/hidden", 1.0, 1)
    stats.recorder.record("GET", "/", 1.0, 1)
    assert stats.num_requests == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda stats: stats.clear_all(),
        lambda stats: stats.entries.clear(),
        lambda stats: stats.entries.pop(("/", "GET")),
        lambda stats: stats.entries.__delitem__(("/", "GET")),
        lambda stats: stats.entries.update({("/", "GET"): StatsEntry(stats, "/", "GET")}),
        lambda stats: setattr(stats, "entries", type(stats.entries)(stats)),
    ],
    ids=["clear_all", "clear", "pop", "del", "update", "assign"],
)
def test_rows_that_were_removed_are_not_counted_in(stats: RequestStats, change: Any) -> None:
    stats.recorder.record("GET", "/", 1.0, 1)
    old = stats.get("/", "GET")
    change(stats)
    stats.recorder.record("GET", "/", 1.0, 1)
    assert stats.get("/", "GET") is not old
    assert (stats.get("/", "GET").num_requests, old.num_requests) == (1, 1)


@pytest.mark.parametrize(
    "change",
    [lambda stats: stats.reset_all(), lambda stats: stats.errors.clear(), lambda stats: setattr(stats, "errors", {})],
    ids=["reset_all", "clear", "assign"],
)
def test_errors_that_were_removed_are_not_counted_in(stats: RequestStats, change: Any) -> None:
    stats.recorder.record("GET", "/", 1.0, 1, "boom")
    [old] = stats.errors.values()
    change(stats)
    stats.recorder.record("GET", "/", 1.0, 1, "boom")
    [new] = stats.errors.values()
    assert (new is not old, new.occurrences, old.occurrences) == (True, 1, 1)


def test_a_replaced_error_method_is_called(stats: RequestStats) -> None:
    stats.recorder.record("GET", "/", 1.0, 1, "boom")
    with mock.patch.object(StatsError, "occurred", autospec=True) as occurred:
        stats.recorder.record("GET", "/", 1.0, 1, "boom")
    assert occurred.call_count == 1


def test_steering_exceptions_of_replaced_methods_reach_the_user(stats: RequestStats, hook: EventHook) -> None:
    with mock.patch.object(stats, "log_request", side_effect=StopUser()), pytest.raises(StopUser):
        hook.fire(**REQUEST)


def test_the_recorder_of_a_table_is_always_the_same(stats: RequestStats) -> None:
    assert stats.recorder is stats.recorder


def test_hook_and_statistics_are_freed() -> None:
    stats, hook = RequestStats(), EventHook()
    hook.add_listener(stats.recorder)
    hook.fire(**REQUEST)
    left = [weakref.ref(stats), weakref.ref(hook)]
    del stats, hook
    gc.collect()
    assert [reference() for reference in left] == [None, None]
