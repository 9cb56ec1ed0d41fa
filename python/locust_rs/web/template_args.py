"""The arguments with which index.html is rendered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from locust_rs._tunables import stats as stats_tunables
from locust_rs._tunables import web as tunables
from locust_rs._version import __version__
from locust_rs.user.scenario import brings_users
from locust_rs.web.custom_arguments import shown_arguments

if TYPE_CHECKING:
    from locust_rs.env import Environment
    from locust_rs.web.ui import WebUI


def current_template_args(ui: WebUI) -> dict[str, Any]:
    """The present values of Locust's own keys. Requires a runner."""
    environment = ui.environment
    options = environment.parsed_options
    runner = environment.runner
    assert runner is not None
    shape = environment.shape_class
    return {
        "locustfile": environment.locustfile,
        "state": runner.state,
        "is_distributed": runner.is_master,
        "user_count": runner.user_count,
        "version": __version__,
        **_host_args(environment),
        "history": environment.stats.history,
        "num_users": options and options.num_users,
        "spawn_rate": options and options.spawn_rate,
        "worker_count": runner.worker_count if runner.is_master else 0,
        # The picker lets people deselect the shape, so the fields must be there.
        "hide_common_options": shape and not (shape.use_common_options or ui.userclass_picker_is_active),
        "shape_use_common_options": shape and shape.use_common_options,
        "stats_history_enabled": options and options.stats_history_enabled,
        "tasks": "{}",
        "extra_options": shown_arguments(environment),
        "run_time": options and options.run_time,
        "iterations": environment.iterations,
        "arrival_rate": environment.arrivals.total,
        "max_users": environment.arrivals.max_users,
        "has_arrivals": _has_arrivals(environment),
        "scenario_classes": _scenario_classes(environment),
        "has_classes": len(_all_classes(environment)) > 1
        or _has_arrivals(environment)
        or bool(_scenario_classes(environment)),
        "run_time_from_ramp_end": environment.run_time_from_ramp_end,
        "intended_start": environment.intended_start,
        "show_userclass_picker": ui.userclass_picker_is_active,
        **_choices(environment),
        "percentiles_to_chart": stats_tunables.PERCENTILES_TO_CHART,
        "precise": stats_tunables.PRECISE,
        "percentiles_to_statistics": stats_tunables.PERCENTILES_TO_STATISTICS,
        "is_host_required": tunables.HOST_IS_REQUIRED,
        "thresholds": [check.threshold.text for check in environment.thresholds],
        "profile": environment.profile,
    }


def _has_arrivals(environment: Environment) -> bool:
    """Whether users of any class that can be chosen arrive, so that the form asks for their rate."""
    classes = _all_classes(environment).values()
    settings = environment.arrivals
    return (
        settings.total is not None
        or bool(settings.by_class)
        or any(getattr(user_class, "arrival_rate", None) is not None for user_class in classes)
    )


def _scenario_classes(environment: Environment) -> list[str]:
    """The classes that can be chosen and bring their own users over time, by name."""
    return sorted(name for name, user_class in _all_classes(environment).items() if brings_users(user_class))


def _all_classes(environment: Environment) -> dict[str, Any]:
    """The classes of the test, and those that can be chosen, by name."""
    available: dict[str, Any] = environment.available_user_classes or {}
    return {user_class.__name__: user_class for user_class in [*environment.user_classes, *available.values()]}


def _host_args(environment: Environment) -> dict[str, Any]:
    """The host that the form shows, and whether it would overwrite several hosts or is missing."""
    host, overrides, missing = environment.host, False, False
    if not host:
        hosts = {user_class.host for user_class in environment.user_classes}
        overrides = len(hosts) > 1
        host = next(iter(hosts)) if len(hosts) == 1 else None
        missing = not host and not overrides
    return {"host": host or "", "override_host_warning": overrides, "missing_host_warning": missing}


def _choices(environment: Environment) -> dict[str, Any]:
    """The classes, shapes and tasks to pick from, and the present settings of each class."""
    classes: dict[str, Any] | None = environment.available_user_classes
    tasks = environment.available_user_tasks
    shapes: dict[str, Any] = environment.available_shape_classes or {}
    return {
        "available_user_classes": sorted(classes) if classes else None,
        "available_shape_classes": ["Default", *sorted(shapes)],
        # Not one of Locust's keys: the form keeps asking for users and spawn rate with these shapes.
        "shapes_with_common_options": sorted(
            name for name, shape in shapes.items() if getattr(shape, "use_common_options", False)
        ),
        "available_user_tasks": {name: _task_names(of_class) for name, of_class in tasks.items()} if tasks else None,
        "users": {name: user_class.json() for name, user_class in classes.items()} if classes else None,
    }


def _task_names(tasks: list[Any]) -> list[str]:
    return [getattr(task, "__name__", str(task)) for task in tasks]
