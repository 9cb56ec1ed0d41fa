"""Locustfiles in every form: files, folders, packages, URLs, from the master, written for pytest."""

from __future__ import annotations

import functools
import http.server
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

SHAPE = """
from locust import LoadTestShape

class Short(LoadTestShape):
    def tick(self):
        return (2, 10) if self.get_run_time() < 1 else None
"""


def users_listed(done) -> list[str]:
    assert done.code == 0, done.err
    header, *names = done.out.split("\n")
    assert header == "Available Users:"
    return [name.strip() for name in names if name]


def simple(name: str) -> str:
    return f"from locust import User, task\nclass {name}(User):\n    @task\n    def t(self): ...\n"


def test_default_is_locustfile_py(shell) -> None:
    shell.write("locustfile.py", simple("Default"))
    assert users_listed(shell.run("--list")) == ["Default"]


def test_several_files(shell) -> None:
    shell.write("a.py", simple("A"))
    shell.write("deep/b.py", simple("B"))
    assert users_listed(shell.run("-f", "a.py,deep/b.py", "--list")) == ["A", "B"]
    assert users_listed(shell.run("-f", "a.py, deep/b.py", "--list")) == ["A", "B"]


def test_folder_without_what_begins_with_an_underscore(shell) -> None:
    shell.write("locustfiles/locustfile1.py", simple("One"))
    shell.write("locustfiles/locustfile2.py", simple("Two"))
    shell.write("locustfiles/more_files/locustfile3.py", simple("Three"))
    shell.write("locustfiles/more_files/_ignoreme.py", simple("Ignored"))
    assert sorted(users_listed(shell.run("-f", "locustfiles", "--list"))) == ["One", "Three", "Two"]


def test_package_with_relative_imports(shell) -> None:
    shell.write("tests/__init__.py", "")
    shell.write("tests/_common.py", "HOST = 'http://a'\n")
    shell.write("tests/shop.py", "from ._common import HOST\n" + simple("Packaged"))
    assert users_listed(shell.run("-f", "tests", "--list")) == ["Packaged"]


def test_package_that_is_its_init(shell) -> None:
    shell.write("mine/__init__.py", simple("Whole"))
    assert users_listed(shell.run("-f", "mine", "--list")) == ["Whole"]


def test_working_directory_can_be_imported_from(shell) -> None:
    shell.write("common/__init__.py", "")
    shell.write("common/auth.py", "TOKEN = 1\n")
    shell.write("my_locustfiles/api.py", "import common.auth\n" + simple("Api"))
    assert users_listed(shell.run("-f", "my_locustfiles/api.py", "--list")) == ["Api"]


def test_same_class_imported_by_two_files_is_one(shell) -> None:
    shell.write("a.py", "from shop import Shopper\n")
    shell.write("b.py", "from shop import Shopper\n")
    assert users_listed(shell.run("-f", "a.py,b.py", "--list")) == ["Shopper"]


ONCE = "import sys\nfrom locust import events\nsys.stderr.write('imported\\n')\n"


@pytest.mark.parametrize("listed", ["deep/a.py,deep/common.py", "deep/common.py,deep/a.py", "deep", "deep,deep/a.py"])
def test_files_that_import_each_others_classes(shell, listed: str) -> None:
    shell.write("deep/common.py", ONCE + SHAPE + simple("Base"))
    shell.write("deep/a.py", "from common import Base\nclass Other(Base): ...\n")
    done = shell.run("-f", listed, "--list")
    assert sorted(users_listed(done)) == ["Base", "Other"]
    assert done.err.count("imported") == 1


def test_the_same_class_through_its_package_and_its_file_is_one(shell) -> None:
    shell.write("deep/__init__.py", "")
    shell.write("deep/common.py", simple("Base"))
    shell.write("deep/zoo.py", "from deep.common import Base\nclass Other(Base): ...\n")
    assert sorted(users_listed(shell.run("-f", "deep", "--list"))) == ["Base", "Other"]


