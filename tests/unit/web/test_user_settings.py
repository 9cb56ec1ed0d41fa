"""`/user`: declared attributes only, as JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from locust_rs.web import WebUI


def post(client: Any, **settings: Any) -> Any:
    return client.post("/user", json={"user_class_name": "Buyer", **settings})


@pytest.mark.parametrize(
    ("attribute", "value"),
    [("weight", 5), ("weight", 0), ("fixed_count", 2), ("host", "http://other.example"), ("host", None)],
)
def test_a_setting_is_changed(ui: WebUI, client: Any, attribute: str, value: Any) -> None:
    answer = post(client, **{attribute: value})
    assert (answer.status_code, answer.json) == (201, {})
    assert getattr(ui.environment.available_user_classes["Buyer"], attribute) == value


def test_tasks_are_chosen_by_name(ui: WebUI, client: Any) -> None:
    assert post(client, tasks=["look"]).status_code == 201
    assert [task.__name__ for task in ui.environment.available_user_classes["Buyer"].tasks] == ["look"]


def test_what_the_class_declares_in_json_can_be_changed(ui: WebUI, client: Any) -> None:
    buyer: Any = ui.environment.available_user_classes["Buyer"]
    buyer.discount, buyer.vip = 0.5, False
    buyer.json = classmethod(lambda cls: {"host": cls.host, "discount": cls.discount, "vip": cls.vip})
    assert post(client, discount=0.25, vip=True).status_code == 201
    assert (buyer.discount, buyer.vip) == (0.25, True)
    assert "must be a number" in post(client, discount="much").json["message"]
    assert "must be true or false" in post(client, vip=1).json["message"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "must be JSON"),
        (b"user_class_name=Buyer", "must be JSON"),
        (b"[" * 100_000, "must be JSON"),
        (b"\xff\xfe\x00", "must be JSON"),
        (b'{"user_class_name": "Buyer", "weight": NaN}', "must be JSON"),
        (b"[]", "must be a JSON object"),
        (b"{}", "must be one of: Buyer, Admin"),
        (b'{"user_class_name": ["Buyer"]}', "must be one of: Buyer, Admin"),
        (b'{"user_class_name": "Nobody"}', "must be one of: Buyer, Admin"),
        (b'{"user_class_name": "Buyer", "wait_time": 1}', "'wait_time' is not a setting of Buyer"),
        (b'{"user_class_name": "Buyer", "__init__": 1}', "'__init__' is not a setting of Buyer"),
        (b'{"user_class_name": "Buyer", "run": null}', "'run' is not a setting of Buyer"),
        (b'{"user_class_name": "Buyer", "abstract": true}', "'abstract' is not a setting of Buyer"),
        (b'{"user_class_name": "Buyer", "weight": -1}', "'weight' must be a number"),
        (b'{"user_class_name": "Buyer", "weight": true}', "'weight' must be a number"),
        (b'{"user_class_name": "Buyer", "weight": 1e400}', "'weight' must be a number"),
        (b'{"user_class_name": "Buyer", "fixed_count": 1.5}', "'fixed_count' must be a whole number"),
        (b'{"user_class_name": "Buyer", "host": 7}', "'host' must be text"),
        (b'{"user_class_name": "Buyer", "host": "a\\r\\nb"}', "'host' must be text"),
        (b'{"user_class_name": "Buyer", "tasks": ["run"]}', "'tasks' must be a list with at least one of: buy, look"),
        (b'{"user_class_name": "Buyer", "tasks": []}', "'tasks' must be a list"),
        (b'{"user_class_name": "Buyer", "tasks": [[]]}', "'tasks' must be a list"),
    ],
)
def test_a_refusal_says_why_and_changes_nothing(ui: WebUI, client: Any, body: bytes, words: str) -> None:
    before = json.dumps(ui.environment.available_user_classes["Buyer"].json())
    answer = client.post("/user", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json["success"] is False
    assert words in answer.json["message"]
    assert json.dumps(ui.environment.available_user_classes["Buyer"].json()) == before


def test_a_form_is_refused(client: Any) -> None:
    answer = client.post("/user", data={"user_class_name": "Buyer"})
    assert (answer.status_code, answer.mimetype) == (400, "application/json")


def test_workers_are_told(ui: WebUI, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    runner = ui.environment.runner
    sent: list[Any] = []
    monkeypatch.setattr(type(runner), "is_master", True)
    monkeypatch.setattr(runner, "send_message", lambda *args: sent.append(args))
    settings = {"user_class_name": "Buyer", "weight": 4}
    assert client.post("/user", json=settings).status_code == 201
    assert sent == [("update_user_class", settings)]
