"""`locust` is `locust_rs` under the name that locustfiles know.

`import locust` yields the module `locust_rs` itself, and every `locust.x.y` is the very module object
`locust_rs.x.y`, whichever name was imported first. So a constant overwritten, or a name patched, through
either name is seen through both.
"""

import importlib
import importlib.machinery
import importlib.util
import sys
from types import CodeType, ModuleType


class _AliasFinder:
    """Finds `locust.x` by importing `locust_rs.x`; finder and loader in one.

    It has no base class: importing `importlib.abc` takes longer than the rest of this file.
    """

    def find_spec(self, fullname, path=None, target=None):
        if not fullname.startswith("locust."):
            return None
        original = importlib.util.find_spec(_original_name(fullname))
        if original is None:
            return None
        spec = importlib.machinery.ModuleSpec(
            fullname, self, origin=original.origin, is_package=original.submodule_search_locations is not None
        )
        if original.submodule_search_locations is not None:
            spec.submodule_search_locations = list(original.submodule_search_locations)
        return spec

    def create_module(self, spec) -> ModuleType:
        module = importlib.import_module(_original_name(spec.name))
        # The import system writes the alias's spec onto the module it is handed; `exec_module` undoes that.
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = module.__spec__.loader_state

    def is_package(self, fullname: str) -> bool:
        return importlib.util.find_spec(_original_name(fullname)).submodule_search_locations is not None

    # What `python -m locust` asks for.
    def get_code(self, fullname: str) -> CodeType | None:
        original = importlib.util.find_spec(_original_name(fullname))
        return original.loader.get_code(original.name)

    def get_source(self, fullname: str) -> str | None:
        original = importlib.util.find_spec(_original_name(fullname))
        return original.loader.get_source(original.name)


def _original_name(fullname: str) -> str:
    return "locust_rs" + fullname[len("locust") :]


# First in line: `locust.__path__` is that of `locust_rs`, where the ordinary finder would load a second copy.
if not any(type(finder).__name__ == "_AliasFinder" for finder in sys.meta_path):
    sys.meta_path.insert(0, _AliasFinder())

sys.modules["locust"] = importlib.import_module("locust_rs")
