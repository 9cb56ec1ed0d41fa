"""`locust` is `locust_rs` under the name that locustfiles use.

`import locust` yields the module `locust_rs` itself, and every `locust.x.y` is the same module object as
`locust_rs.x.y`, whichever name is imported first. So a constant that is overwritten, or a name that is patched, through
one name is also seen through the other.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import sys
from types import CodeType, ModuleType
from typing import Any


def take_the_name() -> None:
    """Makes `import locust` yield `locust_rs`, also where stock Locust has overwritten the folder `locust`.

    Raises:
        ImportError: Stock Locust is already loaded: one process can't have both.
    """
    loaded = sys.modules.get("locust")
    if loaded is not None and loaded.__name__ != "locust_rs" and not hasattr(loaded, "IS_LOCUST_RS"):
        from locust_rs_installation import stock_instead_of_ours

        raise ImportError(stock_instead_of_ours())
    # First, because `locust.__path__` is that of `locust_rs`, from which the ordinary finder would load a second copy.
    if not any(isinstance(finder, _AliasFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _AliasFinder())
    sys.modules["locust"] = sys.modules["locust_rs"]


class _AliasFinder:
    """Finds and loads `locust.x` by importing `locust_rs.x`.

    It has no base class, because importing `importlib.abc` takes longer than the rest of this file.
    """

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if not fullname.startswith("locust."):
            return None
        original = importlib.util.find_spec(_original_name(fullname))
        if original is None:
            return None
        spec = importlib.machinery.ModuleSpec(
            fullname,
            self,  # type: ignore[arg-type]  # has what a loader needs, and no base class
            origin=original.origin,
            is_package=original.submodule_search_locations is not None,
        )
        if original.submodule_search_locations is not None:
            spec.submodule_search_locations = list(original.submodule_search_locations)
        return spec

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType:
        module = importlib.import_module(_original_name(spec.name))
        # The import system assigns the alias's spec to the module that it gets; `exec_module` restores the original.
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        spec: Any = module.__spec__
        module.__spec__ = spec.loader_state

    def is_package(self, fullname: str) -> bool:
        spec: Any = importlib.util.find_spec(_original_name(fullname))
        return spec.submodule_search_locations is not None

    # `python -m locust` calls the next two.
    def get_code(self, fullname: str) -> CodeType | None:
        original: Any = importlib.util.find_spec(_original_name(fullname))
        code: CodeType | None = original.loader.get_code(original.name)
        return code

    def get_source(self, fullname: str) -> str | None:
        original: Any = importlib.util.find_spec(_original_name(fullname))
        source: str | None = original.loader.get_source(original.name)
        return source


def _original_name(fullname: str) -> str:
    return "locust_rs" + fullname[len("locust") :]
