"""Users for protocols other than HTTP, and other extras. Each module needs the packages of its own extra."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def __getattr__(name: str) -> Any:
    # `import locust` alone is enough to reach `locust.contrib.fasthttp`.
    if name != "fasthttp":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f"{__name__}.{name}")
