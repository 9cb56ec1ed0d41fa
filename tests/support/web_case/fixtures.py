"""Fixtures of the web tests; each folder's conftest.py imports them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from locust_rs.event import default as process_wide
from locust_rs.web import WebUI
from web_case.users import make_environment

MakeUI = Callable[..., WebUI]


@pytest.fixture
def make_ui(monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeUI]:
    """Makes web UIs that listen nowhere (use `ui.app.test_client()`) and cleans up after them."""
    for name in ("LOCUST_USER_NAME", "LOCUST_PASSWORD", "SSL_CERT", "SSL_KEY", "LOCUST_WEB_CORS_ORIGINS"):
        monkeypatch.delenv(name, raising=False)
    listeners = list(process_wide.events.init_command_line_parser._handlers)
    made: list[WebUI] = []

    def make(arguments: list[str] | None = None, *, declare: Any = None, ui: dict[str, Any] | None = None, **env: Any):
        environment = make_environment(arguments, declare=declare, **env)
        made.append(environment.create_web_ui("127.0.0.1", 0, delayed_start=True, **(ui or {})))
        return made[-1]

    yield make
    for each in made:
        each._cancel_run_time_timer()
        if each.environment.runner is not None:
            each.environment.runner.quit()
    process_wide.events.init_command_line_parser._handlers[:] = listeners


@pytest.fixture
def ui(make_ui: MakeUI) -> WebUI:
    """A web UI with the class picker off."""
    return make_ui(["--host", "http://target.example"])


@pytest.fixture
def client(ui: WebUI) -> Any:
    """A client of `ui`."""
    return ui.app.test_client()
