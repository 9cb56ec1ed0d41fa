"""Every Python example of Locust's documentation that is about scenarios, events, clients and environments.

The files in `spec_examples/` are the examples of the documentation, with their indentation restored. Code that an
example omits ("put this into a task") is added around it here, and nothing inside it is changed. Each one runs in a
process of its own, against real servers of this test, to which the names of other machines are redirected.
"""

from __future__ import annotations

import json
import ssl
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import trustme
from gevent.pywsgi import WSGIServer

HERE = Path(__file__).parent
EXAMPLES = HERE / "spec_examples"

USER = "from locust import HttpUser, task, events\n\nclass MyUser(HttpUser):\n"
FAST_USER = USER.replace("HttpUser", "FastHttpUser")
STOP = "\nfrom locust.exception import StopUser\n"
NO_HTTP = """
from locust import User as _User, task as _task

class Silent(_User):
    @_task
    def nothing(self):
        pass
"""


def inside_task(text: str, base: str = USER) -> str:
    """A locustfile with the example as the body of a task."""
    return f"{base}    @task\n    def example(self):\n{textwrap.indent(text, ' ' * 8)}"


def inside_class(text: str, base: str = USER) -> str:
    """A locustfile with the example in the body of a User class."""
    return f"{base}{textwrap.indent(text, ' ' * 4)}"


class Site:
    """A real web server that records requests and sends prepared answers."""

    def __init__(self, tls_certificate: tuple[str, str] | None = None) -> None:
        self.asked: list[str] = []
        self.bodies: list[bytes] = []
        self.connections: set[int] = set()
        self.body = json.dumps(
            {"greeting": "hello", "bar": 42, "name": "renamed", "requestId": "r1", "about": "Locust"}
        ).encode()
        context = None
        if tls_certificate:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(*tls_certificate)
        options = {"ssl_context": context} if context else {}
        self.server = WSGIServer(("127.0.0.1", 0), self.answer, log=None, error_log=None, **options)
        self.server.start()
        self.port: int = self.server.server_port

    def answer(self, environ: Any, start_response: Any) -> list[bytes]:
        path = environ["PATH_INFO"]
        self.asked.append(f"{environ['REQUEST_METHOD']} {path}")
        self.bodies.append(environ["wsgi.input"].read())
        self.connections.add(int(environ["REMOTE_PORT"]))
        status = "404 Not Found" if path.startswith("/does") else "200 OK"
        start_response(status, [("Content-Type", "application/json"), ("Set-Cookie", "a=b")])
        return [self.body]


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.server.stop(timeout=0.1)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, tuple[str, str]]:
    """Files: the certificates to trust, and a certificate and key for the hosts of the examples."""
    folder = tmp_path_factory.mktemp("tls")
    ca = trustme.CA()
    certificate = ca.issue_cert("www.locust.io", "docs.locust.io", "localhost")
    ca.cert_pem.write_to_path(str(folder / "ca.pem"))
    certificate.private_key_pem.write_to_path(str(folder / "key.pem"))
    for blob in certificate.cert_chain_pems:
        blob.write_to_path(str(folder / "cert.pem"), append=True)
    return str(folder / "ca.pem"), (str(folder / "cert.pem"), str(folder / "key.pem"))


@pytest.fixture
def secure_site(authority: tuple[str, tuple[str, str]]) -> Iterator[Site]:
    site = Site(authority[1])
    yield site
    site.server.stop(timeout=0.1)


@dataclass
class Outcome:
    """The result of a run."""

    printed: str
    log: str
    result: dict[str, Any] = field(default_factory=dict)

    @property
    def requests(self) -> dict[str, int]:
        return self.result["requests"]  # type: ignore[no-any-return]


def example(name: str) -> str:
    return (EXAMPLES / f"{name}.py").read_text()


def run(folder: Path, text: str, **config: Any) -> Outcome:
    """Runs a file with this text in a folder of its own."""
    path = folder / config.pop("file_name", "locustfile.py")
    path.write_text(text)
    if config.get("script") is None:
        config.setdefault("names", [])
    environment = config.pop("environment", {})
    done = subprocess.run(
        [sys.executable, "-u", HERE / "example_driver.py", json.dumps({"path": str(path), **config})],
        capture_output=True,
        text=True,
        cwd=folder,
        timeout=120,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(folder), **environment},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    if config.get("script"):
        return Outcome(done.stdout, done.stderr)
    *printed, last = done.stdout.strip("\n").split("\n")
    outcome = Outcome("\n".join(printed), done.stderr, json.loads(last))
    missing = set(config["names"]) - set(outcome.requests)
    assert not missing, f"{missing} were not requested\n{outcome.result}\n{done.stdout}\n{done.stderr}"
    return outcome


