"""Every complete listing of Locust's documentation of 0.7 and its time runs as it stands, and once it is upgraded.

The files in `era_examples/` are the listings, indentation and lines that the page cut off restored, and Python 2's
`print` and module names written as Python 3's. What a listing leaves out ("put this into a task") is added around it
here, and nothing inside it is changed but ports. Each one is run by the command of its time, rewritten by
`locust-rs upgrade`, and run again by today's: the server sees the same requests.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import textwrap
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gevent
import pytest
from click.testing import CliRunner
from gevent.pywsgi import WSGIServer

from locust_rs.cli.commands import main

EXAMPLES = Path(__file__).parent / "era_examples"

OLD = "from locust import HttpLocust, Locust, TaskSet, task\n\n"
ONE_REQUEST = """
from locust import HttpLocust as _HttpLocust, TaskSet as _TaskSet, task as _task

class _Asking(_TaskSet):
    @_task
    def ask(self):
        self.client.get("/about")

class Visitor(_HttpLocust):
    task_set = _Asking
"""


ENDING = """
import os
import gevent
from locust import events

seen = 0

@events.init.add_listener
def end_after_so_many_requests(environment, **kwargs):
    @environment.events.request.add_listener
    def count(**kwargs):
        global seen
        seen += 1
        if seen == int(os.environ["ENDS_AFTER"]):
            gevent.spawn(environment.runner.quit)
"""
"""What `-n` was, for the command of today."""


class Site:
    """A real web server that keeps what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str]] = []
        self.encodings: set[str | None] = set()
        self.server = WSGIServer(("127.0.0.1", 0), self.answer, log=None, error_log=None)
        self.server.start()
        self.port: int = self.server.server_port
        self.url = f"http://127.0.0.1:{self.port}"

    def answer(self, environ: Any, start_response: Any) -> list[bytes]:
        path = environ["PATH_INFO"]
        self.asked.append((environ["REQUEST_METHOD"], path, environ["wsgi.input"].read().decode()))
        self.encodings.add(environ.get("HTTP_ACCEPT_ENCODING"))
        start_response("404 Not Found" if path.startswith("/does") else "200 OK", [])
        return [b"hello"]


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.server.stop(timeout=0.1)


@dataclass
class Outcome:
    """What came of a run."""

    printed: str
    log: str
    asked: set[tuple[str, str, str]]
    names: dict[str, int]
    """Failures by the name in the statistics."""

    @property
    def warnings(self) -> set[str]:
        return {
            line.split("OldFormWarning: ")[1].split(": today's form is ")[0]
            for line in self.log.splitlines()
            if "OldFormWarning: " in line
        }


def listing(name: str) -> str:
    return (EXAMPLES / f"{name}.py").read_text()


def in_task(name: str) -> str:
    """A locustfile of the time with the listing as the body of a task."""
    body = textwrap.indent(f"client = self.client\n{listing(name)}", " " * 8)
    return (
        f"{OLD}class Tasks(TaskSet):\n    @task\n    def example(self):\n{body}\n"
        "class Visitor(HttpLocust):\n    task_set = Tasks\n"
    )


