"""`web.app`: the Flask app as a module attribute, which locustfiles use before the web UI exists."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from locust_rs.event import Events
from locust_rs.legacy.warning import warn_of


class AppToCome:
    """Records calls, and repeats them on the Flask app once the web UI exists. Without a web UI they have no effect."""

    def __init__(self) -> None:
        self._kept: list[Callable[[Any], Any]] = []
        self._app: Any = None

    def follow(self, events: Events, module: ModuleType) -> None:
        """Sets itself as `app` of a module, and waits for `init`, which brings the web UI."""
        vars(module)["app"] = self

        def on_init(web_ui: Any = None, **kwargs: Any) -> None:
            # Creating the web UI imports the submodule `web.app`, which replaces the attribute.
            vars(module)["app"] = self
            if web_ui is not None:
                self._app = web_ui.app
                for do in self._kept:
                    do(self._app)

        events.init.add_listener(on_init)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        warn_of("web.app", "a listener of events.init that uses web_ui.app")
        if self._app is not None:
            return getattr(self._app, name)
        return lambda *args, **kwargs: self._later(name, args, kwargs)

    def _later(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Callable[[Any], Any]:
        """Records `app.name(*args)`. The result is a decorator that records its function, as `app.route` needs."""
        functions: list[Any] = []

        def do(app: Any) -> None:
            result = getattr(app, name)(*args, **kwargs)
            for function in functions:
                result(function)

        self._kept.append(do)

        def decorate(function: Any) -> Any:
            functions.append(function)
            return function

        # `@app.before_request` is called with the function itself.
        return args[0] if len(args) == 1 and not kwargs and callable(args[0]) else decorate
