"""A UI on a loopback address answers to local names alone; any other UI to every name."""

from __future__ import annotations

import json
import socket
import urllib.request
from urllib.error import HTTPError

import pytest

from locust_rs.web import WebUI
from web_case.fixtures import MakeUI

LOCAL = ["localhost", "LOCALHOST:8089", "127.0.0.1:8089", "127.0.0.2", "[::1]:8089", "shop.localhost", "localhost."]
FOREIGN = ["evil.example", "evil.example:8089", "localhost.evil.example", "192.168.1.7", "127.0.0.1.evil.example", "[", ""]


def status(ui: WebUI, host: str, path: str = "/stats/requests") -> int:
    return int(ui.app.test_client().get(path, headers={"Host": host}).status_code)


@pytest.mark.parametrize("host", [*LOCAL, socket.gethostname()])
def test_local_names_are_answered(ui: WebUI, host: str) -> None:
    assert status(ui, host) == 200


@pytest.mark.parametrize("host", FOREIGN)
@pytest.mark.parametrize("path", ["/", "/stats/requests", "/logs", "/assets/x.js", "/of-the-locustfile"])
def test_other_names_are_refused_on_every_route(ui: WebUI, host: str, path: str) -> None:
    ui.app.add_url_rule("/of-the-locustfile", view_func=lambda: "secret")
    assert status(ui, host, path) == 403


@pytest.mark.parametrize("path", ["/swarm", "/stop"])
def test_other_names_change_nothing(ui: WebUI, path: str) -> None:
    answer = ui.app.test_client().post(path, headers={"Host": "evil.example", "Origin": "http://evil.example"})
    assert answer.status_code == 403
    assert "--web-allow-host" in answer.json["message"]


@pytest.mark.parametrize("host", ["Locust.example:443", "other.example"])
def test_an_option_allows_names(make_ui: MakeUI, host: str) -> None:
    ui = make_ui(["--web-allow-host", "locust.example", "OTHER.example"])
    assert status(ui, host) == 200
    assert status(ui, "evil.example") == 403


def test_a_variable_allows_names(make_ui: MakeUI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCUST_WEB_ALLOW_HOST", "locust.example, other.example")
    environment = make_ui().environment
    environment.parsed_options = None
    ui = environment.create_web_ui("127.0.0.1", 0, delayed_start=True)
    assert [status(ui, host) for host in ("locust.example", "other.example", "evil.example")] == [200, 200, 403]


@pytest.mark.parametrize("listens_on", ["", "*", "0.0.0.0", "192.168.1.7"])
def test_a_ui_that_others_can_reach_answers_to_every_name(make_ui: MakeUI, listens_on: str) -> None:
    environment = make_ui().environment
    ui = environment.create_web_ui(listens_on, 0, delayed_start=True)
    assert [status(ui, host) for host in ("evil.example", "localhost")] == [200, 200]


def test_a_listening_ui_refuses_a_foreign_name(ui: WebUI) -> None:
    ui.start()
    assert ui.server is not None
    url = f"http://127.0.0.1:{ui.server.server_port}/stats/requests"
    assert json.load(urllib.request.urlopen(url, timeout=20))["state"] == "ready"
    with pytest.raises(HTTPError, match="403"):
        urllib.request.urlopen(urllib.request.Request(url, headers={"Host": "evil.example"}), timeout=20)
    ui.stop()
