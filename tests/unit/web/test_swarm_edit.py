"""A form sent to a running test changes what it names, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from locust_rs import User, constant, task
from locust_rs.env import Environment
from locust_rs.web import WebUI
from polling import until


class First(User):
    wait_time = constant(1)

    @task
    def idle(self) -> None: ...


class Second(First):
    pass


@pytest.fixture
def ui(free_port: int) -> Iterator[WebUI]:
    """A UI with class picker over a runner of its own; nothing listens."""
    environment = Environment(user_classes=[First, Second], available_user_classes={"First": First, "Second": Second})
    environment.create_local_runner()
    ui = WebUI(environment, "127.0.0.1", free_port, delayed_start=True, userclass_picker_is_active=True)
    ui.app.testing = True
    yield ui
    ui._cancel_run_time_timer()
    assert environment.runner is not None
    environment.runner.quit()


def _swarm(ui: WebUI, **form: str) -> dict[str, object]:
    answer: dict[str, object] = ui.app.test_client().post("/swarm", data=form).get_json()
    assert answer["success"], answer
    runner = ui.environment.runner
    assert runner is not None
    until(lambda: runner.state == "running" and runner.user_count == int(form["user_count"]))
    return answer


def test_edit_keeps_the_run_time_and_the_chosen_classes(ui: WebUI) -> None:
    _swarm(ui, user_count="1", spawn_rate="100", run_time="1h", user_classes="First", shape_class="Default")
    timer = ui._run_time_greenlet
    answer = _swarm(ui, user_count="3", spawn_rate="100")
    assert answer["user_classes"] == ["First"]
    assert ui._run_time_greenlet is timer
    assert [user_class.__name__ for user_class in ui.environment.user_classes] == ["First"]
    assert ui.environment.runner is not None
    assert ui.environment.runner.user_count == 3


def test_edit_with_a_run_time_replaces_it(ui: WebUI) -> None:
    _swarm(ui, user_count="1", spawn_rate="100", run_time="1h")
    timer = ui._run_time_greenlet
    _swarm(ui, user_count="1", spawn_rate="100", run_time="2h")
    assert ui._run_time_greenlet is not timer


def test_new_test_without_classes_runs_all(ui: WebUI) -> None:
    _swarm(ui, user_count="1", spawn_rate="100", user_classes="First")
    assert ui.environment.runner is not None
    ui.environment.runner.stop()
    _swarm(ui, user_count="2", spawn_rate="100")
    assert {user_class.__name__ for user_class in ui.environment.user_classes} == {"First", "Second"}
