"""The arguments that a locustfile declares: how the form shows them, and how its text is read."""

from __future__ import annotations

import functools
import math
from argparse import SUPPRESS, Action, ArgumentTypeError
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from locust_rs.argument_parser import UIExtraArgOptions, default_args_dict, get_parser

if TYPE_CHECKING:
    from locust_rs.env import Environment

HIDDEN = "••••••••"
"""Shown instead of a secret's value; a form that sends it back leaves the value unchanged."""


def declared_arguments() -> dict[str, Action]:
    """The locustfile's arguments that the web UI includes, by their attribute of parsed_options."""
    included = get_parser(default_config_files=[]).args_included_in_web_ui
    return {
        name: action
        for name, action in included.items()
        # Options such as `--help` have no value.
        if name not in _built_in_names() and action.default is not SUPPRESS
    }


@functools.cache
def _built_in_names() -> frozenset[str]:
    return frozenset(default_args_dict())


def is_secret(action: Action) -> bool:
    """Whether the argument's value must never be shown."""
    return bool(getattr(action, "is_secret", False))


def shown_arguments(environment: Environment) -> dict[str, dict[str, Any]]:
    """`extra_options` of the page, without the values of secrets."""
    options = environment.parsed_options
    if not options:
        return {}
    shown = {}
    for name, action in declared_arguments().items():
        value = getattr(options, name, action.default)
        shown[name] = UIExtraArgOptions(
            default_value=(HIDDEN if value else "") if is_secret(action) else _as_data(value),
            is_secret=is_secret(action),
            is_required=bool(getattr(action, "is_required", False)),
            help_text=action.help,
            is_multiple=bool(getattr(action, "is_multiple", False)),
            choices=[*map(str, action.choices)] if action.choices else None,
        )._asdict()
    return shown


def shown_parameters(environment: Environment) -> list[dict[str, str]]:
    """The custom arguments of the run for the report; secrets are left out."""
    return [
        {"name": name, "value": _as_text(shown["default_value"])}
        for name, shown in shown_arguments(environment).items()
        if not shown["is_secret"]
    ]


def _as_data(value: Any) -> Any:
    """An argument's value as JSON can represent it; a path, for example, becomes its text."""
    if isinstance(value, list | tuple | set | frozenset):
        return [_as_data(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _as_text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def read_argument(action: Action, current: Any, texts: Sequence[str]) -> Any:
    """Converts a form's texts to an argument's value.

    Args:
        action: The argument as it was declared.
        current: Its present value, whose type the new value gets.
        texts: The form's texts under its name: one, or several of a multi-select.

    Raises:
        ValueError: The texts cannot be converted or are not among the choices.
    """
    name, text = action.dest, texts[-1]
    if is_secret(action) and text == HIDDEN:
        return current
    like = current if current is not None else action.default
    try:
        value = _typed(action, like, texts)
    except (ValueError, TypeError, ArgumentTypeError, OverflowError):
        shown = "" if is_secret(action) else f" '{text[:100]}'"
        kind = type(like).__name__ if like is not None else getattr(action.type, "__name__", "text")
        raise ValueError(f"Invalid {name} value:{shown} (must be {kind})") from None
    _check_choices(action, value)
    return value


def _typed(action: Action, like: Any, texts: Sequence[str]) -> Any:
    text = texts[-1]
    if isinstance(like, bool):
        return text == "true"
    if isinstance(like, list):
        parts = [part for each in texts for part in each.split(",") if part] if len(texts) == 1 else list(texts)
        return [int(part) for part in parts] if like and all(type(item) is int for item in like) else parts
    if like is None:
        return action.type(text) if callable(action.type) and text else text
    value = type(like)(text)
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("not finite")
    return value


def _check_choices(action: Action, value: Any) -> None:
    if not action.choices:
        return
    allowed = list(action.choices)
    for item in value if isinstance(value, list) else [value]:
        if item not in allowed and item != "":
            listed = ", ".join(map(str, allowed))
            given = "" if is_secret(action) else f" '{str(item)[:100]}'"
            raise ValueError(f"Invalid {action.dest} value:{given} (must be one of {listed})")
