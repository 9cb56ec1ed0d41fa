"""Reads and checks the form of `/swarm`; `Swarm.apply` does what it asks.

The whole form is checked before anything is changed. What it may change is listed here and nowhere else; paths, ports
and addresses of the process are not included.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from locust_rs._tunables import web as tunables
from locust_rs.thresholds import parse
from locust_rs.thresholds.groups import check_group
from locust_rs.util.timespan import parse_timespan
from locust_rs.web.custom_arguments import declared_arguments, read_argument

if TYPE_CHECKING:
    from werkzeug.datastructures import MultiDict

    from locust_rs.web.ui import WebUI

    Form = MultiDict[str, str]

STANDARD_FIELDS = frozenset({"user_count", "spawn_rate", "host", "run_time", "user_classes", "shape_class", "profile"})
OWN_FIELDS = frozenset({"iterations", "run_time_from_ramp_end", "thresholds", "arrival_rate", "max_users"})
"""Fields that stock Locust does not have; arguments of these names that a locustfile declares take precedence."""
MISSING_NUMBERS = "Missing or invalid user_count or spawn_rate from /swarm request"
BAD_RUN_TIME = "Valid run_time formats are : 20, 20s, 3m, 2h, 1h20m, 3h30m10s, etc."
BAD_ITERATIONS = "iterations must be a whole number of at least 1, or empty for no limit"
BAD_ARRIVAL_RATE = "arrival_rate must be a number of arrivals per second, or empty for the rates of the classes"
BAD_MAX_USERS = "max_users must be a whole number of at least 1, or empty for the numbers of the classes"
MAX_ITERATIONS = 10**12
MAX_TEXT = 2_000
"""Limit of the length of host and profile."""
MAX_THRESHOLDS_TEXT = 20_000


class SwarmFormError(ValueError):
    """An invalid form; the text is for the person who sent it."""


@dataclass
class SwarmRequest:
    """A validated form. A field that is None leaves the setting unchanged."""

    user_count: int | None = None
    spawn_rate: float | None = None
    host: str | None = None
    run_time_s: int | None = None
    run_time_given: bool = False
    run_time_from_ramp_end: bool | None = None
    iterations: int | None = None
    iterations_given: bool = False
    arrival_rate: float | None = None
    arrival_rate_given: bool = False
    max_users: int | None = None
    max_users_given: bool = False
    picks_classes: bool = False
    """Whether the class picker is on."""
    class_names: list[str] = field(default_factory=list)
    """The classes that the form names, in its order."""
    user_classes: dict[str, Any] | None = None
    """The classes to run by name: those that the form names, or all for a start that names none."""
    shape_given: bool = False
    shape_name: str | None = None
    profile: str | None = None
    thresholds: list[str] | None = None
    custom: dict[str, Any] = field(default_factory=dict)


def read_swarm_form(ui: WebUI, form: Form) -> SwarmRequest:
    """Reads a form and checks all of it.

    Raises:
        SwarmFormError: Says what is wrong with the form; nothing was changed.
    """
    if ui.environment.runner is None:
        raise SwarmFormError("No runner")
    asked = SwarmRequest()
    _read_shape(ui, form, asked)
    _read_user_classes(ui, form, asked)
    _read_host_and_profile(form, asked)
    _read_custom(ui, form, asked)
    _read_thresholds(ui, form, asked)
    _read_run_time(form, asked)
    _read_limits(form, asked)
    _read_arrivals(form, asked)
    _read_numbers(form, asked, are_needed=not _follows_shape(ui, asked))
    return asked


def _follows_shape(ui: WebUI, asked: SwarmRequest) -> bool:
    return bool(asked.shape_name) if asked.shape_given else ui.environment.shape_class is not None


def _read_shape(ui: WebUI, form: Form, asked: SwarmRequest) -> None:
    if not ui.userclass_picker_is_active:
        return
    name = form.get("shape_class")
    if name is None and ui.swarm.is_running:
        return
    asked.shape_given = True
    if name and name != "Default":
        available = ui.environment.available_shape_classes or {}
        if name not in available:
            raise SwarmFormError(f"Unknown shape_class '{name[:100]}'. Available: {', '.join(['Default', *available])}")
        asked.shape_name = name


def _read_user_classes(ui: WebUI, form: Form, asked: SwarmRequest) -> None:
    if not ui.userclass_picker_is_active:
        return
    available: dict[str, Any] = ui.environment.available_user_classes or {}
    asked.picks_classes = True
    if not available:
        raise SwarmFormError("UserClass picker is active but there are no available UserClasses")
    names = form.getlist("user_classes")
    if not names:
        if ui.swarm.is_running:
            return
        names = list(available)
    unknown = sorted(set(names) - available.keys())
    if unknown:
        raise SwarmFormError(f"Unknown user class '{unknown[0][:100]}'. Available: {', '.join(available)}")
    asked.class_names = form.getlist("user_classes")
    asked.user_classes = {name: available[name] for name in dict.fromkeys(names)}
    if not any(user_class.weight > 0 or user_class.fixed_count > 0 for user_class in asked.user_classes.values()):
        raise SwarmFormError("None of the chosen user classes has a weight or fixed_count over 0")


def _read_host_and_profile(form: Form, asked: SwarmRequest) -> None:
    for name in ("host", "profile"):
        if len(form.get(name, "")) > MAX_TEXT:
            raise SwarmFormError(f"Invalid {name}: longer than {MAX_TEXT} characters")
    host = form.get("host")
    if host is not None:
        # Locust drops these two as well, and scripts compare the host in the answer.
        host = host.replace("<", "").replace(">", "").strip()
        if any(ord(character) < 32 for character in host):
            raise SwarmFormError("Invalid host: it has line breaks or other control characters")
        asked.host = host
    asked.profile = form.get("profile")


def _read_thresholds(ui: WebUI, form: Form, asked: SwarmRequest) -> None:
    text = form.get("thresholds")
    if text is None or "thresholds" in asked.custom:
        return
    if len(text) > MAX_THRESHOLDS_TEXT:
        raise SwarmFormError(f"Invalid thresholds: longer than {MAX_THRESHOLDS_TEXT} characters")
    try:
        thresholds = [parse(line) for line in text.splitlines() if line.strip()]
        for threshold in thresholds:
            check_group(threshold, ui.environment.group_names)
    except ValueError as error:
        raise SwarmFormError(str(error)) from None
    asked.thresholds = [threshold.text for threshold in thresholds]


def _read_custom(ui: WebUI, form: Form, asked: SwarmRequest) -> None:
    options = ui.environment.parsed_options
    names = form.keys() - STANDARD_FIELDS
    if not names or not options:
        return
    declared = declared_arguments()
    for name in sorted(names):
        if name not in declared:
            if name in OWN_FIELDS:
                continue
            if hasattr(options, name):
                raise SwarmFormError(
                    f"'{name[:100]}' can't be changed from the web UI. Set it on the command line, or declare an "
                    "argument of the locustfile with include_in_web_ui=True"
                )
            continue  # an unknown name is ignored
        try:
            asked.custom[name] = read_argument(declared[name], getattr(options, name, None), form.getlist(name))
        except ValueError as error:
            raise SwarmFormError(str(error)) from None


def _read_run_time(form: Form, asked: SwarmRequest) -> None:
    text = form.get("run_time")
    if text is None:
        return
    asked.run_time_given = True
    if not text:
        return
    try:
        seconds = parse_timespan(text) if len(text) <= 30 and text.isascii() else -1
    except ValueError:
        raise SwarmFormError(BAD_RUN_TIME) from None
    if not 0 <= seconds <= tunables.MAX_RUN_TIME_S:
        raise SwarmFormError(BAD_RUN_TIME)
    asked.run_time_s = seconds or None


def _read_limits(form: Form, asked: SwarmRequest) -> None:
    text = None if "iterations" in asked.custom else form.get("iterations")
    if text is not None:
        asked.iterations_given = True
        asked.iterations = _whole_number(text, MAX_ITERATIONS, BAD_ITERATIONS)
    if "run_time_from_ramp_end" in form and "run_time_from_ramp_end" not in asked.custom:
        choice = form["run_time_from_ramp_end"].strip().lower()
        if choice not in ("true", "false", ""):
            raise SwarmFormError("run_time_from_ramp_end must be true or false")
        asked.run_time_from_ramp_end = choice == "true"


def _whole_number(text: str, most: int, complaint: str) -> int | None:
    """A number of at least 1; None if the text is empty."""
    if not text.strip():
        return None
    is_whole = len(text) <= 30 and text.strip().isascii() and text.strip().isdecimal()
    if not is_whole or not 1 <= int(text) <= most:
        raise SwarmFormError(complaint)
    return int(text)


def _read_arrivals(form: Form, asked: SwarmRequest) -> None:
    rate = None if "arrival_rate" in asked.custom else form.get("arrival_rate")
    if rate is not None:
        asked.arrival_rate_given = True
        if rate.strip():
            try:
                asked.arrival_rate = float(rate)
            except ValueError:
                raise SwarmFormError(BAD_ARRIVAL_RATE) from None
            if not 0 <= asked.arrival_rate <= tunables.MAX_SPAWN_RATE:
                raise SwarmFormError(BAD_ARRIVAL_RATE)
    most = None if "max_users" in asked.custom else form.get("max_users")
    if most is not None:
        asked.max_users_given = True
        asked.max_users = _whole_number(most, tunables.MAX_USER_COUNT, BAD_MAX_USERS)


def _read_numbers(form: Form, asked: SwarmRequest, *, are_needed: bool) -> None:
    count_text, rate_text = form.get("user_count") or None, form.get("spawn_rate") or None
    user_count, spawn_rate = None, None
    if count_text is not None:
        try:
            user_count = int(count_text) if len(count_text) <= 30 else -1
        except ValueError:
            raise SwarmFormError(f"Invalid user_count value: '{count_text[:100]}' (must be an integer)") from None
    if rate_text is not None:
        try:
            spawn_rate = float(rate_text)
        except ValueError:
            raise SwarmFormError(f"Invalid spawn_rate value: '{rate_text[:100]}' (must be a number)") from None
    count_is_wrong = user_count is not None and not 0 <= user_count <= tunables.MAX_USER_COUNT
    rate_is_wrong = spawn_rate is not None and not (
        math.isfinite(spawn_rate) and 0 < spawn_rate <= tunables.MAX_SPAWN_RATE
    )
    if count_is_wrong or rate_is_wrong or (are_needed and (user_count is None or spawn_rate is None)):
        raise SwarmFormError(MISSING_NUMBERS)
    asked.user_count, asked.spawn_rate = user_count, spawn_rate