def locust(folder: Path, site: Site | None, *arguments: str, environment: dict[str, str] | None = None) -> Outcome:
    if site is not None:
        site.asked.clear()
        arguments = (*arguments, "-H", site.url)
    done = subprocess.run(
        [sys.executable, "-u", "-m", "locust", *arguments, "--csv", "run", "--exit-code-on-error", "0"],
        capture_output=True,
        text=True,
        cwd=folder,
        timeout=100,
        env={**os.environ, **(environment or {})},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    stats = folder / "run_stats.csv"
    names = {}
    if stats.exists():
        rows = list(csv.DictReader(stats.read_text().splitlines()))
        names = {f"{row['Type']} {row['Name']}": int(row["Failure Count"]) for row in rows if row["Type"]}
        stats.unlink()
    return Outcome(done.stdout, done.stderr, set(site.asked) if site else set(), names)


def upgrade(folder: Path) -> None:
    done = CliRunner().invoke(main, ["upgrade", "--write", str(folder / "locustfile.py")])
    assert done.exit_code == 0, done.output
    assert "by hand" not in done.output, done.output


def run_both(
    folder: Path, text: str, site: Site | None, *, clients: int = 30, requests: int = 60, seconds: int = 2
) -> tuple[Outcome, Outcome]:
    """Runs a file by the command of its time and, upgraded, by today's: until so many requests, or for so long."""
    (folder / "locustfile.py").write_text(text)
    end = ("-n", str(requests)) if requests else ("-t", f"{seconds}s")
    old = locust(folder, site, "--no-web", "-c", str(clients), "--hatch-rate", str(clients), *end, "--only-summary")
    upgrade(folder)
    (folder / "ending.py").write_text(ENDING)
    load = ("--headless", "-u", str(clients), "-r", str(clients), "-t", "60s" if requests else f"{seconds}s")
    files = ("-f", "locustfile.py,ending.py") if requests else ()
    today = locust(folder, site, *files, *load, environment={"ENDS_AFTER": str(requests)})
    assert today.warnings == set(), (folder / "locustfile.py").read_text()
    assert "Traceback" not in old.log + today.log, old.log + today.log
    return old, today


LOGIN = ("POST", "/login", "username=ellen_key&password=education")
POSTED = ("POST", "/login", "username=testuser&password=secret")

REQUESTS = [
    ("quickstart_functions", listing, {LOGIN, ("GET", "/", ""), ("GET", "/profile", "")}, {}),
    ("quickstart_decorator", listing, {LOGIN, ("GET", "/", ""), ("GET", "/profile", "")}, {}),
    ("http_requests", listing, {("GET", "/", ""), ("GET", "/about/", "")}, {"requests": 30}),
    ("http_get", in_task, {("GET", "/about", "")}, {}),
    ("http_post", in_task, {POSTED}, {}),
    ("http_failure", in_task, {("GET", "/", "")}, {}),
    ("http_success", in_task, {("GET", "/does_not_exist/", "")}, {}),
    ("http_grouping", in_task, {("GET", "/blog", "")}, {}),
    ("api_response_failure", in_task, {("GET", "/", "")}, {}),
    ("api_response_success", in_task, {("GET", "/does/not/exist", "")}, {}),
    (
        "changelog_task_sets",
        # In 0.6 Locust itself had a client.
        lambda name: "from locust import HttpLocust as Locust, TaskSet, task\n" + listing(name),
        {("GET", "/", ""), ("GET", "/about/team/", ""), ("GET", "/about/press/", "")},
        {"clients": 300, "requests": 300},
    ),
]


@pytest.mark.parametrize(("name", "text_of", "asked", "how"), REQUESTS, ids=[row[0] for row in REQUESTS])
def test_listing_makes_the_same_requests_once_it_is_upgraded(
    tmp_path: Path, site: Site, name: str, text_of: Any, asked: set[tuple[str, str, str]], how: dict[str, int]
) -> None:
    old, today = run_both(tmp_path, text_of(name), site, **how)
    assert old.asked == today.asked == asked
    assert old.names.keys() == today.names.keys()
    assert {"HttpLocust", "task_set", "--no-web", "-c", "--hatch-rate", "-n"} <= old.warnings
    all_fail = name == "http_failure"
    assert all(bool(failures) is all_fail for failures in (*old.names.values(), *today.names.values()))


@pytest.mark.parametrize(
    ("name", "before", "printed"),
    [
        ("extending_listener", "", "Successfully fetched: /about"),
        ("changelog_listener", "import locust\n", "Got request!"),
    ],
)
def test_listener_hears_of_successes(tmp_path: Path, site: Site, name: str, before: str, printed: str) -> None:
    old, today = run_both(tmp_path, before + listing(name) + ONE_REQUEST, site, clients=2, requests=2)
    assert set(old.printed.splitlines()) == set(today.printed.splitlines()) == {printed}
    assert {"events.request_success", "event += handler"} <= old.warnings


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("writing_waits", "executing my_task"),
        ("writing_task_decorator", "Locust instance (<locustfile.MyLocust object at"),
    ],
)
def test_listing_that_prints(tmp_path: Path, name: str, printed: str) -> None:
    for outcome in run_both(tmp_path, listing(name), None, clients=1, requests=0, seconds=1):
        assert outcome.printed.startswith(printed)


NESTED = f"{OLD}def write_post(l): ...\nclass ThreadPage(TaskSet):\n    tasks = [write_post]\n"


