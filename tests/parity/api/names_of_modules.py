"""Prints as JSON the names in Locust's modules that are Locust's own, whichever module defines them."""

import importlib
import json
import pkgutil
import types

import locust


def is_locusts(value):
    home = value.__name__ if isinstance(value, types.ModuleType) else getattr(value, "__module__", None)
    return isinstance(home, str) and home.startswith("locust")


names = {}
for module in pkgutil.walk_packages(locust.__path__, "locust."):
    if "test" in module.name or module.name.endswith("__main__"):
        continue
    try:
        members = vars(importlib.import_module(module.name))
    except ModuleNotFoundError:  # an optional package is missing
        continue
    names[module.name] = sorted(name for name, value in members.items() if name[:1] != "_" and is_locusts(value))
print(json.dumps(names))
