"""The page "Ten minutes to the first chart", done step by step as it says."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pages.code_blocks import ROOT, blocks_of
from polling import until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

PAGE = blocks_of(ROOT / "docs" / "start.md")
COMMANDS = [command for block in PAGE for command in block.commands]
PATIENCE_S = 120

# `UPDATE_PICTURES=1` writes the page's picture, from more requests than a test waits for.
UPDATES_PICTURES = bool(os.environ.get("UPDATE_PICTURES"))


def command(beginning: str, shop: str, *more: str) -> list[str]:
    """A command of the page as this environment runs it, against a shop on another port."""
    (found,) = (each for each in COMMANDS if each.startswith(beginning))
    program, *arguments = found.replace("http://127.0.0.1:8000", shop).split()
    return [str(Path(sys.executable).with_name(program)), *arguments, *more]


@contextmanager
def running(arguments: list[str], folder: Path) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """A process and the lines that it has printed so far."""
    process = subprocess.Popen(
        arguments, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    lines: list[str] = []
    assert process.stdout is not None
    reader = threading.Thread(target=lines.extend, args=(process.stdout,))
    reader.start()
    try:
        yield process, lines
    finally:
        process.kill()
        process.wait()
        reader.join()
        process.stdout.close()


def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    """Whether something listens there."""
    host, _, number = url.removeprefix("http://").partition(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(number))) == 0


def test_the_page_leads_to_a_chart_and_to_files(tmp_path: Path) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert chromium, "no Chromium on PATH: install your distribution's `chromium`"
    (locustfile,) = (block.code for block in PAGE if block.language == "python")
    (tmp_path / "locustfile.py").write_text(locustfile)
    shop = f"http://127.0.0.1:{port()}"
    serve = [word.replace("8000", shop.rpartition(":")[2]) for word in command("locust-rs demo", shop)]
    with running(serve, tmp_path):
        until(lambda: answers(shop), "the sample shop")
        chart(chromium, shop, tmp_path)
        files(shop, tmp_path)


def chart(chromium: str, shop: str, folder: Path) -> None:
    """Steps 4: the web UI, the form, the charts, and Ctrl-C."""
    web = f"http://127.0.0.1:{port()}"
    with running(command("locust --host", shop, "--web-port", web.rpartition(":")[2]), folder) as (process, lines):
        until(lambda: answers(web), lambda: "".join(lines), hopeless=lambda: process.poll() is not None)
        artifact = ROOT / "artifacts" / "first-chart.png"
        artifact.parent.mkdir(exist_ok=True)
        given = {
            "web": str(ROOT / "web"),
            "chromium": chromium,
            "url": web,
            "picture": str(ROOT / "docs/pictures/charts.png" if UPDATES_PICTURES else artifact),
            "enough": 700 if UPDATES_PICTURES else 20,
            "patienceMs": PATIENCE_S * 1000,
        }
        script = Path(__file__).with_name("first_chart.mjs")
        done = subprocess.run(
            ["node", str(script), json.dumps(given)], capture_output=True, text=True, timeout=PATIENCE_S * 2
        )
        assert done.returncode == 0, done.stderr + "".join(lines)
        assert int(done.stdout) >= 3
        process.send_signal(signal.SIGINT)
        until(lambda: process.poll() is not None, "the end after Ctrl-C")
        until(lambda: "Response time percentiles" in "".join(lines), lambda: "tables in\n" + "".join(lines))


def files(shop: str, folder: Path) -> None:
    """Step 5: a headless run, and the files that the page about files describes."""
    done = subprocess.run(command("locust --headless", shop, "--run-time", "3s"), cwd=folder, timeout=PATIENCE_S)
    assert done.returncode in (0, 1)
    assert "</html>" in (folder / "report.html").read_text()
    described = (ROOT / "docs/files.md").read_text()
    for name in ("stats", "stats_history", "failures", "exceptions"):
        with (folder / f"run_{name}.csv").open(newline="") as file:
            header = next(csv.reader(file))
        plain = [column for column in header if not column.endswith("%")]
        assert [column for column in plain if f"`{column}`" not in described] == [], name
