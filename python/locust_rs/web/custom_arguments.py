"""The arguments that a locustfile declares: how the form shows them, and how its text is read."""

from __future__ import annotations

import functools
import json
import math
from argparse import SUPPRESS, Action, ArgumentTypeError, _AppendAction
from collections.abc import Callable, Sequence
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
            default_value=(HIDDEN if value else "") if is_secret(action) else _as_field(action, value),
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


def _as_field(action: Action, value: Any) -> Any:
    """A value as the page fills its field with it: a list stays one, an object becomes JSON if its type reads that."""
    if isinstance(value, dict | list | tuple) and callable(action.type) and not _is_list(action):
        try:
            text = json.dumps(value)
            return text if action.type(text) == value else str(value)
        except Exception:  # whatever a type of the user's own raises, this is not its way of writing
            return str(value)
    return _as_data(value)


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
    """Converts a form's texts to an argument's value, as its declaration says and whatever its value is now.

    An empty text means the default, unless the default is a text itself.

    Args:
        action: The argument as it was declared.
        current: Its present value, which is kept if the form sends it back as the page showed it.
        texts: The form's texts under its name: one, or several of a multi-select.

    Raises:
        ValueError: The texts cannot be converted or are not among the choices.
    """
    name, text = action.dest, texts[-1]
    shown = HIDDEN if is_secret(action) else _as_field(action, current)
    if text == shown and not _is_list(action):
        return current
    try:
        value = _typed(action, texts)
    except (ValueError, TypeError, ArgumentTypeError, ArithmeticError, LookupError):
        given = "" if is_secret(action) else f" '{text[:100]}'"
        raise ValueError(f"Invalid {name} value:{given} (must be {_kind(action)})") from None
    _check_choices(action, value)
    return value


def _typed(action: Action, texts: Sequence[str]) -> Any:
    text, convert = texts[-1], _converter(action)
    if _is_list(action):
        parts = [part for each in texts for part in each.split(",")] if len(texts) == 1 else list(texts)
        return [convert(part) for part in parts if part]
    if text == "" and (convert is not str or action.choices or not isinstance(action.default, str)):
        return _converted_default(action)
    value = convert(text)
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("not finite")
    return value


def _converter(action: Action) -> Callable[[str], Any]:
    """What the command line would call for one value; without a declared type, what makes the default's type."""
    if action.nargs == 0:
        return int if isinstance(action.default, int) and not isinstance(action.default, bool) else _is_true
    if action.type is bool or isinstance(action.default, bool):
        return _is_true
    if callable(action.type):
        return action.type
    default = action.default
    like = default[0] if isinstance(default, list | tuple) and default else default
    return type(like) if type(like) in (int, float) else str


def _is_true(text: str) -> bool:
    return text == "true"


def _is_list(action: Action) -> bool:
    if getattr(action, "is_multiple", False) or action.nargs in ("+", "*") or isinstance(action, _AppendAction):
        return True
    has_count = isinstance(action.nargs, int) and action.nargs > 0
    return has_count or (action.type is None and isinstance(action.default, list | tuple))


def _converted_default(action: Action) -> Any:
    """As argparse does: a default that is a text is converted like one of the command line."""
    return action.type(action.default) if callable(action.type) and isinstance(action.default, str) else action.default


def _kind(action: Action) -> str:
    convert = _converter(action)
    if convert is _is_true:
        return "true or false"
    name = getattr(convert, "__name__", "text")
    return f"a list of {name}" if _is_list(action) else name


def _check_choices(action: Action, value: Any) -> None:
    if not action.choices:
        return
    allowed = list(action.choices)
    for item in value if isinstance(value, list) else [value]:
        if item not in allowed and item != action.default:
            listed = ", ".join(map(str, allowed))
            given = "" if is_secret(action) else f" '{str(item)[:100]}'"
            raise ValueError(f"Invalid {action.dest} value:{given} (must be one of {listed})")
