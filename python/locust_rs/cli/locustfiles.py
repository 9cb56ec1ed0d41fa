"""Imports the locustfiles of a run, and explains why one cannot be imported."""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from locust_rs.util.load_locustfile import comes_from, load_locustfile, load_locustfile_pytest

if TYPE_CHECKING:
    from types import TracebackType

    from locust_rs.shape import LoadTestShape
    from locust_rs.user import User

_OWN_FOLDER = str(Path(__file__).resolve().parents[1]) + os.sep

Merged = tuple[dict[str, type["User"]], dict[str, "LoadTestShape"], dict[str, list[Any]], "LoadTestShape | None"]


def merge_locustfiles_content(locustfiles: list[str]) -> Merged:
    """Imports all locustfiles and merges what they define.

    If none of them has a User class, pytest-style tests in them become User classes.

    Returns:
        User classes by name; shape instances by name; tasks by name of their User class; and the shape that
        controls the run: the first one found, or None.

    Ends the process with code 1 and a message if a file cannot be imported, or if two different classes have the same
    name.
    """
    user_classes: dict[str, type[User]] = {}
    shape_classes: dict[str, LoadTestShape] = {}
    origins: dict[str, str] = {}
    for path in dict.fromkeys(locustfiles):
        users, shapes = _loaded(load_locustfile, path)
        _merge_users(user_classes, users, origins, path)
        _merge_shapes(shape_classes, shapes, origins, path)
    if not user_classes:
        for path in locustfiles:
            _merge_users(user_classes, _tests_of(path), origins, path)
    tasks = {name: getattr(user_class, "tasks", None) or [] for name, user_class in user_classes.items()}
    return user_classes, shape_classes, tasks, next(iter(shape_classes.values()), None)


def _loaded(load: Any, path: str) -> Any:
    try:
        return load(path)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        _give_up(f"Could not import the locustfile {path}:\n\n{relevant_traceback(error)}{_advice(error)}")


def _tests_of(path: str) -> dict[str, type[User]]:
    try:
        classes: dict[str, type[User]] = _loaded(load_locustfile_pytest, path)
    except ModuleNotFoundError as error:
        if error.name != "pytest":
            raise
        return {}
    return classes


def _merge_users(
    merged: dict[str, type[User]], found: dict[str, type[User]], origins: dict[str, str], path: str
) -> None:
    for name, user_class in found.items():
        if not _is_same(merged.get(name, user_class), user_class):
            _give_up(f"Duplicate user class names: {name} is defined in both {origins[name]} and {path}")
        merged.setdefault(name, user_class)
        origins.setdefault(name, path)


def _merge_shapes(
    merged: dict[str, LoadTestShape], found: list[LoadTestShape], origins: dict[str, str], path: str
) -> None:
    for shape in found:
        name = type(shape).__name__
        if name in merged and not _is_same(type(merged[name]), type(shape)):
            _give_up(f"Duplicate shape classes: {name} is defined in both {origins[name]} and {path}")
        merged.setdefault(name, shape)
        origins.setdefault(name, path)


def _is_same(one: type, other: type) -> bool:
    """Whether two classes are one: two files may import it from a third, under different names for the module."""
    if one is other:
        return True
    file = getattr(sys.modules.get(other.__module__), "__file__", None)
    is_of_same_file = file is not None and comes_from(sys.modules.get(one.__module__), Path(file))
    return is_of_same_file and one.__qualname__ == other.__qualname__


def relevant_traceback(error: BaseException) -> str:
    """The traceback as Python prints it, without the frames outside the user's code."""
    shortened = traceback.TracebackException(type(error), error, _users_part(error.__traceback__))
    # The message describes what the user's last line called inside this package.
    while len(shortened.stack) > 1 and shortened.stack[-1].filename.startswith(_OWN_FOLDER):
        shortened.stack.pop()
    return "".join(shortened.format(chain=error.__cause__ is not None or not error.__suppress_context__))


def _users_part(tb: TracebackType | None) -> TracebackType | None:
    while tb is not None:
        file = tb.tb_frame.f_code.co_filename
        if not file.startswith((_OWN_FOLDER, "<frozen importlib")):
            return tb
        tb = tb.tb_next
    return None


def _advice(error: BaseException) -> str:
    if isinstance(error, ModuleNotFoundError) and error.name:
        package = error.name.partition(".")[0]
        return f"\nInstall what provides '{package}' into {sys.prefix}, or run locust from the folder that has it."
    return ""


def _give_up(message: str) -> NoReturn:
    sys.stderr.write(message.rstrip("\n") + "\n")
    sys.exit(1)
