"""Messages and exit codes of each kind of run: the table in `docs/command-line.md`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[3] / "docs" / "command-line.md"

FAILING = "from shop import *\nShopper.browse = Shopper.buy = lambda self: self.record('x', ValueError('bad'))\n"
FAILING += "Shopper.tasks = Visitor.tasks = [Shopper.browse]\n"

OVERLOADED = """from locust import User, task
import gevent, time

class Late(User):
    @task
    def t(self):
        begun = time.perf_counter()
        gevent.sleep(0.02)
        took_ms = (time.perf_counter() - begun) * 1000
        self.environment.events.request.fire(
            request_type="GET", name="x", response_time=took_ms, response_length=0, exception=None, context={}
        )
        until = time.perf_counter() + 0.05
        while time.perf_counter() < until:
            pass
"""


@dataclass
class Case:
    """A locustfile and arguments, and the expected exit code and output."""

    id: str
    code: int
    args: str
    file: str = ""
    message: str = ""
    runs: bool = False


CASES = [
    Case("a run without failures", 0, "--headless -t 1", runs=True),
    Case("a run with failures", 1, "--headless -t 1", FAILING, runs=True),
    Case("failures with their own code", 5, "--headless -t 1 --exit-code-on-error 5", FAILING, runs=True),
    Case("failures that don't count", 0, "--headless -t 1 --exit-code-on-error 0", FAILING, runs=True),
    Case(
        "a generator that is overloaded",
        9,
        "--headless -u 10 -r 10 -t 7 --exit-code-on-overload 9",
        OVERLOADED,
        "The load generator was overloaded: the response times shown are too long by about",
        runs=True,
    ),
    Case(
        "a generator that is overloaded, which doesn't count",
        0,
        "--headless -u 10 -r 10 -t 7",
        OVERLOADED,
        "The load generator was overloaded: the response times shown are too long by about",
        runs=True,
    ),
    Case(
        "an exception in a task",
        1,
        "--headless -t 1 T",
        "from shop import *\nclass T(User):\n    wait_time = constant(1)\n"
        "    @task\n    def t(self): raise ValueError('task blew')\n",
        "ERROR/locust.user.task: task blew",
        runs=True,
    ),
    Case(
        "process_exit_code",
        7,
        "--headless -t 1",
        FAILING + "@events.quitting.add_listener\ndef _(environment, **kw): environment.process_exit_code = 7\n",
        runs=True,
    ),
    Case(
        "an exception in an event handler",
        2,
        "--headless -t 1",
        "from shop import *\n@events.test_start.add_listener\ndef _(**kw): raise ValueError('handler blew')\n",
        "Uncaught exception in event handler",
        runs=True,
    ),
    Case(
        "an exception in a load shape",
        2,
        "--headless",
        "from shop import *\nfrom locust import LoadTestShape\nclass S(LoadTestShape):\n"
        "    def tick(self): raise ValueError('shape blew')\n",
        "The load shape's tick() failed",
        runs=True,
    ),
    Case(
        "a load shape without sense",
        2,
        "--headless",
        "from shop import *\nfrom locust import LoadTestShape\nclass S(LoadTestShape):\n"
        "    def tick(self): return (1, 0)\n",
        "The load shape's tick() returned (1, 0)",
        runs=True,
    ),
    Case(
        "an exception in an init handler",
        1,
        "--headless -t 1",
        "from shop import *\n@events.init.add_listener\ndef _(**kw): raise ValueError('init blew')\n",
        "ValueError: init blew",
    ),
    Case("--version", 0, "--version"),
    Case("--help", 0, "--help"),
    Case("--list", 0, "--list"),
    Case("--show-task-ratio", 0, "--show-task-ratio"),
    Case("--show-task-ratio-json", 0, "--show-task-ratio-json"),
    Case("an unknown option", 2, "--usrs 3", message="Did you mean '--users'?"),
    Case("an impossible spawn rate", 2, "--headless -r 0", message="argument -r/--spawn-rate: must be > 0"),
    Case(
        "an impossible run time", 2, "--headless -t soon", message="argument -t/--run-time: Invalid time span format."
    ),
    Case("a negative number of users", 2, "--headless -u -1", message="argument -u/--users: must be 0 or more, not -1"),
    Case(
        "a missing locustfile",
        1,
        "-f nowhere.py",
        message="Could not find 'nowhere.py'. Ensure your locustfile ends with",
    ),
    Case(
        "a locustfile without .py",
        1,
        "-f shop",
        message="Could not find 'shop'. Ensure your locustfile ends with '.py'",
    ),
    Case("an empty folder", 1, "-f empty", message="Could not find any locustfiles in directory 'empty'"),
    Case("no User class", 1, "--headless", "x = 1\n", "ERROR/locust.main: No User class found!"),
    Case("a syntax error", 1, "--headless", "def f(:\n", "SyntaxError: invalid syntax"),
    Case(
        "a missing module",
        1,
        "--headless",
        "import nowhere_to_be_found\n",
        "Install what provides 'nowhere_to_be_found'",
    ),
    Case(
        "an exception in the file", 1, "--headless", "def g():\n    1 / 0\ng()\n", "ZeroDivisionError: division by zero"
    ),
    Case("an unknown User class", 1, "--headless Nobody Shopper", message="ERROR/locust.main: Unknown User(s): Nobody"),
    Case("a negative weight", 1, "--headless", "from shop import *\nShopper.weight = -1\n", "Shopper.weight is -1"),
    Case(
        "all weights zero",
        1,
        "--headless",
        "from shop import *\nShopper.weight = Visitor.weight = 0\n",
        "ERROR/locust.main: There are no users with weight > 0.",
    ),
    Case(
        "a User without tasks",
        1,
        "--headless -t 1 Idle",
        "from locust import User\nclass Idle(User): ...\n",
        "No tasks defined on Idle. Use the @task decorator",
    ),
    Case(
        "a User without host",
        0,
        "--headless -t 9",
        "from locust import HttpUser, task\nclass A(HttpUser):\n    @task\n    def t(self): self.client.get('/')\n",
        "You must specify the base host. Either in the host attribute in the User class, or on the command line",
    ),
    Case(
        "the same name twice",
        1,
        "-f shop.py,other.py --headless",
        message="Duplicate user class names: Shopper is defined in both",
    ),
    Case(
        "--master with --worker",
        255,
        "--master --worker",
        message="The --master argument cannot be combined with --worker",
    ),
    Case(
        "settings for an unknown class",
        255,
        '--headless --config-users {"user_class_name":"Zz"}',
        message="Error applying user config, probably you tried to specify config for a User not present in your",
    ),
    Case(
        "--autoquit alone", 1, "--autoquit 3", message="--autoquit is only meaningful in combination with --autostart"
    ),
    Case("-f - without --worker", 1, "-f -", message="locustfile was set to '-' (meaning to download from master) but"),
    Case(
        "workers that don't come",
        1,
        "--master --headless --expect-workers 1 --expect-workers-max-wait 1 --master-bind-port {port}",
        message="ERROR/locust.main: Gave up waiting for workers to connect",
    ),
    Case(
        "a percentile that is not a fraction",
        1,
        "--headless",
        "from shop import *\nimport locust.stats\nlocust.stats.PERCENTILES_TO_CHART = [2]\n",
        "stats.PERCENTILES_TO_CHART parameter need to be float and value between. 0 < percentile < 1 Eg 0.95\n",
    ),
    Case(
        "a missing key file",
        1,
        "-f - --worker --curve-key nowhere",
        message="Could not read --curve-key: [Errno 2] No such file or directory: 'nowhere'\n",
    ),
    Case("a bad --processes", 1, "--processes -2 --headless", message="Invalid --processes count -2"),
    Case("a log file in a file", 1, "--headless --logfile shop.py/x", message="Can't log to --logfile shop.py/x"),
    Case("an output in a file", 1, "--headless --csv shop.py/x", message="--csv shop.py/x: can't create the folder"),
    Case("a bad certificate", 1, "--tls-cert a --tls-key b -P {port}", message="--tls-cert: there is no file 'a'"),
]


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_ending(case: Case, shell, free_port: int) -> None:
    shell.write("locustfile.py", case.file or "from shop import *\n")
    shell.write("other.py", (shell.folder / "shop.py").read_text())
    (shell.folder / "empty").mkdir()
    done = shell.run(*case.args.format(port=free_port).split() if "{port}" in case.args else case.args.split())
    assert done.code == case.code, done.err
    assert case.message in done.err
    assert "locust_rs/cli" not in done.err
    assert "ConfigurationError" not in done.err
    if case.runs:
        assert f"INFO/locust.main: Shutting down (exit code {case.code})" in done.err
        assert "Aggregated" in done.err


def test_busy_web_port(shell, free_port: int) -> None:
    import socket

    with socket.socket() as busy:
        busy.bind(("127.0.0.1", free_port))
        busy.listen()
        done = shell.run("-f", "shop.py", "-P", str(free_port), "--web-host", "127.0.0.1")
    assert done.code == 1
    assert f"The web UI can't listen on 127.0.0.1:{free_port}" in done.err
    assert "Traceback" not in done.err


def test_busy_master_port(shell, free_port: int) -> None:
    import socket

    with socket.socket() as busy:
        busy.bind(("127.0.0.1", free_port))
        busy.listen()
        bind = ["--master-bind-host", "127.0.0.1", "--master-bind-port", str(free_port)]
        done = shell.run("-f", "shop.py", "--master", "--headless", *bind)
    assert done.code == 1
    assert f"The Locust master port ({free_port}) was busy" in done.err
    assert "Traceback" not in done.err


def test_docs_list_the_codes() -> None:
    documented = {int(code) for code in re.findall(r"^\| (\d+) \|", DOCS.read_text(), re.MULTILINE)}
    assert {case.code for case in CASES} - {5, 7, 9} <= documented
