"""Every shell command in the documentation's pages on the command line, unchanged.

Hosts and times that need other machines or hours are replaced; endless runs are stopped once they do what the page
says.
"""

from __future__ import annotations

import shlex
import signal

import pytest

SHAPE = """
from locust import LoadTestShape

class Load(LoadTestShape):
    def tick(self):
        return ({users}, 100) if self.get_run_time() < 1 else None
"""

USERS = """
class Example(Shopper):
    def on_start(self):
        print("Example:", self.weight, self.fixed_count, getattr(self, "some_custom_attribute", None))

class ExampleTwo(Example): ...
"""


@pytest.fixture
def pages(shell):
    """The files that the pages mention."""
    shop = (shell.folder / "shop.py").read_text()
    for name in ("locustfile.py", "custom_locustfile.py", "locust_files/my_locust_file.py", "my_test.py", "basic.py"):
        shell.write(name, shop)
    shell.write("examples/basic.py", shop)
    shell.write("users.py", shop + USERS)
    shell.write("low_load.py", SHAPE.format(users=1))
    shell.write("high_load.py", SHAPE.format(users=8))
    shell.write("custom_config.conf", "users = 7\nheadless = true\nrun-time = 1h\nspawn-rate = 70\n")
    shell.write("my_user_config.json", '[{"user_class_name": "Example", "fixed_count": 1}]')
    shell.write("launch/locust.conf", "spawn-rate = 50\n")
    for name in ("locustfile1", "locustfile2", "more_files/locustfile3", "more_files/_ignoreme"):
        plain = name.rpartition("/")[2].lstrip("_").title()
        shell.write(f"locustfiles/{name}.py", f"from shop import Shopper\nclass {plain}(Shopper): ...\ndel Shopper\n")
    return shell


UNTIL_STOPPED = [
    ("locust --headless --users 10 --spawn-rate 1 -H http://your-server.com", "Ramping to 10 users at a rate of 1.00"),
    (
        "locust -f locust_files/my_locust_file.py --headless -u 100 -r 5",
        "No run time limit set, use CTRL+C to interrupt",
    ),
    ("locust --headless -u 100 --run-time 1h30m", "Run time limit set to 5400 seconds"),
    ("locust --headless -u 100 --run-time 60", "Run time limit set to 60 seconds"),
    ("locust --headless --run-time 1h30m --stop-timeout 10s", "Run time limit set to 5400 seconds"),
    ("LOCUST_LOCUSTFILE=custom_locustfile.py locust --headless", 'All users spawned: {"Shopper": 0, "Visitor": 1}'),
    ("locust --config custom_config.conf", "All users spawned: .*(7 total users)"),
    (
        "locust --headless -u 100 -r 10 -t 50 --print-stats --html test_report_{u}_{r}_{t}.html",
        "Run time limit set to 50 seconds",
    ),
    ("locust -f examples/basic.py --csv example --headless -t10m", "Run time limit set to 600 seconds"),
    ("locust -f basic.py --headless --users=5", "All users spawned: .*(5 total users)"),
    ("locust -f basic.py --headless --users=5 --config=launch/../launch/locust.conf", "at a rate of 50.00 per second"),
    ("locust -f locustfile.py,high_load.py --headless", "Shape test updating to 8 users at 100.00 spawn rate"),
    ("locust -f locustfile.py,low_load.py --headless", "Shape test updating to 1 users at 100.00 spawn rate"),
]


@pytest.mark.parametrize(("command", "shown"), UNTIL_STOPPED, ids=[command for command, _ in UNTIL_STOPPED])
def test_headless_command(pages, command: str, shown: str) -> None:
    words = shlex.split(command)
    env = dict([words.pop(0).split("=", 1)]) if "=" in words[0] else {}
    with pages.started(*words[1:], env=env) as running:
        for part in shown.split(".*"):
            running.wait_for(part)
        done = running.end(signal.SIGINT)
    assert done.code == 0, done.err
    assert "Traceback" not in done.err
    if "--csv" in words:
        written = sorted(path.name for path in pages.folder.glob("example_*.csv"))
        assert written == [
            "example_exceptions.csv",
            "example_failures.csv",
            "example_stats.csv",
            "example_stats_history.csv",
        ]
    if "--html" in words:
        assert (pages.folder / "test_report_100_10_50.html").exists()


