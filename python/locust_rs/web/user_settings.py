"""Reads the body of `/user`: settings of one User class, which must all be declared."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from locust_rs.env import Environment

MAX_COUNT = 1_000_000_000
MAX_TEXT = 10_000


class UserSettingsError(ValueError):
    """An invalid body; the text is for the person who sent it."""


def read_user_settings(environment: Environment, body: bytes) -> dict[str, Any]:
    """The settings, checked against what the class declares (`User.json()`).

    Raises:
        UserSettingsError: Says what is wrong with them; nothing was changed.
    """
    try:
        settings = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise UserSettingsError("The body must be JSON: an object with 'user_class_name' and settings") from None
    if not isinstance(settings, dict):
        raise UserSettingsError("The body must be a JSON object with 'user_class_name' and settings")
    name = settings.get("user_class_name")
    available: dict[str, Any] = environment.available_user_classes or {}
    if not isinstance(name, str) or name not in available:
        raise UserSettingsError(f"'user_class_name' must be one of: {', '.join(available) or '(there are none)'}")
    declared = available[name].json()
    for attribute, value in settings.items():
        if attribute == "user_class_name":
            continue
        if attribute not in declared and attribute not in _STANDARD:
            raise UserSettingsError(
                f"'{attribute[:100]}' is not a setting of {name}. Its settings: "
                f"{', '.join(sorted({*declared, *_STANDARD}))}"
            )
        _check(environment, name, attribute, value, declared.get(attribute))
    return settings


def _refuse_constant(text: str) -> Any:
    raise ValueError(f"{text} is not JSON")


def _check(environment: Environment, class_name: str, attribute: str, value: Any, current: Any) -> None:
    check = _STANDARD.get(attribute)
    if check is not None:
        if problem := check(environment, class_name, value):
            raise UserSettingsError(f"'{attribute}' {problem}")
    elif not _is_plain(value) or not _is_alike(value, current):
        raise UserSettingsError(f"'{attribute[:100]}' must be {_name_of(current)}, as it is now")


def _count_problem(_environment: Environment, _class_name: str, value: Any) -> str | None:
    if type(value) is not int or not 0 <= value <= MAX_COUNT:
        return f"must be a whole number from 0 to {MAX_COUNT}"
    return None


def _weight_problem(_environment: Environment, _class_name: str, value: Any) -> str | None:
    is_number = type(value) in (int, float) and math.isfinite(value)
    return None if is_number and 0 <= value <= MAX_COUNT else f"must be a number from 0 to {MAX_COUNT}"


def _host_problem(_environment: Environment, _class_name: str, value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > MAX_TEXT or any(ord(character) < 32 for character in value):
        return "must be text without line breaks, or null"
    return None


def _tasks_problem(environment: Environment, class_name: str, value: Any) -> str | None:
    known = {getattr(task, "__name__", "") for task in (environment.available_user_tasks or {}).get(class_name, [])}
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not names or not all(isinstance(name, str) and name in known for name in names):
        return f"must be a list with at least one of: {', '.join(sorted(known)) or '(there are none)'}"
    return None


_STANDARD = {
    "fixed_count": _count_problem,
    "host": _host_problem,
    "tasks": _tasks_problem,
    "weight": _weight_problem,
}


def _is_plain(value: Any, depth: int = 0) -> bool:
    """Whether the value can be sent to any worker."""
    if isinstance(value, str):
        return len(value) <= MAX_TEXT
    if value is None or isinstance(value, bool):
        return True
    if isinstance(value, int):
        return abs(value) < 2**63
    if isinstance(value, float):
        return math.isfinite(value)
    if depth > 4:
        return False
    if isinstance(value, list):
        return len(value) <= 1_000 and all(_is_plain(item, depth + 1) for item in value)
    return isinstance(value, dict) and len(value) <= 1_000 and all(_is_plain(v, depth + 1) for v in value.values())


def _is_alike(value: Any, current: Any) -> bool:
    if current is None or value is None:
        return True
    if isinstance(current, bool) or isinstance(value, bool):
        return isinstance(current, bool) and isinstance(value, bool)
    if isinstance(current, int | float):
        return isinstance(value, int | float)
    if isinstance(current, list | tuple):
        return isinstance(value, list)
    return isinstance(value, type(current))


def _name_of(current: Any) -> str:
    if isinstance(current, bool):
        return "true or false"
    if isinstance(current, int | float):
        return "a number"
    if isinstance(current, list | tuple):
        return "a list"
    return "an object" if isinstance(current, dict) else "text"