HTTP_EXAMPLES = [
    ("quickstart_first_test", "", {"GET /hello", "GET /world"}),
    ("locustfile_quickstart_user", "", {"POST /login", "GET /hello", "GET /world", "GET /item"}),
    ("locustfile_http_user", "", {"GET /", "GET /about/"}),
    ("locustfile_client", "task", {"POST /login", "GET /my-profile"}),
    ("locustfile_group_by_name", "task", {"GET /blog?id=[id]"}),
    ("locustfile_group_by_request_name", "task", {"GET /blog?id=[id]"}),
    ("locustfile_rename_request", "class", {"GET /blog?id=[id]", "GET /article?id=[id]"}),
    ("locustfile_request_meta", "task", {"GET renamed"}),
    ("locustfile_connection_close", "task", {"GET /", "GET /new_connection_here"}),
    ("locustfile_session_close", "task", {"GET /", "GET /new_connection_here"}),
    ("locustfile_rest_by_hand", "task", {"POST /"}),
    ("locustfile_validate_success", "task", {"GET /does_not_exist/"}),
    ("api_response_failure", "task", {"GET /"}),
    ("api_response_success", "task", {"GET /does/not/exist"}),
    ("events_response_context", "task", {"GET /"}),
    ("performance_fast_http_user", "", {"GET /"}),
    ("performance_rest", "", {"POST /"}),
    ("performance_concurrency", "gevent fast class", {"GET /url1", "GET /url2", "GET /url3"}),
    ("performance_connection_handling", "fast class", {"GET /"}),
]


@pytest.mark.parametrize(("name", "place", "names"), HTTP_EXAMPLES, ids=[row[0] for row in HTTP_EXAMPLES])
def test_http_example(tmp_path: Path, site: Site, name: str, place: str, names: set[str]) -> None:
    text = example(name)
    base = FAST_USER if "fast" in place else USER
    if "gevent" in place:
        base = f"import gevent.pool\n{base}"
    if "task" in place:
        text = inside_task(text, base)
    elif "class" in place:
        text = inside_class(text, base)
    outcome = run(tmp_path, text, host=f"http://127.0.0.1:{site.port}", names=sorted(names), users=20)
    assert set(outcome.requests) == names
    assert outcome.result["failures"] == {}
    assert outcome.result["exceptions"] == []
    assert len(site.asked) >= sum(outcome.requests.values())


@pytest.mark.parametrize(
    ("name", "body", "request_name", "failure"),
    [
        ("locustfile_validate_failure", b"Success", "GET /", None),
        ("locustfile_validate_failure", b"Failure", "GET /", "Got wrong response"),
        ("locustfile_rest_by_hand", b"{}", "POST /", "Response did not contain expected key 'greeting'"),
        ("locustfile_rest_by_hand", b"<html>", "POST /", "Response could not be decoded as JSON"),
        (
            "locustfile_rest_by_hand",
            b'{"greeting": "bye"}',
            "POST /",
            "Did not get expected value in greeting",
        ),
        ("performance_rest", b"{}", "POST /", "'bar' missing from response {}"),
        ("performance_rest", b'{"bar": 1}', "POST /", "'bar' had an unexpected value: 1"),
        ("performance_rest", b"no", "POST /", "Could not parse response as JSON. no, response code 200, error "),
        ("api_response_failure", b"", "GET /", "No data"),
    ],
)
def test_validation(tmp_path: Path, site: Site, name: str, body: bytes, request_name: str, failure: str | None) -> None:
    site.body = body
    text = example(name)
    text = text if "class " in text else inside_task(text)
    outcome = run(tmp_path, text, host=f"http://127.0.0.1:{site.port}", names=[request_name], users=1)
    if failure is None:
        assert outcome.result["failures"] == {}
    else:
        assert failure in outcome.result["failures"][request_name]


