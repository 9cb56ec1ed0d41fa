"""Small helpers that users' code imports from `locust.util`."""

from importlib import import_module
from typing import Any


def __getattr__(name: str) -> Any:
    # `import locust` used to load them, so `locust.util.cache` works without an import of its own.
    if name in ("cache", "load_locustfile"):
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
