"""Functions that user code imports from `locust.util`."""

from importlib import import_module
from typing import Any


def __getattr__(name: str) -> Any:
    # In Locust `import locust` loads them, so `locust.util.cache` must work without an import of its own.
    if name in ("cache", "load_locustfile"):
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