def test_a_request_can_be_left_out(tmp_path: Path, site: Site) -> None:
    body = textwrap.indent(example("locustfile_validate_reschedule"), " " * 4)
    text = inside_task(f"try:\n{body}\nfinally:\n    print('asked')\n")
    outcome = run(tmp_path, text, host=f"http://127.0.0.1:{site.port}", users=1, printed=["asked"], linger=0.3)
    assert "GET /does_not_exist/" in site.asked
    assert outcome.requests == {}
    assert outcome.result["exceptions"] == []


def test_a_pool_manager_is_shared(tmp_path: Path, site: Site) -> None:
    text = example("locustfile_pool_manager") + (
        "\n    @__import__('locust').task\n    def get(self):\n        self.client.get('/')\n"
    )
    run(tmp_path, text, host=f"http://127.0.0.1:{site.port}", names=["GET /"], users=30, linger=0.5)
    assert len(site.connections) <= 10


def test_a_client_pool_is_shared(tmp_path: Path, site: Site) -> None:
    text = (
        "from locust import FastHttpUser, task\n"
        + example("performance_client_pool")
        + "\n    @task\n    def get(self):\n        self.client.get('/')\n"
    )
    run(tmp_path, text, host=f"http://127.0.0.1:{site.port}", names=["GET /"], users=30, linger=0.5)
    assert len(site.connections) <= 5


@pytest.mark.parametrize(
    ("name", "text", "printed"),
    [
        ("locustfile_wait_time", "{}", "executing my_task"),
        ("locustfile_task_decorator", "{}", "MyUser object at 0x"),
    ],
)
def test_tasks_that_print(tmp_path: Path, name: str, text: str, printed: str) -> None:
    outcome = run(tmp_path, text.format(example(name)), users=1, printed=[printed])
    assert printed in outcome.printed


@pytest.mark.parametrize(
    ("name", "before", "tasks"),
    [
        ("locustfile_task_weights", "", {"MyUser": ["task1"] * 3 + ["task2"] * 6}),
        ("locustfile_tasks_attribute", "", {"MyUser": ["my_task"]}),
        ("locustfile_tag", "", {"MyUser": ["task1", "task2", "task3", "task4"]}),
        ("locustfile_weight", "from locust import User\n", {"WebUser": [], "MobileUser": []}),
        (
            "locustfile_fixed_count",
            "from locust import User, constant, task\n",
            {"AdminUser": ["restart_app"], "WebUser": []},
        ),
        ("locustfile_own_wait_time", "from locust import User\n", {"MyUser": []}),
        ("api_user_wait_time", "", {"MyUser": []}),
        ("api_between", "from locust import User, between\n", {"MyUser": []}),
        ("api_constant", "from locust import User, constant\n", {"MyUser": []}),
        (
            "api_constant_pacing",
            "import random, time\nfrom locust import User, constant_pacing, task\n",
            {"MyUser": ["my_task"]},
        ),
        (
            "api_constant_throughput",
            "import random, time\nfrom locust import User, constant_throughput, task\n",
            {"MyUser": ["my_task"]},
        ),
        ("locustfile_two_tasks", "class", {"MyUser": ["hello_world"] + ["view_items"] * 3}),
    ],
)
def test_tasks_of_a_class(tmp_path: Path, name: str, before: str, tasks: dict[str, list[str]]) -> None:
    text = example(name)
    text = inside_class(text, USER.replace("HttpUser", "User")) if before == "class" else before + text
    outcome = run(tmp_path, text, users=0)
    assert outcome.result["tasks"] == tasks


@pytest.mark.parametrize(
    ("arguments", "tasks"),
    [
        (["--tags", "tag1"], ["task1", "task2"]),
        (["--tags", "tag2", "tag3"], ["task2", "task3"]),
        (["--exclude-tags", "tag3"], ["task1", "task2", "task4"]),
    ],
    ids=lambda value: " ".join(value),
)
def test_tags(tmp_path: Path, arguments: list[str], tasks: list[str]) -> None:
    outcome = run(tmp_path, example("locustfile_tag"), arguments=arguments, users=1)
    assert outcome.result["tasks"] == {"MyUser": tasks}


def test_tasks_dict_is_expanded_to_the_documented_list() -> None:
    from locust import User

    def my_task() -> None: ...

    def another_task() -> None: ...

    names = {"my_task": my_task, "another_task": another_task}
    given = eval(example("locustfile_tasks_dict"), names)
    expected = eval(example("locustfile_tasks_expanded"), names)
    assert type("MyUser", (User,), {"tasks": given}).tasks == expected


