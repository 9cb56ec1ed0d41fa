"""Login: the locustfile's own, the built-in one, and HTTP basic."""

from __future__ import annotations

import re
from typing import Any

import flask_login
import pytest

from locust_rs._tunables import web as tunables
from locust_rs.web import WebUI
from locust_rs.web.credentials import Credentials
from web_case.fixtures import MakeUI

PAGES = ["/", "/stats/report"]
DATA = ["/stats/requests", "/stats/updates", "/stats/history", "/stats/phases", "/stats/intended", "/stats/metrics", "/stats/groups", "/stats/evidence", "/exceptions", "/tasks", "/logs", "/worker-count", "/metrics"]
FILES = ["/stats/requests/csv", "/stats/failures/csv", "/exceptions/csv", "/stats/requests_full_history/csv"]
ACTIONS = ["/swarm", "/stop", "/stats/reset", "/user"]


@pytest.fixture(autouse=True)
def _no_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tunables, "FAILED_LOGIN_DELAY_S", 0)


@pytest.fixture
def credentials(make_ui: MakeUI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCUST_USER_NAME", "anna")
    monkeypatch.setenv("LOCUST_PASSWORD", "geheim→")


@pytest.fixture
def own_login(make_ui: MakeUI) -> WebUI:
    """A UI whose locustfile brings its login, as in the documentation."""
    ui = make_ui(ui={"web_login": True})

    class User(flask_login.UserMixin):
        id = "anna"

    @ui.login_manager.user_loader
    def load(user_id: str) -> Any:
        return User() if user_id == "anna" else None

    ui.app.secret_key = "documented"
    ui.auth_args = {"username_password_callback": "/login_submit", "auth_providers": [{"label": "GitHub"}]}

    @ui.app.route("/login_submit", methods=["POST"])
    def login_submit() -> Any:
        from flask import redirect, request, session, url_for

        if request.form.get("password") == "right":
            flask_login.login_user(User())
            return redirect(url_for("locust.index"))
        session["auth_error"] = "Invalid username or password"
        return redirect(url_for("locust.login"))

    @ui.app.route("/own")
    @ui.auth_required_if_enabled
    def own() -> str:
        return "own"

    return ui


@pytest.mark.parametrize("path", [*PAGES, "/own"])
def test_pages_lead_to_the_login(own_login: WebUI, path: str) -> None:
    answer = own_login.app.test_client().get(path)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/login?next=")


@pytest.mark.parametrize("path", DATA + FILES)
def test_data_needs_a_login(own_login: WebUI, path: str) -> None:
    answer = own_login.app.test_client().get(path)
    assert (answer.status_code, answer.json["success"]) == (401, False)


@pytest.mark.parametrize("path", ACTIONS)
def test_actions_need_a_login(own_login: WebUI, path: str) -> None:
    assert own_login.app.test_client().post(path).status_code == 401


def test_every_route_but_login_and_assets_is_guarded(own_login: WebUI) -> None:
    client = own_login.app.test_client()
    open_routes = []
    for rule in own_login.app.url_map.iter_rules():
        if rule.endpoint == "static" or rule.arguments:
            continue
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            answer = client.open(str(rule), method=method)
            if answer.status_code not in (401,) and "/login?next" not in answer.headers.get("Location", ""):
                open_routes.append(str(rule))
    assert sorted(set(open_routes)) == ["/login", "/login_submit"]


def test_a_locustfiles_login_works_as_documented(own_login: WebUI) -> None:
    client = own_login.app.test_client()
    answer = client.post("/login_submit", data={"password": "wrong"}, follow_redirects=True)
    assert '"error": "Invalid username or password"' in answer.text
    assert '"label": "GitHub"' in answer.text
    assert client.post("/login_submit", data={"password": "right"}, follow_redirects=True).status_code == 200
    assert client.get("/stats/requests").status_code == 200
    assert client.get("/own").text == "own"


def test_the_session_cookie_is_for_the_server_only(own_login: WebUI) -> None:
    cookie = own_login.app.test_client().post("/login_submit", data={"password": "right"}).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_cookies_are_secure_under_tls(make_ui: MakeUI) -> None:
    config = make_ui(ui={"tls_cert": "c.pem", "tls_key": "k.pem"}).app.config
    assert config["SESSION_COOKIE_SECURE"]
    assert config["REMEMBER_COOKIE_SECURE"]


def test_a_login_that_is_not_configured_lets_no_one_in(make_ui: MakeUI, caplog: pytest.LogCaptureFixture) -> None:
    client = make_ui(ui={"web_login": True}).app.test_client()
    answer = client.get("/")
    assert answer.status_code == 200
    assert answer.text.startswith("Locust auth exception: ")
    assert "LOCUST_USER_NAME" in answer.text
    assert "template-args" not in answer.text
    assert client.get("/login").status_code == 200


@pytest.mark.usefixtures("credentials")
def test_the_built_in_login_asks_for_name_and_password(make_ui: MakeUI) -> None:
    client = make_ui(ui={"web_login": True}).app.test_client()
    page = client.get("/login")
    assert '"username_password_callback": "/login"' in page.text
    assert page.headers["Referrer-Policy"] == "same-origin"
    for form in ({}, {"username": "anna", "password": "x"}, {"username": "x", "password": "geheim→"}):
        answer = client.post("/login", data=form, follow_redirects=True)
        assert '"error": "Wrong user name or password"' in answer.text
        assert client.get("/stats/requests").status_code == 401
    answer = client.post("/login", data={"username": "anna", "password": "geheim→"})
    assert answer.headers["Location"] == "/"
    assert client.get("/").status_code == 200
    assert client.get("/stats/requests").status_code == 200


@pytest.mark.usefixtures("credentials")
def test_scripts_pass_the_login_page_by_basic(make_ui: MakeUI) -> None:
    client = make_ui(ui={"web_login": True}).app.test_client()
    assert client.post("/stop", auth=("anna", "geheim→")).status_code == 200
    assert client.post("/stop", auth=("anna", "wrong")).status_code == 401


@pytest.mark.usefixtures("credentials")
@pytest.mark.parametrize("path", ["/", "/stats/requests", "/login", "/assets/x.js", "/own"])
def test_basic_protects_everything(make_ui: MakeUI, path: str) -> None:
    ui = make_ui()
    ui.app.route("/own")(lambda: "own")
    client = ui.app.test_client()
    answer = client.get(path)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="Locust", charset="UTF-8"'
    assert client.get(path, auth=("anna", "wrong")).status_code == 401
    assert client.get(path, auth=("anna", "geheim→")).status_code in (200, 302, 404)


@pytest.mark.parametrize(
    ("given", "missing"), [("LOCUST_USER_NAME", "LOCUST_PASSWORD"), ("LOCUST_PASSWORD", "LOCUST_USER_NAME")]
)
def test_half_a_login_is_named(
    make_ui: MakeUI, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, given: str, missing: str
) -> None:
    monkeypatch.setenv(given, "value")
    assert make_ui().app.test_client().get("/").status_code == 200
    assert f"{given} is set without {missing}" in caplog.text
    assert "value" not in caplog.text


def test_credentials_never_show_the_password() -> None:
    assert re.search("geheim", repr(Credentials("anna", "geheim"))) is None


def test_a_login_leads_nowhere_else(own_login: WebUI) -> None:
    answer = own_login.app.test_client().get("/login?next=https://evil.example/")
    assert "evil.example" not in answer.text
