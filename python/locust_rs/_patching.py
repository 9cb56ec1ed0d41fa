"""What the first import of the package does to the process: gevent's monkey patching.

`LOCUST_SKIP_MONKEY_PATCH` skips the patching of the standard library, for programs that patch it themselves, and
`LOCUST_SKIP_URLLIB3_PATCH` skips that of urllib3's connection queue.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

_POOLS = "urllib3.connectionpool"


def patch_standard_library() -> None:
    """Makes the standard library cooperative, unless `LOCUST_SKIP_MONKEY_PATCH` is set."""
    if os.getenv("LOCUST_SKIP_MONKEY_PATCH"):
        return
    from gevent import monkey

    monkey.patch_all()


def patch_urllib3() -> None:
    """Gives urllib3's connection pools gevent's own queue, now or as soon as urllib3 is imported.

    The patched queue of the standard library would work as well; gevent's own costs less.
    """
    if os.getenv("LOCUST_SKIP_URLLIB3_PATCH"):
        return
    if _POOLS in sys.modules:
        _replace_queue(sys.modules[_POOLS])
    elif not any(isinstance(finder, _PoolsFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _PoolsFinder())


def _replace_queue(pools: ModuleType) -> None:
    from gevent.queue import LifoQueue

    pools.ConnectionPool.QueueCls = LifoQueue


class _PoolsFinder:
    """Lets the ordinary finders find urllib3's pools, and patches the pools once they are loaded. Works once."""

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: Any = None) -> ModuleSpec | None:
        if fullname != _POOLS:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is not None and spec.loader is not None:
            load = spec.loader.exec_module

            def load_and_patch(module: ModuleType) -> None:
                load(module)
                _replace_queue(module)

            spec.loader.exec_module = load_and_patch  # type: ignore[method-assign]
        return spec