def test_own_wait_time_grows() -> None:
    names: dict[str, Any] = {}
    exec("from locust import User\n" + example("locustfile_own_wait_time"), names)
    user = names["MyUser"](None)
    assert [user.wait_time() for _ in range(3)] == [1, 2, 3]


@pytest.mark.parametrize("name", ["api_task", "api_tag", "api_tasks_dict", "api_task_set_wait_time"])
def test_task_sets(name: str) -> None:
    names: dict[str, Any] = {}
    exec("from locust import TaskSet, task, tag\nclass ThreadPage(TaskSet): ...\ndef write_post(l): ...\n", names)
    exec(example(name), names)
    page = names.get("ForumPage") or names["Tasks"]
    counts = {task.__name__: page.tasks.count(task) for task in page.tasks}
    assert (
        counts
        == {
            "api_task": {"read_thread": 100, "create_thread": 7, "ForumThread": 25},
            "api_tag": {"read_thread": 100, "create_thread": 7, "comment": 11},
            "api_tasks_dict": {"ThreadPage": 15, "write_post": 1},
            "api_task_set_wait_time": {},
        }[name]
    )


def test_quitting_the_runner_from_a_task(tmp_path: Path) -> None:
    text = inside_task(example("locustfile_quit_runner"), USER.replace("HttpUser", "User"))
    outcome = run(tmp_path, text, users=1, state="stopped")
    assert outcome.result["state"] == "stopped"


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("locustfile_test_start", ["A new test is starting", "A new test is ending"]),
        ("locustfile_init", ["I'm on a worker or standalone node"]),
        ("events_runner_type", ["Beginning test setup", "Cleaning up test data"]),
        (
            "distributed_messages",
            ["User User1 received", "User User2 received", "User User3 received", "Thanks for the 3 users!"],
        ),
    ],
)
def test_events_that_print(tmp_path: Path, name: str, printed: list[str]) -> None:
    outcome = run(tmp_path, example(name) + NO_HTTP, users=1)
    assert [line for line in outcome.printed.splitlines() if line] == printed


def test_a_concurrent_message(tmp_path: Path) -> None:
    registered = example("distributed_concurrent_message")
    text = (
        "from locust import events\n"
        "def setup_test_users(environment, msg, **kwargs):\n    print('got', msg.data)\n"
        "@events.init.add_listener\ndef init(environment, **kwargs):\n"
        f"{textwrap.indent(registered, '    ')}\n"
        "@events.test_start.add_listener\ndef start(environment, **kwargs):\n"
        "    environment.runner.send_message('test_users', 5)\n"
    )
    assert run(tmp_path, text + NO_HTTP, users=1, printed=["got 5"]).printed.strip() == "got 5"


@pytest.mark.parametrize(
    ("name", "names", "printed"),
    [
        ("events_request_context", {"POST /login", "GET /other_request"}, "foo"),
        ("events_user_context", {"POST /login"}, "foo"),
    ],
)
def test_contexts(tmp_path: Path, site: Site, name: str, names: set[str], printed: str) -> None:
    text = "from locust import HttpUser, events, task\n" + example(name)
    outcome = run(tmp_path, text, host=f"http://127.0.0.1:{site.port}", names=sorted(names), users=1)
    assert set(outcome.printed.split()) == {printed}
    assert "Uncaught exception" not in outcome.log


def test_request_handler(tmp_path: Path, site: Site) -> None:
    text = inside_task("self.client.get('/ok')\nself.client.get('/does/not')\n") + example("events_request_handler")
    outcome = run(tmp_path, text, host=f"http://127.0.0.1:{site.port}", names=["GET /ok", "GET /does/not"], users=1)
    assert "Successfully made a request to: /ok" in outcome.printed
    assert '"greeting": "hello"' in outcome.printed
    assert "Request to /does/not failed with exception 404 Client Error" in outcome.printed
    assert "Uncaught exception" not in outcome.log


def test_measure(tmp_path: Path) -> None:
    text = inside_task(example("api_measure").rstrip() + "\n    pass\n", USER.replace("HttpUser", "User"))
    assert run(tmp_path, text, names=["requestType requestName"], users=1).result["failures"] == {}


