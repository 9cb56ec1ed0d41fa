"""The example locustfiles for HTTP, run as they stand by the command, against a server that keeps what it is asked."""

from __future__ import annotations

import json
import re
import runpy
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from gevent.pywsgi import WSGIServer

from polling import GENEROUS_S, until
from real_servers import listens, pick_port

TESTS = Path(__file__).parents[2]
EXAMPLES = TESTS.parent / "examples"
ANSWER = json.dumps({"status": "ok", "id": 7, "pieces": 2, "results": []}).encode()


class Site:
    """Answers every request with the same JSON, except for `/broken`."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.bodies: list[bytes] = []
        self.tokens: set[str | None] = set()
        self._server = WSGIServer(("127.0.0.1", 0), self._answer, log=None, error_log=None)
        self._server.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.stop = self._server.stop

    def _answer(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        self.bodies.append(environ["wsgi.input"].read())
        self.asked[f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"] += 1
        self.tokens.add(environ.get("HTTP_AUTHORIZATION"))
        status = "500 Internal Server Error" if environ["PATH_INFO"] == "/broken" else "200 OK"
        start_response(status, [("Content-Type", "application/json")])
        return [ANSWER]


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    made.stop(timeout=0.1)


def arguments(name: str, site: Site, *more: str) -> list[str]:
    return [
        "-f",
        str(EXAMPLES / name),
        "--headless",
        "-u",
        "10",
        "-r",
        "10",
        "--host",
        site.url,
        "--only-summary",
        *more,
    ]


PAGES = {"GET /", "GET /search"}
JOURNEYS = {
    "quickstart.py": {"POST /login", "GET /hello", "GET /world", "GET /item"},
    "fast_client.py": {"GET /api/status", "POST /api/orders"},
    "rest_orders.py": {"POST /orders", "GET /orders/7", "DELETE /orders/7"},
    "markov_journey.py": {*PAGES, "GET /items/7", "POST /cart"},
    "test_as_pytest.py": PAGES,
    "load_shape.py": {"GET /"},
    "shared_accounts.py": {"POST /login", "GET /inbox"},
    "arriving_visitors.py": PAGES,
    "three_scenarios.py": PAGES | {"GET /item/1"},
    "own_metrics.py": {"POST /orders"},
}


@pytest.mark.parametrize("name", JOURNEYS)
def test_users_ask_for_all_that_the_example_is_about(shell, site: Site, name: str) -> None:
    with shell.started(*arguments(name, site)) as running:
        until(
            lambda: set(site.asked) >= JOURNEYS[name],
            lambda: f"{JOURNEYS[name] - set(site.asked)}\n{running.err}",
            hopeless=lambda: running.process.poll() is not None,
        )
        done = running.end(signal.SIGINT)
    assert set(site.asked) == JOURNEYS[name]
    assert done.code == 0, done.err
    assert "Traceback" not in done.err


def test_options_of_ones_own_decide_what_is_asked(shell, site: Site) -> None:
    options = arguments("custom_arguments.py", site, "--tenant", "bolt", "--region", "us", "-t", "60")
    with shell.started(*options, env={"TOKEN": "secret"}) as running:
        until(lambda: site.asked, lambda: running.err, hopeless=lambda: running.process.poll() is not None)
        done = running.end(signal.SIGINT)
    assert (set(site.asked), site.tokens, done.code) == ({"GET /us/bolt/items"}, {"Bearer secret"}, 0)
    refused = shell.run(*arguments("custom_arguments.py", site, "--region", "mars"))
    assert refused.code == 2
    assert "invalid choice: 'mars'" in refused.err


def test_workers_have_accounts_of_their_own(shell, site: Site) -> None:
    port = str(pick_port())
    nodes = ["--processes", "2", "--master-bind-host", "127.0.0.1", "--master-bind-port", port]
    with shell.started(*arguments("shared_accounts.py", site, *nodes)) as running:
        until(lambda: site.asked["POST /login"] >= 10, lambda: running.err)
        done = running.end(signal.SIGINT)
    logins = [json.loads(body)["username"] for body in site.bodies if body]
    assert len(logins) == len(set(logins)) == 10
    assert done.code == 0, done.err


def test_a_locustfile_adds_a_page_and_gives_the_verdict(shell, site: Site) -> None:
    port = pick_port()
    options = ["-f", str(EXAMPLES / "page_and_verdict.py"), "--host", site.url, "-u", "10", "-r", "10", "--autostart"]
    with shell.started(*options, "--web-host", "127.0.0.1", "--web-port", str(port)) as running:
        until(
            lambda: site.asked["GET /broken"], lambda: running.err, hopeless=lambda: running.process.poll() is not None
        )
        until(
            lambda: set(requests.get(f"http://127.0.0.1:{port}/statuses", timeout=GENEROUS_S).json()) == {"200", "500"},
            "both statuses on the page",
        )
        done = running.end(signal.SIGINT)
    assert done.code == 3, done.err


def test_a_page_asks_for_names_and_passwords_of_ones_own(shell, site: Site) -> None:
    port = pick_port()
    page = f"http://127.0.0.1:{port}"
    options = ["-f", str(EXAMPLES / "web_login.py"), "--web-login", "--web-host", "127.0.0.1", "--web-port", str(port)]
    with shell.started(*options, env={"ADAS_PASSWORD": "secret"}) as running, requests.Session() as browser:
        until(lambda: listens(port), lambda: running.err, hopeless=lambda: running.process.poll() is not None)
        assert browser.get(page, timeout=GENEROUS_S).url.startswith(f"{page}/login")
        for password, place in (("wrong", "/login"), ("secret", "/")):
            form = {"username": "ada", "password": password}
            answer = browser.post(f"{page}/check_login", form, timeout=GENEROUS_S)
            assert (answer.status_code, answer.url) == (200, page + place)
        assert browser.get(f"{page}/stats/requests", timeout=GENEROUS_S).json()["state"] == "ready"
        done = running.end(signal.SIGINT)
    assert done.code == 0, done.err


def test_a_program_runs_a_test_of_its_own(site: Site) -> None:
    call = "import sys, library_use; sys.exit(library_use.run(sys.argv[1], users=3, seconds=2))"
    done = subprocess.run(
        [sys.executable, "-c", call, site.url],
        cwd=EXAMPLES,
        capture_output=True,
        text=True,
        timeout=GENEROUS_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert site.asked["GET /"] >= 1


def test_a_shape_goes_through_its_stages(monkeypatch: pytest.MonkeyPatch) -> None:
    shape = runpy.run_path(str(EXAMPLES / "load_shape.py"))["Stages"]()
    stages = []
    for seconds in (0, 59, 60, 200, 299, 300):
        monkeypatch.setattr(shape, "get_run_time", lambda seconds=seconds: seconds)
        stages.append(shape.tick())
    assert stages == [(10, 1), (10, 1), (100, 10), (300, 50), (20, 50), None]


def test_the_form_of_pytest_runs_under_pytest_too(site: Site, tmp_path: Path) -> None:
    shutil.copy(EXAMPLES / "test_as_pytest.py", tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--host", site.url, "test_as_pytest.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=GENEROUS_S,
        check=False,
    )
    assert "2 passed" in done.stdout, done.stdout + done.stderr
    assert set(site.asked) == PAGES


def test_every_example_is_run_by_a_test() -> None:
    sources = "".join(path.read_text() for path in (TESTS / "integration").rglob("test_*.py"))
    run = set(re.findall(r"(\w+)\.py\"|(?<=import sys, )(\w+);", sources))
    assert {path.stem for path in EXAMPLES.glob("*.py")} - {name for names in run for name in names} == set()