WITH_WEB_UI = [
    ("locust", "http://0.0.0.0:{port}, press enter to open your default browser."),
    ("locust -f locustfiles --class-picker", "Starting web interface at http://0.0.0.0:{port}"),
    ("locust -f basic.py --users=5 --autostart --print-stats -L=ERROR", "Aggregated"),
]


@pytest.mark.parametrize(("command", "shown"), WITH_WEB_UI, ids=[command for command, _ in WITH_WEB_UI])
def test_command_with_the_web_ui(pages, free_port: int, command: str, shown: str) -> None:
    with pages.started(*shlex.split(command)[1:], env={"LOCUST_WEB_PORT": str(free_port)}) as running:
        running.wait_for(shown.format(port=free_port))
        done = running.end(signal.SIGINT)
    assert done.code == 0, done.err


@pytest.mark.parametrize(
    "files",
    [
        "locustfiles",
        "locustfiles/locustfile1.py,locustfiles/locustfile2.py,locustfiles/more_files/locustfile3.py",
    ],
)
def test_several_locustfiles(pages, files: str) -> None:
    done = pages.run("-f", files, "--list")
    listed = {line.strip() for line in done.out.splitlines()[1:]}
    assert listed == {"Locustfile1", "Locustfile2", "Locustfile3"}, done.err


CONFIGURED = [
    (
        """locust --config-users '{"user_class_name": "Example", "fixed_count": 1, "some_custom_attribute": false}'""",
        {"Example: 1 1 False"},
    ),
    (
        """locust --config-users '{"user_class_name": "Example", "fixed_count": 1}' """
        """'{"user_class_name": "ExampleTwo", "fixed_count": 2}'""",
        {"Example: 1 1 None", "Example: 1 2 None"},
    ),
    (
        """locust --config-users '[{"user_class_name": "Example", "fixed_count": 1}, """
        """{"user_class_name": "ExampleTwo", "fixed_count": 2}]'""",
        {"Example: 1 1 None", "Example: 1 2 None"},
    ),
    ("locust --config-users my_user_config.json", {"Example: 1 1 None"}),
]


@pytest.mark.parametrize(("command", "printed"), CONFIGURED, ids=["one", "two arguments", "array", "file"])
def test_users_configured_from_the_command_line(pages, command: str, printed: set[str]) -> None:
    load = ["--headless", "-u", "8", "-r", "800", "-t", "1", "-f", "users.py", "--only-summary"]
    done = pages.run(*shlex.split(command)[1:], *load)
    assert done.code == 0, done.err
    assert printed <= set(done.out.splitlines())


@pytest.mark.parametrize("processes", ["4", "-1"])
def test_one_machine(pages, free_port: int, processes: str) -> None:
    where = ["--master-bind-host", "127.0.0.1", "--master-bind-port", str(free_port)]
    with pages.started("--processes", processes, "--headless", *where) as running:
        running.wait_for("All users spawned")
        assert running.end(signal.SIGINT).code == 0


def test_several_machines(pages, free_port: int) -> None:
    """`locust -f my_locustfile.py --master` and `locust -f - --worker --master-host <ip> --processes 4`."""
    where = ["--master-bind-host", "127.0.0.1", "--master-bind-port", str(free_port)]
    load = ["--headless", "--expect-workers", "4", "-t", "1", "-u", "4", "-r", "40"]
    with pages.started("-f", "my_test.py", "--master", *load, *where) as master:
        elsewhere = type(pages)(pages.write("elsewhere/empty.txt", "").parent)
        worker = ["-f", "-", "--worker", "--master-host", "127.0.0.1", "--master-port", str(free_port)]
        assert elsewhere.run(*worker, "--processes", "4").code == 0
        done = master.end()
    assert done.code == 0, done.err
    assert "4 workers connected." in done.err


def test_otel_without_the_sdk_says_what_to_install(pages) -> None:
    done = pages.run("--otel", "--headless", "-t", "1", "--only-summary")
    assert done.code == 0
    assert "OpenTelemetry SDK is not installed, opentelemetry not enabled. Run: pip install 'opentelemetry-" in done.err