def test_event_hook(capsys: pytest.CaptureFixture[str]) -> None:
    from locust.event import EventHook

    exec(example("api_event_hook"), {"EventHook": EventHook})
    assert capsys.readouterr().out == "Event was fired with arguments: foo, bar\n"


@pytest.mark.parametrize(("body", "code"), [(b"{}", 0), (None, 1)], ids=["good", "failing"])
def test_exit_code(tmp_path: Path, site: Site, body: bytes | None, code: int) -> None:
    path = "/" if body is not None else "/does/not"
    text = inside_task(f"self.client.get('{path}')\n") + example("headless_exit_code")
    outcome = run(tmp_path, text, host=f"http://127.0.0.1:{site.port}", names=[f"GET {path}"], users=1)
    assert outcome.result["exit_code"] == code


def test_custom_arguments(tmp_path: Path, site: Site) -> None:
    outcome = run(
        tmp_path,
        example("events_custom_arguments"),
        host=f"http://127.0.0.1:{site.port}",
        arguments=["--my-argument", "mine", "--env", "prod", "--endpoints", "a", "b"],
        users=1,
        printed=["my_argument=mine\nmy_ui_invisible_argument=I am invisible"],
    )
    assert "Custom argument supplied: mine" in outcome.printed
    assert "my_argument=mine\nmy_ui_invisible_argument=I am invisible" in outcome.printed


def test_an_argument_from_the_environment(tmp_path: Path) -> None:
    text = example("events_custom_arguments").replace("HttpUser", "User")
    outcome = run(tmp_path, text, users=1, environment={"LOCUST_MY_ARGUMENT": "from there"})
    assert "Custom argument supplied: from there" in outcome.printed


def test_environment_variable(tmp_path: Path) -> None:
    outcome = run(
        tmp_path, example("events_environment_variable") + NO_HTTP, users=1, environment={"MY_FUNKY_VAR": "42"}
    )
    assert outcome.printed.strip() == "42"


def test_csv_request_logger(tmp_path: Path, site: Site) -> None:
    (tmp_path / "results").mkdir()
    run(
        tmp_path,
        example("events_csv_request_logger"),
        host=f"http://127.0.0.1:{site.port}",
        names=["GET /"],
        users=1,
    )
    header, *rows = (tmp_path / "results" / "requests.csv").read_text().splitlines()
    assert header == "timestamp,request_type,name,response_time_ms,response_length,status_code,exception"
    assert rows
    assert rows[0].split(",")[1:3] == ["GET", "/"]


def test_background_greenlet(tmp_path: Path, site: Site) -> None:
    text = (
        "import time\n"
        + inside_task("time.sleep(0.05)\nself.client.get('/does/not')\n")
        + example("events_background_greenlet")
    )
    outcome = run(
        tmp_path, text, host=f"http://127.0.0.1:{site.port}", names=["GET /does/not"], users=1, state="stopped"
    )
    assert "fail ratio was 1.0, quitting" in outcome.printed
    assert outcome.result["state"] == "stopped"


def test_project_structure(tmp_path: Path) -> None:
    (tmp_path / "common").mkdir()
    (tmp_path / "common" / "__init__.py").touch()
    (tmp_path / "common" / "auth.py").write_text("print('auth is there')")
    outcome = run(tmp_path, example("locustfile_project") + NO_HTTP, users=1)
    assert outcome.printed.strip() == "auth is there"


def test_json_of_a_user(tmp_path: Path, site: Site) -> None:
    text = (
        "from locust import HttpUser, task\n"
        + example("configuration_json")
        + ("\nfor name, value in Example.json().items():\n    setattr(Example, name, value)\n")
    )
    run(tmp_path, text, host=f"http://127.0.0.1:{site.port}", names=["GET /example/example"], users=1)


def test_profiles_and_routes(tmp_path: Path, free_port: int) -> None:
    text = example("configuration_profiles") + example("events_web_route") + NO_HTTP
    outcome = run(tmp_path, text, users=0, web_port=free_port, pages=["/added_page"])
    assert outcome.result["template_args"] == ["one", "two", "three"]
    assert outcome.result["pages"] == {"/added_page": "Another page"}


