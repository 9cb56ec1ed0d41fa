"""Types of options: convert a text to a value, or raise an error that says what is wrong with the text."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from locust_rs.evidence.redaction import Redaction
from locust_rs.util.timespan import parse_timespan


def raise_argument_type_error(err_msg: str) -> NoReturn:
    """Makes argparse print `argument --x: <err_msg>` and exit with code 2."""
    raise argparse.ArgumentTypeError(err_msg)


def timespan(time_str: str) -> int:
    """The seconds in a duration such as `20`, `20s`, `3m`, `2h`, `1h20m` or `3h30m10s`."""
    try:
        return parse_timespan(time_str)
    except ValueError as error:
        raise_argument_type_error(str(error))


def threshold(string: str) -> str:
    """A threshold; `locust_rs.thresholds.parser` defines what it can say."""
    from locust_rs.thresholds.parser import parse

    try:
        return parse(string).text
    except ValueError as error:
        raise_argument_type_error(str(error))


def positive_integer(string: str) -> int:
    """A number of workers, one or more."""
    try:
        number = int(string)
    except ValueError:
        raise_argument_type_error(f"invalid int value: {string!r}")
    if number < 1:
        raise_argument_type_error(f"Invalid --expect-workers argument ({number}), must be a positive number")
    return number


def _at_least_none(string: str) -> int:
    try:
        number = int(string)
    except ValueError:
        raise_argument_type_error(f"invalid int value: {string!r}")
    if number < 0:
        raise_argument_type_error(f"must be 0 or more, not {number}")
    return number


def user_count(string: str) -> int:
    """A number of users, zero or more."""
    return _at_least_none(string)


def iteration_count(string: str) -> int:
    """A number of iterations, one or more."""
    number = _at_least_none(string)
    if number < 1:
        raise_argument_type_error("must be 1 or more; leave the option out for no limit")
    return number


def redaction_rule(string: str) -> str:
    """A rule for `Evidence.redact`: a name, or a regular expression between slashes."""
    try:
        Redaction().add(string)
    except ValueError as error:
        raise_argument_type_error(str(error))
    return string


def arrival_rate(string: str) -> tuple[str, float]:
    """A rate of arrivals: `200` for all classes, or `CLASS=200` for one.

    Returns:
        The name of the class, "" for all, and the rate per second.
    """
    name, _, number = string.rpartition("=")
    try:
        rate = float(number)
    except ValueError:
        rate = -1.0
    if not (math.isfinite(rate) and rate >= 0) or ("=" in string and not name.strip()):
        raise_argument_type_error(f"{string} must be a number of arrivals per second, or CLASS=number")
    return name.strip(), rate


def port_number(string: str) -> int:
    """A TCP port; 0 lets the system choose one."""
    number = _at_least_none(string)
    if number > 65535:
        raise_argument_type_error(f"{number} is not a port: the highest is 65535")
    return number


def gt_zero(t: Callable[[str], float]) -> Callable[[str], float]:
    """A type that converts with `t` and accepts finite numbers above zero."""

    def checker(value: str) -> float:
        number = t(value)
        if not math.isfinite(number):
            raise_argument_type_error("must be a finite number")
        if number <= 0:
            raise_argument_type_error("must be > 0")
        return number

    return checker


def json_user_config(string: str) -> list[dict[str, Any]]:
    """Settings of User classes: a JSON object, an array of them, or the name of a `.json` file with either.

    Returns:
        One dictionary per class; each has the key `user_class_name`.
    """
    try:
        text = Path(string).read_text() if string.endswith(".json") else string
        settings = json.loads(text)
    except OSError as error:
        raise_argument_type_error(str(error))
    except ValueError as error:
        raise_argument_type_error(f"The --config-users argument must be a valid JSON string or file: {error}")
    per_class = settings if isinstance(settings, list) else [settings]
    for one in per_class:
        if not isinstance(one, dict):
            raise_argument_type_error(
                f"The user config must be a JSON object or an array of objects, not {json.dumps(one)}"
            )
        if not one.get("user_class_name"):
            raise_argument_type_error("The user config must specify a user_class_name")
    return per_class


class ErrorRaisingAction(argparse.Action):
    """A removed option: using it is an error whose message names its replacement."""

    def __init__(self, option_strings: Sequence[str], dest: str, message: str = "", **kwargs: Any) -> None:
        super().__init__(option_strings, dest, **kwargs)
        self._message = message

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        """Makes argparse exit with the message and code 2."""
        raise argparse.ArgumentError(self, self._message)