def test_shape_in_a_file_of_its_own(shell) -> None:
    shell.write("low_load.py", SHAPE)
    done = shell.run("-f", "shop.py,low_load.py", "--headless", "-u", "9", "--only-summary")
    assert done.code == 0
    assert "INFO/locust.runners: Shape test updating to 2 users at 10.00 spawn rate" in done.log
    assert "INFO/locust.main: Shape test completed, shutting down" in done.log
    assert "WARNING/locust.main: The following option(s) will be ignored: --users" in done.log


def test_tests_written_for_pytest(shell) -> None:
    shell.write(
        "test_site.py",
        "import time\ndef test_home(session):\n    time.sleep(0.1)\ndef test_cart(fastsession):\n    time.sleep(0.1)\n"
        "def helper(session): ...\n",
    )
    assert users_listed(shell.run("-f", "test_site.py", "--list")) == ["test_home", "test_cart"]
    load = ["--headless", "-u", "2", "-r", "9", "-t", "1", "-H", "http://127.0.0.1:1", "--only-summary"]
    done = shell.run("-f", "test_site.py", *load)
    assert (done.code, '{"test_cart": 1, "test_home": 1}' in done.err) == (0, True), done.err


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """Base URL of a server of `tmp_path/www`."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None: ...

    (tmp_path / "www").mkdir()
    handler = functools.partial(Quiet, directory=str(tmp_path / "www"))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


SHOWS_WHERE = """
import os, sys
sys.stderr.write(f"FILE {os.path.basename(__file__)} {oct(os.stat(os.path.dirname(__file__)).st_mode)[-3:]}\\n")
"""


def test_url(shell, served: str) -> None:
    shell.write("www/deep/far.py", SHOWS_WHERE + simple("Far"))
    done = shell.run("-f", f"{served}/deep/far.py?version=1", "--list")
    assert users_listed(done) == ["Far"]
    assert "FILE far.py 700" in done.err


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "The server answered with status 404."),
        ("<html>", "Response was not valid python code: '<html>'"),
        ("#" * 17_000_000, "it is larger than 16777216 bytes"),
    ],
    ids=["missing", "no Python", "huge"],
)
def test_url_that_is_not_a_locustfile(shell, served: str, content: str | None, message: str) -> None:
    if content is not None:
        shell.write("www/far.py", content)
    done = shell.run("-f", f"{served}/far.py", "--list")
    assert done.code == 1
    assert done.err.startswith(f"Failed to get locustfile from: {served}/far.py. ")
    assert message in done.err


def test_url_without_a_server(shell, free_port: int) -> None:
    done = shell.run("-f", f"http://127.0.0.1:{free_port}/far.py", "--list")
    assert done.code == 1
    assert "Traceback" not in done.err


def test_from_the_master(shell, free_port: int) -> None:
    far = shell.write("elsewhere/readme.txt", "").parent
    shell.write("sent.py", SHOWS_WHERE + (shell.folder / "shop.py").read_text())
    load = ["--headless", "-u", "2", "-t", "1", "--expect-workers", "1", "--only-summary"]
    bind = ["--master-bind-host", "127.0.0.1", "--master-bind-port", str(free_port)]
    with shell.started("-f", "sent.py", "--master", *load, *bind) as master:
        worker = type(shell)(far)
        done = worker.run("-f", "-", "--worker", "--master-port", str(free_port))
        assert master.end().code == 0
    assert done.code == 0, done.err
    assert "FILE sent.py 700" in done.err
    assert "Waiting to connect to master to receive locustfile..." in done.err


def test_downloaded_file_gets_a_private_folder() -> None:
    from locust_rs.argument_parser import exit_handler, parse_locustfiles_from_master

    hostile = {"filename": "../../etc/evil.py", "contents": "x = 1\n"}
    (path,) = parse_locustfiles_from_master([hostile])
    written = Path(path)
    assert (written.name, written.read_text()) == ("evil.py", "x = 1\n")
    assert stat.S_IMODE(written.parent.stat().st_mode) == 0o700
    exit_handler(path)
    assert not written.parent.exists()