def test_routes_on_the_web_ui(tmp_path: Path, free_port: int) -> None:
    text = (
        "from locust import events\n"
        "@events.init.add_listener\ndef init(environment, web_ui, **kwargs):\n"
        f"{textwrap.indent(example('api_web_route'), '    ')}\n"
        "@events.init.add_listener\ndef init_too(environment, web_ui, **kwargs):\n"
        f"{textwrap.indent(example('api_auth_required').replace('my_custom_route', 'another_route'), '    ')}\n"
    )
    outcome = run(tmp_path, text + NO_HTTP, users=0, web_port=free_port, pages=["/my_custom_route", "/another_route"])
    assert outcome.result["pages"] == {
        "/my_custom_route": "your IP is: 127.0.0.1",
        "/another_route": "custom response",
    }


@pytest.mark.parametrize(
    ("name", "times", "ticks"),
    [
        ("configuration_shape", [0, 70, 420, 601], [(0, 20), (100, 20), (400, 20), None]),
        (
            "configuration_shape_user_classes",
            [5, 20, 50, 100, 121],
            [(10, 10, "A"), (50, 10, "AB"), (100, 10, "B"), (100, 10, "AB"), None],
        ),
        ("configuration_shape_common_options", [120, 299, 301], [(100, 7), (300, 7), None]),
        ("configuration_abstract_shape", [0], [None]),
    ],
)
def test_shapes(name: str, times: list[float], ticks: list[Any]) -> None:
    from argparse import Namespace

    from locust import LoadTestShape, User
    from locust.env import Environment
    from locust.util.load_locustfile import is_shape_class

    classes = {letter: type(f"User{letter}", (User,), {}) for letter in "AB"}
    names: dict[str, Any] = {"LoadTestShape": LoadTestShape}
    names.update({f"User{letter}": cls for letter, cls in classes.items()})
    exec(example(name), names)
    cls = next(value for key, value in names.items() if key.endswith(("Shape", "Users")) and key != "LoadTestShape")
    assert is_shape_class(cls) is (name != "configuration_abstract_shape")
    shape = cls()
    environment = Environment(parsed_options=Namespace(run_time=300, spawn_rate=7), shape_class=shape)
    shape.runner = Namespace(environment=environment)
    expected = [
        (*tick[:2], [classes[letter] for letter in tick[2]]) if tick and len(tick) > 2 else tick for tick in ticks
    ]
    now = 0.0
    shape.get_run_time = lambda: now
    got = []
    for now in times:  # noqa: B007  # read by get_run_time
        got.append(shape.tick())  # noqa: PERF401
    assert got == expected


def test_a_shape_steers_a_test(tmp_path: Path) -> None:
    text = "from locust import LoadTestShape\n" + example("configuration_shape") + NO_HTTP
    outcome = run(tmp_path, text, linger=1.5)
    assert outcome.result["exceptions"] == []
    assert "Traceback" not in outcome.log


@pytest.mark.parametrize(
    ("name", "check"),
    [
        ("configuration_csv_interval", "assert owner.CSV_STATS_INTERVAL_SEC == 5"),
        ("configuration_console_interval", "assert owner.CONSOLE_STATS_INTERVAL_SEC == 15"),
        (
            "configuration_bucketing",
            "stats = locust.stats.RequestStats()\n"
            "for time in (0, 1.234, 12345.6): stats.log_request('GET', '/', time, 0)\n"
            "assert stats.total.response_times == {0: 1, 1: 1, 12300: 1}, stats.total.response_times",
        ),
    ],
)
def test_settings(tmp_path: Path, name: str, check: str) -> None:
    text = f"{example(name)}\nfrom locust_rs._tunables import stats as owner\n{check}\nprint('checked')\n"
    assert run(tmp_path, text, script=True).printed.strip() == "checked"


def test_logging_goes_where_locusts_goes(tmp_path: Path) -> None:
    text = "from locust.log import setup_logging\nsetup_logging('INFO')\n" + example("logging_root")
    assert "INFO/root: this log message will go wherever" in run(tmp_path, text, script=True).log


def test_http_communication_is_printed(tmp_path: Path, site: Site) -> None:
    text = example("debugger_print_http") + inside_task("self.client.get('/traced')\n")
    outcome = run(tmp_path, text, host=f"http://127.0.0.1:{site.port}", names=["GET /traced"], users=1)
    assert "send: b'GET /traced HTTP/1.1" in outcome.printed
    assert "reply: 'HTTP/1.1 200 OK" in outcome.printed


