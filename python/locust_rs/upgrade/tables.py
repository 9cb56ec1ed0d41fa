"""Old names and today's."""

OLD_USERS = {"Locust": "User", "HttpLocust": "HttpUser", "FastHttpLocust": "FastHttpUser"}

TODAYS_USERS = {"User", "HttpUser", "FastHttpUser"}

TASK_SETS = {"TaskSet", "SequentialTaskSet", "TaskSequence", "SubLocust"}

_RUNNERS = {
    "MasterLocustRunner": "MasterRunner",
    "SlaveLocustRunner": "WorkerRunner",
    "LocalLocustRunner": "LocalRunner",
    "DistributedLocustRunner": "DistributedRunner",
    "LocustRunner": "Runner",
    "SLAVE_REPORT_INTERVAL": "WORKER_REPORT_INTERVAL",
}

IMPORTS: dict[tuple[str, str], tuple[str, str]] = {
    **{("locust", old): ("locust", new) for old, new in OLD_USERS.items()},
    **{("locust.core", old): ("locust", new) for old, new in OLD_USERS.items()},
    **{("locust.core", name): ("locust", name) for name in ("TaskSet", "task", "events")},
    **{
        ("locust.core", name): ("locust.exception", name)
        for name in ("InterruptTaskSet", "LocustError", "RescheduleTask", "RescheduleTaskImmediately")
    },
    ("locust.core", "StopLocust"): ("locust.exception", "StopUser"),
    ("locust.exception", "StopLocust"): ("locust.exception", "StopUser"),
    ("locust.events", "EventHook"): ("locust.event", "EventHook"),
    ("locust.contrib.fasthttp", "FastHttpLocust"): ("locust.contrib.fasthttp", "FastHttpUser"),
    **{("locust.wait_time", name): ("locust", name) for name in ("between", "constant", "constant_pacing")},
    **{("locust.runners", old): ("locust.runners", new) for old, new in _RUNNERS.items()},
}
"""(module, name) → today's module and name."""

DOTTED = {
    **{f"{module}.{name}": f"{today}.{new}" for (module, name), (today, new) in IMPORTS.items()},
    **{f"runners.{old}": f"runners.{new}" for old, new in _RUNNERS.items()},
}
"""The same for qualified names: `locust.core.TaskSet` → `locust.TaskSet`."""

ATTRIBUTES = {"hatch_rate": "spawn_rate"}
"""Attributes of runners and options, and keyword arguments of `start`."""

EVENTS = {
    "request_success": "request",
    "request_failure": "request",
    "locust_error": "user_error",
    "hatch_complete": "spawning_complete",
    "slave_report": "worker_report",
    "locust_start_hatching": "test_start",
    "locust_stop_hatching": "test_stop",
}

ARGUMENTS = {
    "request_success": ("request_type", "name", "response_time", "response_length"),
    "request_failure": ("request_type", "name", "response_time", "exception"),
    "locust_error": ("user_instance", "exception", "tb"),
    "hatch_complete": ("user_count",),
    "slave_report": ("client_id", "data"),
    "report_to_master": ("client_id", "data"),
}
"""Arguments in the order in which they were positional, by today's name."""

PARAMETERS = {"method": "request_type", "path": "name", "locust_instance": "user_instance"}
"""Renamed arguments of events: old name → today's."""