@pytest.mark.parametrize(
    ("name", "before", "task_set", "tasks"),
    [
        ("writing_task_weights", "", None, {"task1": 1 / 3, "task2": 2 / 3}),
        ("writing_tasks_attribute", "", None, {"my_task": 1}),
        ("writing_nested", OLD, "UserBehaviour", {"ForumPage": 10 / 11, "index": 1 / 11}),
        ("writing_nested_inline", OLD, "MyTaskSet", {"SubTaskSet": 1}),
        ("api_tasks_dict", NESTED, "ForumPage", {"ThreadPage": 15 / 16, "write_post": 1 / 16}),
        ("api_task", OLD, "ForumPage", {"read_thread": 100 / 107, "create_thread": 7 / 107}),
    ],
)
def test_tasks_keep_their_ratio(
    tmp_path: Path, name: str, before: str, task_set: str | None, tasks: dict[str, float]
) -> None:
    user = f"\nclass MyLocust(Locust):\n    task_set = {task_set}\n" if task_set else ""
    (tmp_path / "locustfile.py").write_text(before + listing(name) + user)
    old = locust(tmp_path, None, "--show-task-ratio-json").printed
    upgrade(tmp_path)
    assert json.loads(locust(tmp_path, None, "--show-task-ratio-json").printed) == json.loads(old)
    (ratio,) = json.loads(old)["per_class"]["MyLocust"]["tasks"].values()
    assert {name: node["ratio"] for name, node in ratio["tasks"].items()} == pytest.approx(tasks)


def test_weights_keep_their_ratio(tmp_path: Path) -> None:
    text = OLD + listing("writing_weight") + "\nclass Other(Locust):\n    task_set = TaskSet\n"
    text = text.replace("    ...", "    task_set = TaskSet")
    (tmp_path / "locustfile.py").write_text(text)
    old = json.loads(locust(tmp_path, None, "--show-task-ratio-json").printed)["per_class"]
    upgrade(tmp_path)
    assert json.loads(locust(tmp_path, None, "--show-task-ratio-json").printed)["per_class"] == old
    assert {name: node["ratio"] for name, node in old.items()} == pytest.approx(
        {"WebUserLocust": 3 / 14, "MobileUserLocust": 1 / 14, "Other": 10 / 14}
    )


def test_headers_of_a_user(tmp_path: Path, site: Site) -> None:
    text = f"{ONE_REQUEST}    abstract = True\n\nLocust = Visitor\n"
    run_both(tmp_path, text + listing("changelog_headers"), site, clients=1, requests=1)
    assert site.encodings == {""}


def test_proxy_of_a_user(tmp_path: Path, site: Site) -> None:
    body = textwrap.indent(listing("jmeter_proxy"), " " * 4).replace(":8888", f":{site.port}")
    text = "from locust import HttpUser, constant, task\n\nclass Visitor(HttpUser):\n    wait_time = constant(1)\n"
    text += f'    host = "http://nowhere.invalid"\n{body}\n'
    text += '    @task\n    def ask(self):\n        self.client.get("/seen")\n'
    (tmp_path / "locustfile.py").write_text(text)
    outcome = locust(tmp_path, None, "--headless", "-u", "1", "-t", "2s")
    assert outcome.names == {"GET /seen": 0}
    assert {(method, path.removeprefix("http://nowhere.invalid")) for method, path, _ in site.asked} == {
        ("GET", "/seen")
    }


def test_event_hook_of_ones_own(tmp_path: Path, site: Site) -> None:
    text = "import locust.event\nfrom locust import HttpUser, constant, task\n" + listing("jmeter_event_hook")
    old, today = run_both(tmp_path, text, site, clients=1, requests=1)
    assert old.asked == today.asked == {("GET", "/", "")}
    assert old.printed.startswith("Event was fired with arguments: /, <Response [200]>")
    assert old.printed.splitlines()[0] == today.printed.splitlines()[0]
    assert old.warnings >= {"event.fire with positional arguments"}


def test_event_hook_with_operators(tmp_path: Path) -> None:
    text = "from locust.events import EventHook\n" + listing("api_event_hook") + OLD
    text += "class Silent(Locust):\n    task_set = TaskSet\n"
    (tmp_path / "locustfile.py").write_text(text)
    old = locust(tmp_path, None, "--list")
    upgrade(tmp_path)
    today = locust(tmp_path, None, "--list")
    assert old.printed == today.printed == "Event was fired with arguments: foo, bar\nAvailable Users:\n    Silent\n"
    assert (len(old.warnings), today.warnings) == (4, set())


