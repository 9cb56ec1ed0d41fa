"""Events: the existing ones, and how to add more."""

from __future__ import annotations

import locust_rs
from locust_rs.event import EventHook, Events, default

NAMES = {
    "request",
    "user_error",
    "report_to_master",
    "worker_report",
    "worker_connect",
    "spawning_complete",
    "quitting",
    "quit",
    "init",
    "init_command_line_parser",
    "test_start",
    "test_stopping",
    "test_stop",
    "reset_stats",
    "cpu_warning",
    "heartbeat_sent",
    "heartbeat_received",
    "usage_monitor",
}


def test_every_documented_event_is_there_and_nothing_else() -> None:
    assert set(vars(Events())) == NAMES
    assert all(type(event) is EventHook for event in vars(Events()).values())


def test_two_instances_share_no_listener() -> None:
    first, second = Events(), Events()
    first.request.add_listener(print)
    assert second.request._handlers == []


def test_a_subclass_adds_events_by_annotation_and_by_value() -> None:
    class Mine(Events):
        annotated: EventHook
        assigned = "EventHook"
        number: int
        other = 5

    class MineToo(Mine):
        another: EventHook

    events = MineToo()
    assert set(vars(events)) == {*NAMES, "annotated", "assigned", "another"}
    assert type(events.annotated) is type(events.assigned) is type(events.another) is EventHook
    assert events.other == 5


def test_the_facade_shows_the_events_of_the_process_and_may_replace_them() -> None:
    before = locust_rs.events
    assert before is default.events
    try:
        locust_rs.events = Events()
        assert default.events is locust_rs.events is not before
    finally:
        locust_rs.events = before
    assert default.events is before
