"""The events of a load test."""

from __future__ import annotations

import inspect

from locust_rs.event.hook import EventHook


class Events:
    """All events that Locust fires; one instance belongs to an Environment.

    Every annotation or class attribute that names `EventHook`, here and in subclasses, becomes an event of the
    instance. All arguments are keyword arguments.
    """

    request: EventHook
    """Fired when a request is completed.

    Args:
        request_type: The method, or the protocol's term for it.
        name: Path of the URL that was called, or the name given to the client.
        response_time: Milliseconds until the response was complete or failed; None counts without a time.
        response_length: Bytes of the body.
        response: The client's result, such as a `requests.Response`.
        context: The User's and the request's context.
        exception: The exception that made the request fail, or None.
        start_time: Seconds since the epoch.
        url: The URL that was requested.

    A custom client may omit arguments that do not apply. `measure()` measures the time.
    """

    user_error: EventHook
    """Fired when an exception leaves a task, a wait or a User's `on_start`.

    Args:
        user_instance: The TaskSet or the User in which it was raised.
        exception: The exception.
        tb: Its traceback.
    """

    report_to_master: EventHook
    """Fired on a worker before each report; handlers may add keys to `data` ("stats" and "errors" are taken).

    Args:
        client_id: The worker's id.
        data: The report, which handlers may change in place.
    """

    worker_report: EventHook
    """Fired on the master for each report of a worker.

    Args:
        client_id: The worker's id.
        data: The report as it was sent.
    """

    worker_connect: EventHook
    """Fired on the master when a worker connects; the worker's `init` may not have run yet.

    Args:
        client_id: The worker's id.
    """

    spawning_complete: EventHook
    """Fired when all users of a ramp are running, on the master first and then on its workers.

    Args:
        user_count: Users running in total, over all workers.
    """

    quitting: EventHook
    """Fired when the process is about to end; handlers run in reverse order of registration.

    Args:
        environment: The Environment.
    """

    quit: EventHook
    """Fired after `quitting`, just before the process ends.

    Args:
        exit_code: The exit code it ends with.
    """

    init: EventHook
    """Fired once Environment, runner and web UI exist; the time to add listeners and routes.

    Args:
        environment: The Environment.
        runner: Its runner.
        web_ui: Its web UI, or None.
    """

    init_command_line_parser: EventHook
    """Fired before the command line is parsed, to add options.

    Args:
        parser: The argument parser.
    """

    test_start: EventHook
    """Fired on each node when a test starts, but not when its number of users changes.

    Args:
        environment: The Environment.
    """

    test_stopping: EventHook
    """Fired on each node when a test is about to stop, before its users are stopped.

    Args:
        environment: The Environment.
    """

    test_stop: EventHook
    """Fired on each node when a test has stopped.

    Args:
        environment: The Environment.
    """

    reset_stats: EventHook
    """Fired when the statistics were reset from the web UI."""

    cpu_warning: EventHook
    """Fired while the CPU usage is above `runners.CPU_WARNING_THRESHOLD`.

    Args:
        environment: The Environment.
        cpu_usage: In percent.
    """

    heartbeat_sent: EventHook
    """Fired on the master when it sends a heartbeat.

    Args:
        client_id: The worker's id.
        timestamp: Seconds since the epoch.
    """

    heartbeat_received: EventHook
    """Fired on a worker when it receives a heartbeat.

    Args:
        client_id: The worker's id.
        timestamp: Seconds since the epoch.
    """

    usage_monitor: EventHook
    """Fired every `runners.CPU_MONITOR_INTERVAL` seconds.

    Args:
        environment: The Environment.
        cpu_usage: In percent.
        memory_usage: Resident memory in bytes.
    """

    def __init__(self) -> None:
        for owner in reversed(type(self).__mro__):
            declared = {**inspect.get_annotations(owner), **owner.__dict__}
            for name, value in declared.items():
                if _is_hook(value):
                    setattr(self, name, EventHook())


def _is_hook(declaration: object) -> bool:
    return declaration is EventHook or declaration == "EventHook"
