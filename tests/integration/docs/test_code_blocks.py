"""Every Python block and every command of the pages: locustfiles run, and commands are ones that exist."""

from __future__ import annotations

import http.server
import os
import re
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import click
import pytest

from locust_rs.argument_parser import get_parser
from locust_rs.cli.commands import main as locust_rs_command
from pages.code_blocks import ROOT, Block, blocks


class AnythingGoes(http.server.BaseHTTPRequestHandler):
    """Answers every request."""

    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_GET = do_POST = do_PUT = answer

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), AnythingGoes)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


PYTHON = blocks("python")
LOCUSTFILES = [block for block in PYTHON if re.search(r"^class \w+\(\w*User\):", block.code, re.MULTILINE)]


def test_pages_have_examples() -> None:
    assert len(LOCUSTFILES) >= 10


@pytest.mark.parametrize("block", [block for block in PYTHON if block not in LOCUSTFILES], ids=str)
def test_a_fragment_is_python(block: Block) -> None:
    compile(block.code, str(block), "exec")


def run_locustfile(block: Block, host: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs a block as a locustfile for a second."""
    # A shape has times of its own, in minutes.
    code = block.code.replace("self.get_run_time()", "(self.get_run_time() * 200)")
    folder.mkdir()
    (folder / "locustfile.py").write_text(code)
    command = [sys.executable, "-m", "locust", "--headless", "--only-summary", "-u", "2", "-r", "2", "-t", "1s"]
    return subprocess.run(
        [*command, "-H", host, "--exit-code-on-error", "0", "-L", "WARNING"],
        cwd=folder,
        env={**os.environ, "PASSWORD": "secret"},
        capture_output=True,
        text=True,
        timeout=150,
    )


Runs = dict[Block, Future[subprocess.CompletedProcess[str]]]


@pytest.fixture(scope="module")
def runs(host: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    """The runs of all locustfiles, a few at a time: most of a run is waiting."""
    folder = tmp_path_factory.mktemp("runs")
    pool = ThreadPoolExecutor(4)
    yield {
        block: pool.submit(run_locustfile, block, host, folder / str(number))
        for number, block in enumerate(LOCUSTFILES)
    }
    pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("block", LOCUSTFILES, ids=str)
@pytest.mark.timeout(600)
def test_a_locustfile_of_a_page_runs(block: Block, runs: Runs) -> None:
    done = runs[block].result()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    assert "Aggregated" in done.stderr


KNOWN = {
    "pip",
    "uv",
    "uvx",
    "pipx",
    "docker",
    "kubectl",
    "helm",
    "cd",
    "git",
    "pbpaste",
    "python",
    "curl",
    "cat",
    "export",
}


def check_locust(arguments: list[str]) -> None:
    """Fails unless the parser takes the arguments."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["locust"])
        if set(arguments) & {"-V", "--version", "-h", "--help"}:
            return
        get_parser().parse_args(arguments)


def check_locust_rs(arguments: list[str]) -> None:
    """Fails unless the command exists and takes the arguments."""
    command: click.Command = locust_rs_command
    assert isinstance(command, click.Group)
    found = command.get_command(click.Context(command), arguments[0])
    assert found is not None, f"locust-rs has no command {arguments[0]}"
    for parameter in found.params:
        if isinstance(parameter.type, click.Path):
            parameter.type = click.STRING
    found.make_parser(click.Context(found)).parse_args(arguments[1:])


COMMANDS = [
    pytest.param(command, id=f"{block}-{command[:40]}") for block in blocks("console") for command in block.commands
]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_a_page_exists(command: str) -> None:
    for part in re.split(r" \| | && | > \S+| &$", command):
        words = shlex.split(part, comments=True)
        while words and re.match(r"[A-Z_]+=", words[0]):
            del words[0]
        if not words:
            continue
        program, *arguments = words
        if program == "locust":
            check_locust(arguments)
        elif program == "locust-rs":
            check_locust_rs(arguments)
        elif program == "make":
            text = (ROOT / "Makefile").read_text()
            wanted = [word for word in arguments if "=" not in word]
            assert all(re.search(rf"^{word}\b.*:|^[a-z -]*\b{word}:", text, re.MULTILINE) for word in wanted), command
        else:
            assert program in KNOWN, f"{program}: a command that no test knows"