def test_custom_client_that_fires_both_events(tmp_path: Path) -> None:
    text = "import random\nimport time\nfrom locust import User, constant, task\nrandom.randint = lambda low, high: 0\n"
    old, today = run_both(tmp_path, text + listing("jmeter_protocol"), None, requests=90)
    assert old.names.keys() == today.names.keys() == {"WidgetMaker make_widget"}
    assert old.names["WidgetMaker make_widget"] > 0
    assert today.names["WidgetMaker make_widget"] > 0
    assert {"events.request_success", "events.request_failure"} <= old.warnings


def test_xml_rpc_client_against_its_server(tmp_path: Path, free_port: int) -> None:
    port = str(free_port)
    hurry = "import random\nrandom.random = lambda: 0\n"
    (tmp_path / "server.py").write_text(hurry + listing("xmlrpc_server").replace("8877", port))
    with subprocess.Popen(
        [sys.executable, "-u", "server.py"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        assert server.stdout is not None
        assert server.stdout.readline().startswith("Listening on port")
        text = listing("xmlrpc_client").replace("8877", port)
        try:
            # No more users than the server lets wait for a connection.
            old, today = run_both(tmp_path, text, None, clients=5, requests=40)
        finally:
            server.kill()
    assert old.names == today.names == {"xmlrpc get_time": 0, "xmlrpc get_random_number": 0}


def test_rows_are_read_round_and_round(tmp_path: Path) -> None:
    names: dict[str, Any] = {}
    exec(listing("jmeter_csv_reader"), names)
    (tmp_path / "rows.csv").write_text("a,1\nb,2\n")
    with (tmp_path / "rows.csv").open() as rows:
        reader = names["CSVReader"](rows)
        assert [next(reader) for _ in range(3)] == [["a", "1"], ["b", "2"], ["a", "1"]]


def test_route_of_the_web_ui(tmp_path: Path, site: Site, free_port: int) -> None:
    (tmp_path / "locustfile.py").write_text(listing("extending_route") + ONE_REQUEST)
    pages = []
    for upgraded in (False, True):
        if upgraded:
            upgrade(tmp_path)
        command = [sys.executable, "-m", "locust", "--web-host", "127.0.0.1", "-P", str(free_port), "-H", site.url]
        with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as running:
            try:
                pages.append(page(free_port, running))
            finally:
                running.terminate()
            log = running.communicate(timeout=30)[1]
        assert ("web.app: today's form is" in log) is not upgraded
    assert pages == ["Another page"] * 2


def page(port: int, running: subprocess.Popen[str]) -> str:
    """The added page, once the web UI is there."""
    with gevent.Timeout(30):
        while running.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/added_page", timeout=5) as answer:
                    return str(answer.read().decode())
            except urllib.error.URLError:
                gevent.sleep(0.05)
    raise AssertionError("the web UI ended")


def test_a_master_and_its_slave(tmp_path: Path, site: Site, free_port: int) -> None:
    report = (
        "\nfrom locust import events\nevents.slave_report += lambda client_id, data: print('report', 'stats' in data)\n"
    )
    (tmp_path / "locustfile.py").write_text(listing("quickstart_functions") + report)
    port = str(free_port)
    locust_command = [sys.executable, "-u", "-m", "locust"]
    master_arguments = ["--master", "--master-bind-host=127.0.0.1", f"--master-bind-port={port}", "--expect-slaves=1"]
    load = ["--no-web", "-c", "20", "-r", "20", "-n", "40", "-H", site.url, "--only-summary"]
    with (
        subprocess.Popen(
            [*locust_command, *master_arguments, *load],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as master,
        subprocess.Popen(
            [*locust_command, "--slave", "--master-host=127.0.0.1", f"--master-port={port}"],
            cwd=tmp_path,
            stderr=subprocess.PIPE,
            text=True,
        ) as slave,
    ):
        try:
            printed, log = master.communicate(timeout=100)
            of_the_slave = slave.communicate(timeout=30)[1]
        finally:
            master.kill()
            slave.kill()
    assert (master.returncode, slave.returncode) == (0, 0), log + of_the_slave
    assert "report True" in printed
    assert "--expect-slaves: today's form is --expect-workers" in log
    assert "--slave: today's form is --worker" in of_the_slave
    assert len(site.asked) >= 40
