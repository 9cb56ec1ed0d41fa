"""Names that a module of Locust has because it imports them from another module.

Launchers and plug-ins import them from there (`from locust.main import load_locustfile`), so the same modules have
them here. They are looked up on access, so a module that only passes a name on does not depend on its home.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

_HOMES = {
    "event": "EventHook Events",
    "exception": "CatchResponseError InterruptTaskSet LocustError MissingWaitTimeError RescheduleTask "
    "RescheduleTaskImmediately ResponseError RPCError RPCReceiveError RPCSendError StopTest StopUser",
    "env": "Environment",
    "argument_parser": "get_locustfiles_locally get_parser parse_locustfile_option",
    "clients": "HttpSession RestResponseContextManager",
    "dispatch": "UsersDispatcher",
    "html": "DEFAULT_BUILD_PATH get_html_report process_html_filename render_template_from",
    "input_events": "input_listener",
    "log": "get_logs greenlet_exception_logger setup_logging",
    "opentelemetry": "setup_opentelemetry",
    "rpc": "Message",
    "runners": "LocalRunner MasterRunner Runner WorkerRunner STATE_MISSING STATE_RUNNING STATE_STOPPED STATE_STOPPING",
    "shape": "LoadTestShape",
    "stats": "RequestStats StatsCSV StatsError setup_distributed_stats_event_listeners",
    "user.inspectuser": "get_ratio print_task_ratio print_task_ratio_json",
    "user.task": "LOCUST_STATE_RUNNING LOCUST_STATE_STOPPING LOCUST_STATE_WAITING DefaultTaskSet TaskHolder TaskSet "
    "get_tasks_from_base_classes",
    "user.users": "HttpUser PytestUser RestMixin User",
    "user.wait_time": "constant",
    "util.cache": "memoize",
    "util.date": "format_duration format_safe_timestamp format_utc_timestamp",
    "util.directory": "get_abspaths_in",
    "util.load_locustfile": "load_locustfile load_locustfile_pytest",
    "util.rounding": "proper_round",
    "util.timespan": "parse_timespan",
    "util.url": "is_url",
    "web": "WebUI",
    "_version": "version",
}
"""The modules that define the names: module → names."""

_MODULES = {
    "argument_parser": "argument_parser",
    "deprecation": "util.deprecation",
    "fasthttp": "contrib.fasthttp",
    "log": "log",
    "rpc": "rpc",
    "runners": "runners",
    "stats": "stats",
    "zmqrpc": "rpc.zmqrpc",
}
"""Modules that other modules have as an attribute: name → module."""

_REEXPORTED = {
    "argument_parser": "Message get_abspaths_in is_url parse_timespan runners zmqrpc",
    "clients": "CatchResponseError EventHook LocustError ResponseError",
    "contrib.fasthttp": "CatchResponseError LocustError ResponseError RestMixin StopTest User",
    "debug": "CatchResponseError RescheduleTask",
    "env": "LocalRunner MasterRunner Runner StatsCSV TaskHolder TaskSet User WebUI WorkerRunner",
    "event": "InterruptTaskSet RescheduleTask RescheduleTaskImmediately StopTest StopUser log",
    "html": "MasterRunner STATE_STOPPED STATE_STOPPING format_duration format_utc_timestamp get_ratio stats",
    "main": "Environment get_html_report get_locustfiles_locally get_parser greenlet_exception_logger input_listener "
    "load_locustfile load_locustfile_pytest log parse_locustfile_option print_task_ratio print_task_ratio_json "
    "process_html_filename setup_logging setup_opentelemetry stats",
    "opentelemetry": "MasterRunner WorkerRunner",
    "runners": "LOCUST_STATE_STOPPING Message RPCError RPCReceiveError RPCSendError RequestStats StatsError StopTest "
    "UsersDispatcher argument_parser get_abspaths_in get_logs greenlet_exception_logger is_url rpc "
    "setup_distributed_stats_event_listeners",
    "shape": "Runner",
    "stats": "CatchResponseError format_utc_timestamp proper_round",
    "user.inspectuser": "TaskSet User",
    "user.task": "InterruptTaskSet MissingWaitTimeError RescheduleTask RescheduleTaskImmediately StopTest StopUser",
    "user.users": "CatchResponseError DefaultTaskSet HttpSession LOCUST_STATE_RUNNING LOCUST_STATE_STOPPING "
    "LOCUST_STATE_WAITING RestResponseContextManager StopTest StopUser TaskSet constant deprecation "
    "get_tasks_from_base_classes",
    "util.load_locustfile": "LoadTestShape PytestUser User",
    "web": "DEFAULT_BUILD_PATH HttpUser MasterRunner STATE_MISSING STATE_RUNNING argument_parser fasthttp "
    "format_safe_timestamp get_html_report get_logs get_ratio greenlet_exception_logger memoize parse_timespan "
    "render_template_from stats version",
}
"""The names that a module has from others: module → names."""

_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}


def provide_reexports(module_name: str) -> None:
    """Lets a module look up the names it has from others, in addition to those of a `__getattr__` of its own.

    Args:
        module_name: Its `__name__`.
    """
    module: Any = sys.modules[module_name]
    reexported = frozenset(_REEXPORTED[module_name.removeprefix("locust_rs.")].split())
    own = getattr(module, "__getattr__", None)

    def get(name: str) -> Any:
        if name not in reexported:
            if own is not None:
                return own(name)
            raise AttributeError(f"module {module_name!r} has no attribute {name!r}")
        if name in _MODULES:
            return import_module(f"locust_rs.{_MODULES[name]}")
        return getattr(import_module(f"locust_rs.{_HOME_OF[name]}"), name)

    module.__getattr__ = get
