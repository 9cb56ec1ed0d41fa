"""Imports locustfiles and finds the User and shape classes in them."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from locust_rs._reexports import provide_reexports

if TYPE_CHECKING:
    from locust_rs.shape import LoadTestShape
    from locust_rs.user import User


def is_user_class(item: Any) -> bool:
    """Whether `item` is a User class that can be run, which excludes abstract ones."""
    return _descends_from(item, "User", "locust_rs.user") and not item.abstract


def is_shape_class(item: Any) -> bool:
    """Whether `item` is a LoadTestShape class that can be run, which excludes abstract ones."""
    return _descends_from(item, "LoadTestShape", "locust_rs.shape") and not item.abstract


def _descends_from(item: Any, name: str, home: str) -> bool:
    # By name, because this module belongs to a lower layer than users and shapes.
    return isinstance(item, type) and any(
        base.__name__ == name and base.__module__.startswith(home) for base in item.__mro__
    )


def load_locustfile(path: str) -> tuple[dict[str, type[User]], list[LoadTestShape]]:
    """Imports a locustfile and returns the classes in it that can be run.

    During the import its folder is first on `sys.path`, so that it can import its neighbours. A file of a package
    that uses relative imports is imported as a part of that package.

    Args:
        path: A `.py` file or the folder of a package.

    Returns:
        User classes by their name in the file, and an instance of each shape class.

    Raises:
        Exception: The file raised it.
    """
    names = vars(_import_file(Path(path)))
    user_classes = {name: value for name, value in names.items() if is_user_class(value)}
    shapes = [value() for value in names.values() if is_shape_class(value)]
    return user_classes, shapes


def load_locustfile_pytest(path: str) -> dict[str, type[User]]:
    """Creates a User class for each test function that pytest finds in a file.

    Returns:
        The classes by name, such as `test_login` or `TestShop_test_login`; empty if there are no tests.

    Raises:
        ValueError: A test has a parameter that is not a fixture.
        Exception: The file raised it.
    """
    # Importing pytest takes a third of a second, and few locustfiles need it.
    user_module = importlib.import_module("locust_rs.user.pytest_user")
    classes: dict[str, type[User]] = user_module.user_classes_of_tests(path)
    return classes


def _import_file(path: Path) -> ModuleType:
    if path.is_dir():
        path = path / "__init__.py"
    folder = _folder_of(path)
    if path.name == "__init__.py":
        with _first_on_path(folder.parent):
            return _execute(folder.name, path, is_package=True)
    with _first_on_path(folder):
        try:
            return _execute(path.stem, path)
        except ImportError as error:
            in_package = (folder / "__init__.py").exists()
            if not in_package or "attempted relative import" not in str(error):
                raise
    return _import_within_package(path)


def _folder_of(path: Path) -> Path:
    # Of the link, not of what it leads to: Kubernetes mounts the keys of a ConfigMap as links into a hidden folder.
    return Path(os.path.abspath(path)).parent


def _execute(name: str, path: Path, is_package: bool = False) -> ModuleType:
    # A locustfile may be called `random.py`; it must not replace a module that other code imports.
    taken = sys.modules.get(name)
    if taken is not None and not getattr(taken, "_is_locustfile", False):
        if comes_from(taken, path):
            # Another locustfile has imported it: executed again, its classes and listeners would be there twice.
            return taken
        name = f"locustfile_{name}"
    spec = importlib.util.spec_from_file_location(
        name, path, submodule_search_locations=[str(path.parent)] if is_package else None
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is not a Python file: its name must end in .py")
    module = importlib.util.module_from_spec(spec)
    module.__dict__["_is_locustfile"] = True
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def comes_from(module: ModuleType | None, path: Path) -> bool:
    """Whether a module was made from a file."""
    file = getattr(module, "__file__", None)
    return file is not None and Path(file).resolve() == path.resolve()


def _import_within_package(path: Path) -> ModuleType:
    parts = [path.stem]
    folder = _folder_of(path)
    while (folder / "__init__.py").exists():
        parts.insert(0, folder.name)
        folder = folder.parent
    with _first_on_path(folder):
        return importlib.import_module(".".join(parts))


@contextmanager
def _first_on_path(folder: Path) -> Iterator[None]:
    entry = str(folder)
    sys.path.insert(0, entry)
    try:
        yield
    finally:
        if entry in sys.path:
            sys.path.remove(entry)


provide_reexports(__name__)
