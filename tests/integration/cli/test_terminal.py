"""On a terminal: the live view, the keys, the colours. Piped: only the lines that scripts match."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Iterator

import pytest

from locust_rs.cli.live_view import progress


class Terminal:
    """A locust on a pseudo terminal."""

    def __init__(self, shell, *args: str, columns: int = 100, **env: str) -> None:
        from subprocess import Popen

        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        inherited = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
        environment = {**inherited, "HOME": str(shell.folder), "TERM": "xterm", **env}
        self.process: Popen[bytes] = subprocess.Popen(
            [*shell.command, *args], cwd=shell.folder, stdin=slave, stdout=slave, stderr=slave, env=environment
        )
        os.close(slave)
        self.shown = ""

    def read_until(self, pattern: str) -> re.Match[str]:
        """Reads until the pattern has been shown."""
        deadline = time.monotonic() + 60
        while True:
            found = re.search(pattern, self.shown, re.DOTALL)
            if found:
                return found
            assert time.monotonic() < deadline, f"{pattern} was not shown:\n{self.shown}"
            if not self._read():
                pytest.fail(f"ended without {pattern}:\n{self.shown}")

    def read_all(self) -> str:
        """Reads to the end."""
        while self._read():
            pass
        self.process.wait(timeout=60)
        return self.shown

    def press(self, key: str) -> None:
        """Presses a key."""
        os.write(self.master, key.encode())

    def _read(self) -> bool:
        if not select.select([self.master], [], [], 60)[0]:
            return False
        try:
            read = os.read(self.master, 65536)
        except OSError:
            return False
        self.shown += read.decode(errors="replace")
        return bool(read)


@contextlib.contextmanager
def terminal(shell, *args: str, columns: int = 100, **env: str) -> Iterator[Terminal]:
    made = Terminal(shell, *args, columns=columns, **env)
    try:
        yield made
    finally:
        made.process.kill()
        made.process.wait()
        os.close(made.master)


LOAD = ["-f", "shop.py", "--headless", "-u", "3", "-r", "30"]


def test_live_view_shows_the_run(shell) -> None:
    with terminal(shell, *LOAD, "-t", "3") as shown:
        shown.read_until(r"00:0\d of 00:03 █+░+ \d+%")
        shown.read_until(r"users 3/3   requests [\d.]+/s \(\d+\)   failures 0.0/s \(0.00%\)")
        shown.read_until(r"median \d+ ms   95 % \d+ ms   99 % \d+ ms")
        text = shown.read_all()
    assert shown.process.returncode == 0
    # It was erased before the summary.
    summary = text.rpartition("Shutting down (exit code 0)")[2]
    assert "Aggregated" in summary
    assert "█" not in summary
    # The tables of the piped output appear once, at the end.
    assert text.count("Aggregated") == 2


def test_no_color_leaves_the_colour_out(shell) -> None:
    with terminal(shell, *LOAD, "-t", "2", NO_COLOR="1") as shown:
        text = shown.read_all()
    assert "█" in text
    assert not re.search(r"\x1b\[\d*m", text)


def test_keys_change_the_number_of_users(shell) -> None:
    with terminal(shell, *LOAD, "--only-summary") as shown:
        shown.read_until("All users spawned: .* \\(3 total users\\)")
        for key, users in (("w", 4), ("W", 14), ("S", 4), ("s", 3)):
            shown.press(key)
            shown.read_until(f"Ramping to {users} users at a rate of 100.00 per second.*\\({users} total users\\)")
            shown.shown = ""
        shown.process.send_signal(signal.SIGINT)
        shown.read_until(r"Shutting down \(exit code 0\)")
        shown.read_all()
    assert shown.process.returncode == 0


def test_dumb_terminal_gets_the_tables(shell) -> None:
    with terminal(shell, *LOAD, "-t", "1", TERM="dumb") as shown:
        text = shown.read_all()
    assert "\x1b" not in text
    assert "failures/s" in text.partition("Ramping")[0]


@pytest.mark.parametrize("columns", [20, 80, 200])
def test_terminals_of_every_width(shell, columns: int) -> None:
    with terminal(shell, *LOAD, "-t", "2", columns=columns) as shown:
        text = shown.read_all()
    assert shown.process.returncode == 0, text
    assert "Response time percentiles (approximated)" in text


def test_tables_fit_a_terminal_of_eighty_columns(shell) -> None:
    shell.write(
        "long.py",
        "from shop import *\nclass Long(Shopper):\n    @task(9)\n    def far(self): self.record('/far' * 40)\n",
    )
    with terminal(shell, "-f", "long.py", "Long", *LOAD[2:], "-t", "2", columns=80) as shown:
        text = shown.read_all()
    tables = text.rpartition("Shutting down (exit code 0)")[2].replace("\r", "").splitlines()
    assert max(map(len, tables)) <= 80, text
    rows = [line for line in tables if line.startswith("GET /far/f") and "…" in line and line.endswith("0.00")]
    assert len(rows) == 1


def test_piped_output_has_no_control_characters(shell) -> None:
    done = shell.run(*LOAD, "-t", "1")
    assert "\x1b" not in done.err
    assert "\r" not in done.err
    assert done.err.count("Aggregated") == 3


@pytest.mark.parametrize(
    ("elapsed_s", "run_time_s", "text"),
    [
        (0, 60, f"00:00 of 01:00 {'░' * 24} 0%"),
        (30, 60, f"00:30 of 01:00 {'█' * 12}{'░' * 12} 50%"),
        (90, 60, f"01:30 of 01:00 {'█' * 24} 100%"),
        (3725, None, "1:02:05   Ctrl-C stops the test"),
    ],
)
def test_progress_of_the_run_time(elapsed_s: float, run_time_s: int | None, text: str) -> None:
    assert progress(elapsed_s, run_time_s) == text


def test_enter_opens_the_web_ui(shell, free_port: int) -> None:
    opened = shell.folder / "opened.txt"
    browser = shell.write("browser.sh", f'#!/bin/sh\necho "$1" > "{opened}"\n')
    browser.chmod(0o755)
    arguments = ["-f", "shop.py", "--web-host", "127.0.0.1", "--web-port", str(free_port)]
    with terminal(shell, *arguments, BROWSER=str(browser)) as shown:
        shown.read_until("press enter to open your default browser")
        deadline = time.monotonic() + 60
        while not opened.exists():
            assert time.monotonic() < deadline, shown.shown
            shown.press("\r")
            time.sleep(0.3)
        assert opened.read_text().strip() == f"http://127.0.0.1:{free_port}"
