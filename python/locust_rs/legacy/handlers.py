"""Calls event handlers with only the arguments that they declare."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

Handler = Callable[..., Any]


def fitted(handler: Handler, names: Mapping[str, str] | None = None) -> Handler:
    """Wraps a handler so that it can be called with all arguments of an event.

    Args:
        handler: The user's handler. It gets the arguments that it declares, and all of them if it has `**kwargs`.
        names: Parameters that have another name today: old name → today's.
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
    """Whether a handler has no `**kwargs`, and so can't take arguments that it does not declare."""
    parameters = _parameters(handler)
    return not any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters)


def _parameters(handler: Handler) -> list[inspect.Parameter]:
    try:
        return list(inspect.signature(handler).parameters.values())
    except (TypeError, ValueError):
        # Some built-in functions have no signature.
        return [inspect.Parameter("kwargs", inspect.Parameter.VAR_KEYWORD)]