def test_debug_stream(tmp_path: Path, site: Site) -> None:
    text = "from locust import FastHttpUser, task\n" + example("debugger_debug_stream")
    outcome = run(
        tmp_path,
        text,
        host="http://example.com",
        redirect={"example.com:80": site.port},
        names=["GET http://example.com/"],
        users=1,
    )
    assert "REQUEST: http://example.com/" in outcome.log
    assert "RESPONSE: HTTP/1.1 200" in outcome.log


def test_run_single_user(tmp_path: Path, site: Site) -> None:
    text = example("debugger_run_single_user").replace(
        "if __name__", "def on_stop(self): ...\n\nimport gevent, os\ngevent.spawn_later(30, os._exit, 0)\nif __name__"
    )
    outcome = run(tmp_path, text, script=True, redirect={"localhost:80": site.port})
    header, first = outcome.printed.strip().splitlines()[:2]
    assert header.split() == ["type", "name", "resp_ms", "exception"]
    assert first.split()[:2] == ["GET", "/hello"]


def test_xml_rpc(tmp_path: Path, free_port: int) -> None:
    redirect = {"localhost:8877": free_port, "127.0.0.1:8877": free_port}
    (tmp_path / "server.py").write_text(example("other_systems_xmlrpc_server"))
    server = subprocess.Popen(
        [
            sys.executable,
            HERE / "example_driver.py",
            json.dumps({"path": str(tmp_path / "server.py"), "script": True, "redirect": redirect}),
        ],
        stderr=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        env={"PATH": "/usr/bin:/bin", "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert server.stdout is not None
        assert server.stdout.readline() == "Listening on port 8877...\n"
        outcome = run(
            tmp_path,
            example("other_systems_xmlrpc"),
            redirect=redirect,
            names=["xmlrpc get_time", "xmlrpc get_random_number"],
            users=4,
        )
    finally:
        server.kill()
        server.communicate()
    assert outcome.result["failures"] == {}


@pytest.mark.parametrize(("bar", "failed"), [(1, False), (2, True)], ids=["expected", "unexpected"])
def test_rest_user(tmp_path: Path, site: Site, bar: int, failed: bool) -> None:
    site.body = json.dumps({"bar": bar}).encode()
    text = example("other_systems_rest")
    outcome = run(tmp_path, text, host=f"http://127.0.0.1:{site.port}", names=["POST /"], users=1)
    assert ("Unexpected value of foo" in outcome.result["failures"].get("POST /", "")) is failed
    assert json.loads(site.bodies[0]) == {"foo": 1}


def test_a_session_inside_an_sdk(tmp_path: Path, site: Site) -> None:
    """The library of the example cannot be had here: a small one like it, with a session inside, takes its place."""
    package = tmp_path / "archivist"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "archivist.py").write_text(
        "import requests\n"
        "class Assets:\n"
        "    def __init__(self, owner): self.owner = owner\n"
        "    def create(self, behaviours, attrs):\n"
        "        return self.owner._session.post(self.owner.url + '/assets', json={'attrs': attrs}).json()\n"
        "class Archivist:\n"
        "    def __init__(self, url, auth):\n"
        "        self.url, self._session, self.assets = url, requests.Session(), Assets(self)\n"
    )
    (tmp_path / "auth.text").write_text("token")
    run(
        tmp_path,
        example("other_systems_sdk_session"),
        host=f"http://127.0.0.1:{site.port}",
        names=["POST /assets"],
        users=1,
    )
    assert json.loads(site.bodies[0]) == {"attrs": {"foo": "bar"}}


def test_pytest_style(tmp_path: Path, secure_site: Site, authority: Any) -> None:
    outcome = run(
        tmp_path,
        example("other_systems_pytest"),
        file_name="test_pytest.py",
        redirect={"www.locust.io:443": secure_site.port},
        authorities=authority[0],
        names=["GET /"] * 3,
        users=1,
    )
    assert outcome.result["failures"] == {}


def test_library(tmp_path: Path, free_port: int) -> None:
    """The pieces of "Locust as a library" one after the other, with the joins ended by quitting."""
    soon = (
        "def soon(is_there, end):\n    while not is_there(): gevent.sleep(0.05)\n    gevent.sleep(0.2)\n    end()\n"
        "import gevent\n"
    )
    quit_soon = f"{soon}gevent.spawn(soon, lambda: env.runner and env.runner.user_count, lambda: env.runner.quit())\n"
    stop_soon = "gevent.spawn(soon, lambda: env.web_ui, lambda: env.web_ui.stop())\n"
    user = (
        "from locust import User, task\nclass {name}(User):\n    @task\n    def t(self):\n        gevent.sleep(0.1)\n"
    )
    text = (
        "import gevent\n"
        + user.format(name="MyTestUser")
        + example("library_environment")
        + quit_soon
        + example("library_runner")
        + "print('stopped', env.runner.state)\n"
        + user.format(name="MyUserClass")
        + "env = Environment(user_classes=[MyUserClass])\nenv.create_local_runner()\n"
        + example("library_spawn_users")
        + "print(sorted(user.my_custom_token for user in new_users), env.runner.user_count)\nenv.runner.quit()\n"
        + "env = Environment(user_classes=[MyUserClass])\n"
        + stop_soon
        + example("library_web_ui")
        + "print('served')\n"
    )
    outcome = run(tmp_path, text, script=True, web_port=free_port)
    assert outcome.printed.splitlines() == [
        "stopped stopped",
        "['custom-token-1', 'custom-token-2'] 2",
        "served",
    ]


def test_library_full_example(tmp_path: Path, secure_site: Site, authority: Any, free_port: int) -> None:
    outcome = run(
        tmp_path,
        example("library_full_example"),
        script=True,
        redirect={"docs.locust.io:443": secure_site.port},
        authorities=authority[0],
        web_port=free_port,
    )
    assert set(secure_site.asked) == {"GET /"}
    assert "Aggregated" in outcome.log
    assert "Traceback" not in outcome.log


@pytest.mark.parametrize(
    ("name", "request_name"),
    [
        ("other_systems_mqtt", "MQTT publish:0:hello/locust"),
        ("other_systems_mqtt_custom_client", "MQTT mqtt:publish:0"),
    ],
)
def test_mqtt(tmp_path: Path, broker_port: int, name: str, request_name: str) -> None:
    outcome = run(tmp_path, example(name), redirect={"localhost:1883": broker_port}, names=[request_name], users=2)
    assert outcome.result["failures"] == {}


def test_openai(tmp_path: Path, site: Site) -> None:
    pytest.importorskip("openai")
    site.body = json.dumps({"id": "r", "object": "response", "output": [], "usage": {"output_tokens": 7}}).encode()
    run(
        tmp_path,
        example("other_systems_openai"),
        environment={"OPENAI_API_KEY": "key", "OPENAI_BASE_URL": f"http://127.0.0.1:{site.port}/v1"},
        names=["POST /v1/responses", "POST mini"],
        users=1,
    )


HELLO_PROTO = """syntax = "proto3";
package locust.hello;
service HelloService { rpc SayHello (HelloRequest) returns (HelloResponse) {} }
message HelloRequest { string name = 1; }
message HelloResponse { string message = 1; }
"""


def test_grpc(tmp_path: Path, free_port: int) -> None:
    """The server and the two files that test it; what the documentation leaves out is the service's definition."""
    for package in ("grpc_tools", "grpc_interceptor"):
        pytest.importorskip(package)
    (tmp_path / "hello.proto").write_text(HELLO_PROTO)
    compiler = [
        sys.executable,
        "-m",
        "grpc_tools.protoc",
        "-I.",
        "--python_out=.",
        "--grpc_python_out=.",
        "hello.proto",
    ]
    subprocess.run(compiler, cwd=tmp_path, check=True)
    files = {"hello_server": "other_systems_grpc_server", "grpc_user": "other_systems_grpc_user"}
    for module, name in files.items():
        (tmp_path / f"{module}.py").write_text(example(name).replace("50051", str(free_port)))
    text = example("other_systems_grpc").replace("50051", str(free_port))
    outcome = run(tmp_path, text, names=["grpc /locust.hello.HelloService/SayHello"], users=3)
    assert outcome.result["failures"] == {}


def test_every_example_is_run() -> None:
    source = Path(__file__).read_text()
    assert [path.stem for path in EXAMPLES.glob("*.py") if path.stem not in source] == []
