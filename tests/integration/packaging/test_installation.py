"""locust-rs beside packages that require `locust`: any order, pip and uv, installed and uninstalled for real."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
from collections.abc import Callable
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest

from locust_rs._version import __version__

from .conftest import ROOT, WITH_TOOLS, Installation

# The first test builds the wheel, and every one may download.
pytestmark = pytest.mark.timeout(900)

PLUGINS = ["locust-plugins", "har2locust", "locust-swarm", "invokust"]

OURS = "locust-rs 0."

HAR = {
    "log": {
        "version": "1.2",
        "entries": [
            {
                "_resourceType": "document",
                "request": {"method": "GET", "url": "http://127.0.0.1:1/hello", "headers": []},
                "response": {"status": 200, "headers": [], "content": {"mimeType": "text/html"}},
            }
        ],
    }
}

INVOKED = """
import http.server, invokust, threading
from locust import HttpUser, constant, task
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
threading.Thread(target=server.serve_forever, daemon=True).start()
class Visitor(HttpUser):
    wait_time = constant(0.05)
    @task
    def look(self): self.client.get("/")
settings = dict(classes=[Visitor], host=f"http://127.0.0.1:{server.server_port}", num_users=1, spawn_rate=1)
test = invokust.LocustLoadTest(invokust.create_settings(**settings, run_time="1s"))
test.run()
stats = test.stats()
assert stats["num_requests"] > 0 and stats["num_requests_fail"] == 0, stats
"""


CONVERTED = """
import http.server, json, subprocess, sys, threading
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")
    def log_message(self, *args): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
