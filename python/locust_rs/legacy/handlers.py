"""Calls event handlers of that time with the arguments that they name."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

Handler = Callable[..., Any]


def fitted(handler: Handler, names: Mapping[str, str] | None = None) -> Handler:
    """A handler that takes all of an event's arguments and hands on those that the given one names.

    Args:
        handler: The user's; with `**kwargs` it gets the rest as well.
        names: Parameters that are called otherwise today: old name → today's.
    """
    renamed = names or {}
    parameters = _parameters(handler)
    takes_rest = any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters)
    named = {parameter.name for parameter in parameters if parameter.kind is not parameter.VAR_KEYWORD}

    def call(*args: Any, **kwargs: Any) -> Any:
        old = {name: kwargs[today] for name, today in renamed.items() if name in named and today in kwargs}
        rest = {name: value for name, value in kwargs.items() if takes_rest or name in named}
        return handler(*args, **rest, **old)

    return call


def names_its_own_arguments(handler: Handler) -> bool:
    """Whether a handler must not be called with arguments that it does not name."""
    parameters = _parameters(handler)
    return not any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters)


def _parameters(handler: Handler) -> list[inspect.Parameter]:
    try:
        return list(inspect.signature(handler).parameters.values())
    except (TypeError, ValueError):
        # A built-in that says nothing of its parameters takes what it is given.
        return [inspect.Parameter("kwargs", inspect.Parameter.VAR_KEYWORD)]
