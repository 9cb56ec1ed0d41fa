"""Makes names of one module assignable through another."""

import sys
from collections.abc import Iterable
from types import ModuleType
from typing import Any


def publish(public_module: str, owner: ModuleType, names: Iterable[str]) -> None:
    """Shows `names` of `owner` in the module called `public_module`, and passes assignments on.

    Args:
        public_module: Full name of a module that is being or has been imported.
        owner: The module from which code reads the values.
        names: The names to share. `publish` may be called again for the same module with other owners.
    """
    module = sys.modules[public_module]
    shared = frozenset(names)

    class PublishingModule(type(module)):  # type: ignore[misc]  # each call stacks one more layer of names
        def __setattr__(self, name: str, value: Any) -> None:
            if name in shared:
                setattr(owner, name, value)
            super().__setattr__(name, value)

    for name in shared:
        setattr(module, name, getattr(owner, name))
    module.__class__ = PublishingModule
