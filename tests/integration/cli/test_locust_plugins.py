"""locust-plugins from PyPI, unchanged, on this implementation: imports, options, listeners, readers, wait times."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest

from real_servers import running_postgres

SITE = Path(__file__).parents[3] / ".stock" / "plugins" / "site"


@pytest.fixture(scope="module")
def plugins() -> dict[str, str]:
    """The variables by which Python finds the plug-ins."""
    if not SITE.exists():
        pytest.fail(".stock/plugins is missing: run `make references` first")
    return {"PYTHONPATH": str(SITE)}


LOAD = ["--headless", "-u", "4", "-r", "100", "--only-summary"]


def counted(shell) -> int:
    return sum(row["num_requests"] for row in json.loads((shell.folder / "result.json").read_text()))


@pytest.mark.parametrize("iterations", [1, 10])
def test_iterations(shell, plugins: dict[str, str], iterations: int) -> None:
    # One user, because the plug-in misses the end if the last users stop at the same instant, also with stock Locust.
    load = ["--headless", "-u", "1", "-t", "30", "-i", str(iterations), "--json-file", "result"]
    done = shell.run("-f", "shop.py", *load, env=plugins)
    assert done.code == 0, done.err
    assert counted(shell) == iterations
    assert "Iteration limit reached" in done.err
    assert "--run-time limit reached" not in done.err


def test_options_of_the_plug_ins_are_in_the_help(shell, plugins: dict[str, str]) -> None:
    done = shell.run("--help", env=plugins)
    assert done.code == 0, done.err
    for option in ("--timescale", "--iterations", "--check-rps", "--check-fail-ratio", "--ips"):
        assert option in done.out


def test_failed_check_sets_the_exit_code(shell, plugins: dict[str, str]) -> None:
    done = shell.run("-f", "shop.py", *LOAD, "-t", "1", "--check-rps", "1000000", env=plugins)
    assert "CHECK FAILED: total rps was" in done.err
    assert done.code == 3


def test_wait_time_for_all_users_together(shell, plugins: dict[str, str]) -> None:
    done = shell.run("-f", "shop.py", *LOAD, "-t", "3", "--ips", "2", "--json-file", "result", env=plugins)
    assert done.code == 0, done.err
    # Without the limiter there would be 120 of them.
    assert 2 <= counted(shell) <= 40


LISTENERS = """
from shop import *
from locust_plugins import listeners

failed = []

class Failing(Shopper):
    def record(self, name, exception=None):
        super().record(name, ValueError("bad"))

@events.init.add_listener
def _(environment, **kwargs):
    listeners.RunOnFail(environment, lambda exception, **kwargs: failed.append(kwargs["name"]))
    {listener}

@events.quitting.add_listener
def _(environment, **kwargs):
    print("FAILED", len(failed))
"""


def test_listener_that_quits_on_failure(shell, plugins: dict[str, str]) -> None:
    shell.write("listen.py", LISTENERS.format(listener="listeners.QuitOnFail(environment)"))
    done = shell.run("-f", "listen.py", "Failing", *LOAD, "-t", "30", env=plugins)
    assert done.code == 1, done.err
    assert "--run-time limit reached" not in done.err
    assert int(done.out.split()[-1]) >= 1


def test_listener_that_stops_users_on_failure(shell, plugins: dict[str, str]) -> None:
    shell.write("listen.py", LISTENERS.format(listener="listeners.StopUserOnFail(environment)"))
    done = shell.run("-f", "listen.py", "Failing", *LOAD, "-t", "1", env=plugins)
    assert done.code == 1, done.err
    assert done.out.split() == ["FAILED", "4"]


def test_jmeter_listener_writes_its_file(shell, plugins: dict[str, str]) -> None:
    shell.write(
        "jmeter.py",
        "from shop import *\nfrom locust_plugins.listeners.jmeter import JmeterListener\n"
        "@events.init.add_listener\ndef _(environment, **kw):\n"
        "    JmeterListener(env=environment, results_filename='results.csv')\n",
    )
    done = shell.run("-f", "jmeter.py", *LOAD, "-t", "1", "--json-file", "result", env=plugins)
    assert done.code == 0, done.err
    written = [path for path in shell.folder.rglob("*.csv") if "results" in str(path)]
    assert len(written) == 1
    assert len(written[0].read_text().splitlines()) == counted(shell) + 1


def with_tables(url: str) -> psycopg.Connection[Any]:
    """A connection to a database with the tables of the plug-in's schema, as plain tables."""
    schema = (SITE / "locust_plugins" / "dashboards" / "locust-timescale" / "timescale_schema.sql").read_text()
    connection = psycopg.connect(url, autocommit=True)
    for table in re.findall(r"CREATE TABLE .*?\);", schema, re.DOTALL):
        connection.execute(table)
    return connection