threading.Thread(target=server.serve_forever, daemon=True).start()
command = [sys.executable, "-m", "locust", "-f", "visit.py", "--headless", "-u", "1", "-t", "2", "--json", "--host"]
done = subprocess.run([*command, f"http://127.0.0.1:{server.server_port}"], capture_output=True, text=True)
(row,) = json.loads(done.stdout)
assert (row["name"], row["method"], row["num_failures"]) == ("/hello", "GET", 0) and row["num_requests"], done
"""


def doctor(installation: Installation) -> str:
    """What it says about the distribution `locust`."""
    done = installation.run("locust-rs", "doctor")
    assert "the compiled core is loaded" in done.stdout, done.stdout + done.stderr
    return next(line for line in done.stdout.splitlines()[1:] if "ocust" in line)


def mend(installation: Installation, said: str) -> None:
    """Does word for word what a message tells to do."""
    commands = re.search(r"Mend it with: (.*?)\. A package", said)
    assert commands, said
    installation.say("sh", "-c", commands[1])


def has_ours(installation: Installation) -> bool:
    return OURS in installation.say("locust", "-V") and "ok" in doctor(installation).split()


@pytest.fixture
def locustfile(tmp_path: Path) -> str:
    path = tmp_path / "shop.py"
    path.write_text("from locust import User, task\nclass Shopper(User):\n    @task\n    def buy(self): pass\n")
    return str(path)


def test_plugins_that_come_later_take_locust_rs_for_locust(
    wheel: Path, make_installation: Callable[[], Installation]
) -> None:
    installation = make_installation()
    installation.install(str(wheel))
    installation.install(*PLUGINS)
    assert installation.check().returncode == 0
    assert has_ours(installation)

    # Each of them does what it is for.
    assert "--check-rps" in installation.say("locust", "--help")
    (installation.work / "visit.har").write_text(json.dumps(HAR))
    written = installation.run("har2locust", "visit.har").stdout
    assert "class visit(FastHttpUser)" in written
    (installation.work / "visit.py").write_text(written)
    installation.say("python", "-c", CONVERTED)
    assert "--loadgen-list" in installation.say("swarm", "--help")
    installation.say("python", "-c", INVOKED)

    # Nobody takes away what belongs to locust-rs but locust-rs.
    refused = installation.try_to("uninstall", "locust")
    assert refused.returncode != 0
    assert "RECORD" in refused.stdout + refused.stderr
    assert has_ours(installation)
    installation.uninstall("locust-rs")
    assert installation.leftovers() == set()
    assert installation.check().returncode != 0  # the plug-ins miss it
    installation.install("locust")
    assert installation.check().returncode == 0
    assert "locust-rs" not in installation.say("locust", "-V")


@pytest.mark.parametrize("stock", [f"locust=={__version__}", "locust==2.43.4"])
def test_stock_locust_that_was_there_before_is_told_and_can_be_mended(
    wheel: Path, make_installation: Callable[[], Installation], stock: str, locustfile: str
) -> None:
    installation = make_installation()
    installation.install("har2locust", stock)
    installation.install(str(wheel))
    assert OURS in installation.say("locust", "-V")
    if installation.installer == "pip":
        assert installation.check().returncode == 0

    told = installation.say("locust", "-f", locustfile, "--list")
    assert "Stock Locust is installed in the same environment" in told
    assert "Shopper" in told
    assert doctor(installation).startswith("bad")

    mend(installation, told)
    assert installation.check().returncode == 0
    assert has_ours(installation)
    assert "Stock Locust" not in installation.say("locust", "-f", locustfile, "--list")
    installation.uninstall("locust-rs")
    assert installation.leftovers() == set()


def test_a_plugin_that_wants_another_locust_is_refused_or_told(
    wheel: Path, make_installation: Callable[[], Installation], locustfile: str
) -> None:
    installation = make_installation()
    installation.install(str(wheel))
    done = installation.try_to("install", "locust-grasshopper")  # locust~=2.43.3
    if installation.installer == "pip":
        assert done.returncode != 0
        assert "locust-rs" in done.stdout + done.stderr
        assert installation.check().returncode == 0
        assert has_ours(installation)
        return
    assert done.returncode == 0, done.stderr
    told = installation.say("locust", "-f", locustfile, "--list")
    assert "taken the place of locust-rs" in told
    assert doctor(installation).startswith("bad")
    mend(installation, told)
    installation.uninstall("locust-grasshopper")
    assert installation.check().returncode == 0
    assert has_ours(installation)


def test_an_extra_of_locust_is_an_extra_of_locust_rs(
    wheel: Path, make_installation: Callable[[], Installation]
) -> None:
    installation = make_installation()
    installation.install(str(wheel))
    missing = installation.run("python", "-c", "import locust.contrib.mqtt").stderr
    command = re.search(r"Install it with: (.*)", missing)
    assert command, missing
    installation.say("sh", "-c", command[1])
    installation.say("python", "-c", "import locust.contrib.mqtt")
    installation.install("locust[dns]")
    installation.say("python", "-c", "import locust.contrib.dns")
    assert installation.check().returncode == 0
    assert has_ours(installation)


def test_an_sdist_can_make_the_distribution_locust(tmp_path: Path) -> None:
    subprocess.run(["maturin", "sdist", "--out", str(tmp_path)], cwd=ROOT, check=True, env=WITH_TOOLS)
    with tarfile.open(next(tmp_path.glob("*.tar.gz"))) as archive:
        archive.extractall(tmp_path, filter="data")
    unpacked = next(tmp_path.glob("locust_rs-*/"))
    subprocess.run([sys.executable, str(unpacked / "tools" / "locust_distribution.py")], check=True)
    (made,) = unpacked.glob(f"target/locust.data/purelib/locust-{__version__}.dist-info")
    assert "RECORD" not in {path.name for path in made.iterdir()}
    assert PathDistribution(made).metadata["Version"] == __version__


def test_pytest_loads_the_plugin_once(wheel: Path, make_installation: Callable[[], Installation]) -> None:
    installation = make_installation()
    installation.install(str(wheel))
    (installation.work / "test_one.py").write_text("def test_one(fastsession): pass\n")
    said = installation.say("pytest", "--verbose", "--trace-config")
    assert len(re.findall(r"registered: <module 'pytest_locust.plugin'", said)) == 1
    assert "1 passed" in said
    code = "import importlib.metadata as m; print(m.packages_distributions()['locust'])"
    said = installation.say("python", "-c", code)
    assert sorted(re.findall(r"[\w-]+", said)) == ["locust", "locust-rs"]
