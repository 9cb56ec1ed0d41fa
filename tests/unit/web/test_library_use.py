"""A web UI in a custom program, without command line and without classes to pick from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from locust_rs.env import Environment
from locust_rs.web import WebUI
from web_case.users import make_users


@pytest.fixture
def library_ui() -> Iterator[WebUI]:
    environment = Environment(user_classes=[make_users()["Buyer"]], host="http://target.example")
    environment.create_local_runner()
    yield environment.create_web_ui("127.0.0.1", 0, delayed_start=True)
    environment.runner.quit()


@pytest.fixture
def client(library_ui: WebUI) -> Any:
    return library_ui.app.test_client()


def test_the_environment_knows_its_web_ui(library_ui: WebUI) -> None:
    assert library_ui.environment.web_ui is library_ui
    assert library_ui.server is None
    assert WebUI.app is None


def test_the_page_is_given_what_there_is(library_ui: WebUI, client: Any) -> None:
    assert client.get("/").status_code == 200
    args = library_ui.template_args
    assert (args["host"], args["state"], args["extra_options"]) == ("http://target.example", "ready", {})
    assert (args["num_users"], args["users"], args["available_user_classes"]) == (None, None, None)


def test_a_test_starts_changes_and_stops(library_ui: WebUI, client: Any) -> None:
    runner = library_ui.environment.runner
    for count in (3, 1):
        answer = client.post("/swarm", data={"user_count": count, "spawn_rate": 100, "csv_prefix": "/tmp/x"})
        assert answer.json["success"], answer.json
        library_ui._swarm_greenlet.join()
        runner.spawning_greenlet.join()
        assert runner.user_count == count
    assert client.get("/tasks").json["total"]["Buyer"]["ratio"] == 1
    assert client.get("/stats/updates").json["target_user_count"] == 1
    assert client.post("/stop").json["success"]
    assert runner.user_count == 0


@pytest.mark.parametrize("path", ["/stats/requests", "/stats/updates", "/stats/report", "/stats/requests/csv", "/logs"])
def test_everything_else_works_too(client: Any, path: str) -> None:
    assert client.get(path).status_code == 200


def test_there_is_no_class_to_change(client: Any) -> None:
    answer = client.post("/user", json={"user_class_name": "Buyer", "weight": 2})
    assert (answer.status_code, answer.json["message"]) == (
        400,
        "'user_class_name' must be one of: (there are none)",
    )