@pytest.fixture
def database_port() -> int:
    """Another port than `free_port`, on which nothing listens either."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("processes", [[], ["--processes", "2"]], ids=["alone", "with workers"])
def test_timescale_has_every_request(
    shell, plugins: dict[str, str], free_port: int, database_port: int, processes: list[str]
) -> None:
    nodes = [*processes, "--master-bind-port", str(free_port), "--master-port", str(free_port)]
    with running_postgres(database_port) as server, with_tables(server.url) as connection:
        address = {"PGHOST": "127.0.0.1", "PGPORT": str(database_port), "PGUSER": "postgres", "PGDATABASE": "postgres"}
        done = shell.run(
            "-f", "shop.py", *LOAD, "-t", "2", "--timescale", "--json-file", "result", *nodes,
            env={**plugins, **address, "PGPASSWORD": "unused"},
        )  # fmt: skip
        assert done.code == 0, done.err
        assert "Traceback" not in done.err
        told = connection.execute("SELECT count(*), min(success), count(DISTINCT run_id) FROM request").fetchone()
        assert told == (counted(shell), 1, 1)
        runs = connection.execute("SELECT num_clients, rps_avg IS NOT NULL, end_time IS NOT NULL FROM testrun")
        assert runs.fetchall() == [(4, True, True)]


READERS = """
import itertools
from shop import *
from locust_plugins.csvreader import CSVReader, CSVDictReader
from locust_plugins.distributor import Distributor

rows = CSVReader("ssn.csv")
by_name = CSVDictReader("ssn.csv")
handed_out = []

@events.init.add_listener
def _(environment, **kwargs):
    global numbers
    numbers = Distributor(environment, itertools.count())

class Reading(Shopper):
    def browse(self):
        handed_out.append(next(numbers))
        self.record("browse")
    tasks = [browse]
    def on_start(self):
        assert len(next(rows)) == 2
        assert set(next(by_name)) == {"user", "ssn"}

@events.quitting.add_listener
def _(environment, **kwargs):
    assert handed_out and handed_out == list(range(len(handed_out))), handed_out
    print("READ", len(handed_out))
"""


def test_readers_and_distributor(shell, plugins: dict[str, str]) -> None:
    shell.write("ssn.csv", "user,ssn\na,1\nb,2\nc,3\n")
    shell.write("reading.py", READERS)
    done = shell.run("-f", "reading.py", "Reading", *LOAD, "-t", "1", env=plugins)
    assert done.code == 0, done.err
    assert done.out.startswith("READ ")


def test_transactions(shell, plugins: dict[str, str]) -> None:
    shell.write(
        "transactions.py",
        "from shop import *\nfrom locust_plugins.transaction_manager import TransactionManager\n"
        "class Buyer(Shopper):\n    def on_start(self):\n        self.transactions = TransactionManager()\n"
        "    @task\n    def buy_all(self):\n        self.transactions.start_transaction('all')\n"
        "        self.record('a')\n        self.transactions.end_transaction('all')\n",
    )
    files = ["--log-transactions-in-file", "--csv", "out"]
    done = shell.run("-f", "transactions.py", "Buyer", *LOAD, "-t", "1", *files, env=plugins)
    assert done.code == 0, done.err
    assert "Traceback" not in done.err
    assert "all" in (shell.folder / "out_transactions_summary.csv").read_text()


# Those that need no library besides Locust's own.
MODULES = ["csvreader", "distributor", "wait_time", "transaction_manager", "connection_pools", "utils", "listeners"]
MODULES += ["listeners.jmeter", "users.ftp"]


def test_modules_import(plugins: dict[str, str]) -> None:
    code = "; ".join(f"import locust_plugins.{module}" for module in MODULES)
    done = subprocess.run(
        [sys.executable, "-c", code], env={**plugins, "PATH": "/usr/bin"}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
