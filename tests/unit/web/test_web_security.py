"""The protection of people who use the UI in a browser."""

from __future__ import annotations

import re
from typing import Any

import pytest

from locust_rs.web import WebUI
from web_case.fixtures import MakeUI

OWN = "http://localhost"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": OWN},
        {"Origin": OWN, "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://locust.example", "Host": "locust.example"},
        {"Origin": "https://locust.example", "Host": "locust.example:443"},
        {"Origin": "https://locust.example", "X-Forwarded-Host": "locust.example"},
        {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
    ],
    ids=str,
)
@pytest.mark.parametrize("path", ["/stop", "/stats/reset"])
def test_scripts_and_the_own_page_change_state(make_ui: MakeUI, path: str, headers: dict[str, str]) -> None:
    client = make_ui(["--web-allow-host", "locust.example"]).app.test_client()
    assert client.post(path, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:1234"},
        {"Origin": "http://[broken"},
        {"Origin": OWN, "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
@pytest.mark.parametrize("path", ["/swarm", "/stop", "/stats/reset", "/user"])
def test_other_sites_change_nothing(client: Any, path: str, headers: dict[str, str]) -> None:
    answer = client.post(path, headers=headers)
    assert answer.status_code == 403
    assert "a page of another site" in answer.json["message"]


def test_no_answer_allows_other_origins(client: Any) -> None:
    for path in ("/", "/stats/requests", "/stats/updates", "/login", "/nowhere"):
        headers = client.get(path, headers={"Origin": "http://evil.example"}).headers
        assert not [name for name, _ in headers if name.startswith("Access-Control")]


def test_named_origins_may_read_and_steer(make_ui: MakeUI, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = make_ui()
    monkeypatch.setenv("LOCUST_WEB_CORS_ORIGINS", "https://portal.example, https://other.example/")
    client = make_ui().app.test_client()
    for origin in ("https://portal.example", "https://other.example"):
        headers = {"Origin": origin, "Sec-Fetch-Site": "cross-site"}
        answer = client.post("/stop", headers=headers)
        assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, origin)
        preflight = client.options("/user", headers=headers)
        assert preflight.headers["Access-Control-Allow-Headers"] == "Authorization, Content-Type"
    assert client.post("/stop", headers={"Origin": "https://evil.example"}).status_code == 403
    assert fresh.app.test_client().post("/stop", headers={"Origin": "https://portal.example"}).status_code == 403


def test_a_star_lets_every_page_read_and_none_control(make_ui: MakeUI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCUST_WEB_CORS_ORIGINS", "*")
    client = make_ui().app.test_client()
    evil = {"Origin": "https://evil.example"}
    assert client.get("/stats/requests", headers=evil).headers["Access-Control-Allow-Origin"] == "*"
    assert client.post("/stop", headers=evil).status_code == 403


@pytest.mark.parametrize("path", ["/", "/stats/requests", "/stats/updates", "/stats/report", "/nowhere", "/logs"])
def test_every_answer_has_the_headers(client: Any, path: str) -> None:
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"] or path == "/nowhere"


def test_the_page_runs_scripts_with_its_nonce_only(client: Any) -> None:
    pages = [client.get("/") for _ in range(2)]
    nonces = [re.search(r"script-src 'self' 'nonce-([\w-]+)';", p.headers["Content-Security-Policy"])[1] for p in pages]
    assert nonces[0] != nonces[1]
    for page, nonce in zip(pages, nonces, strict=True):
        inline = re.findall(r"<script(?![^>]*src=)([^>]*)>", page.text)
        assert all(f'nonce="{nonce}"' in tag or 'type="application/json"' in tag for tag in inline)


def test_frames_are_for_named_origins_only(make_ui: MakeUI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCUST_WEB_FRAME_ANCESTORS", "https://portal.example")
    client = make_ui().app.test_client()
    for path in ("/", "/stats/report", "/stats/requests"):
        policy = client.get(path).headers["Content-Security-Policy"]
        assert policy.endswith("frame-ancestors https://portal.example"), path


def test_frame_ancestors_must_be_origins(make_ui: MakeUI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCUST_WEB_FRAME_ANCESTORS", "https://a.example; script-src *")
    with pytest.raises(ValueError, match=r"'https://a\.example;' is not an origin"):
        make_ui()


HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\u2028'\""


@pytest.mark.parametrize("path", ["/", "/stats/report"])
def test_hostile_texts_stay_inside_the_data(ui: WebUI, client: Any, path: str) -> None:
    environment = ui.environment
    environment.stats.log_request("GET", HOSTILE, 1, 1)
    environment.stats.log_error(HOSTILE, HOSTILE, HOSTILE)
    environment.runner.log_exception("local", HOSTILE, HOSTILE)
    environment.host = environment.profile = environment.locustfile = HOSTILE
    page = client.get(path).text
    assert "alert(1)" in page
    assert "<script>alert(1)" not in page
    assert "<img src=x" not in page


def test_errors_are_json_and_repeat_no_html(client: Any) -> None:
    answer = client.get("/<script>alert(1)</script>")
    assert (answer.status_code, answer.mimetype) == (404, "application/json")
    assert answer.json["success"] is False
    assert "alert" not in answer.text


def test_a_failing_route_says_where_to_look(ui: WebUI, caplog: pytest.LogCaptureFixture) -> None:
    @ui.app.route("/broken")
    def broken() -> str:
        raise KeyError("s3cr3t")

    answer = ui.app.test_client().get("/broken")
    assert (answer.status_code, answer.json["message"]) == (
        500,
        "KeyError while answering GET /broken. The log of Locust has details.",
    )
    assert "UI got request for GET /broken, but it resulted in a 500: KeyError" in caplog.text


def test_large_bodies_are_refused(client: Any) -> None:
    assert client.post("/user", data=b"x" * 2_000_000).status_code == 413
    assert client.post("/swarm", data={"host": "x" * 2_000_000}).status_code == 413


def test_names_of_downloads_are_harmless(make_ui: MakeUI) -> None:
    ui = make_ui(["--host", 'http://x"/../../etc/passwd\r\nSet-Cookie: a=b;é'])
    ui.environment.locustfile = "../a b\n.py"
    name = ui.app.test_client().get("/stats/requests/csv").headers["Content-Disposition"]
    assert re.fullmatch(r"attachment;filename=Locust_[A-Za-z0-9._-]+_requests\.csv", name)
    assert "a_b_.py_http_x_.._.._etc_passwd_Set-Cookie_a_b" in name


@pytest.mark.parametrize("start", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_csv_cells_are_not_formulas(ui: WebUI, client: Any, start: str) -> None:
    import csv

    ui.environment.stats.log_request("GET", start, 1, 1)
    ui.environment.stats.log_error("GET", start, start)
    ui.environment.runner.log_exception("local", start, "line")
    for path in ("/stats/requests/csv", "/stats/failures/csv", "/exceptions/csv"):
        rows = list(csv.reader(client.get(path).text.splitlines()))
        assert f"'{start}" in rows[1]
        assert start not in rows[1]


def test_csv_of_a_writer_of_ones_own_is_made_harmless(make_ui: MakeUI) -> None:
    from locust_rs.stats import StatsCSV

    class Own(StatsCSV):
        def requests_csv(self, csv_writer: Any) -> None:
            csv_writer.writerow(["Name", "=cmd()"])

    ui = make_ui()
    ui.stats_csv_writer = Own(ui.environment, [0.5])
    assert ui.app.test_client().get("/stats/requests/csv").text == "Name,'=cmd()\r\n"
