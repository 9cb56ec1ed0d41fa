"""The files and the standard output of a run."""

from __future__ import annotations

import contextlib
import csv
import json
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from polling import until

LOAD = ["-f", "shop.py", "--headless", "-u", "4", "-r", "100", "-t", "2", "--only-summary"]


def read_csv(path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of 1 MiB."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_all_outputs_agree(shell) -> None:
    files = ["--csv", "deep/er/out", "--csv-full-history", "--json", "--json-file", "far/result"]
    done = shell.run(*LOAD, *files, "--html", "reports/r_{u}_{r}_{t}.html")
    assert done.code == 0, done.err
    rows = json.loads(done.out)
    counts = {row["name"]: row["num_requests"] for row in rows}
    assert set(counts) == {"browse", "buy"}
    assert json.loads((shell.folder / "far/result.json").read_text()) == rows
    written = read_csv(shell.folder / "deep/er/out_stats.csv")
    assert {row["Name"]: int(row["Request Count"]) for row in written[:-1]} == counts
    assert int(written[-1]["Request Count"]) == sum(counts.values())
    assert (written[-1]["Type"], written[-1]["Name"]) == ("", "Aggregated")
    history = read_csv(shell.folder / "deep/er/out_stats_history.csv")
    assert {row["Name"] for row in history} == {"browse", "buy", "Aggregated"}
    assert read_csv(shell.folder / "deep/er/out_failures.csv") == []
    assert read_csv(shell.folder / "deep/er/out_exceptions.csv") == []
    assert "</html>" in (shell.folder / "reports/r_4_100_2.html").read_text()


def test_precise_times_stand_in_tables_and_beside_the_documented_ones_in_files(shell) -> None:
    done = shell.run(*LOAD, "--precise", "--csv", "out", "--json-file", "out", "--html", "out.html", "--json")
    assert done.code == 0, done.err
    assert "Response time percentiles (precise, ms)" in done.err
    row = read_csv(shell.folder / "out_stats.csv")[0]
    assert float(row["Precise Min"]) <= float(row["Precise Median"]) <= float(row["Precise Max"])
    assert int(row["50%"]) == pytest.approx(float(row["Precise 50%"]), abs=0.6, rel=0.1)
    times = json.loads(done.out)[0]["precise_response_times"]
    assert times["min"] <= times["0.5"] <= times["0.999"] <= times["max"]
    assert '"precise": true' in (shell.folder / "out.html").read_text()


def test_missed_starts_are_told_at_the_end(shell) -> None:
    (shell.folder / "paced.py").write_text(
        "import gevent\nfrom locust import User, constant_throughput, task\n"
        "class Paced(User):\n    wait_time = constant_throughput(10)\n"
        "    @task\n    def t(self): gevent.sleep(0.3)\n"
    )
    done = shell.run("-f", "paced.py", "--headless", "-u", "5", "-r", "100", "-t", "3", "--only-summary")
    assert done.code == 0, done.err
    begun, meant = map(int, re.search(r"Paced users began (\d+) of (\d+) iterations", done.err).groups())
    assert 0 < begun < meant / 2


def test_json_alone_on_standard_output(shell) -> None:
    done = shell.run(*LOAD, "--json", "--skip-log-setup")
    assert sum(row["num_requests"] for row in json.loads(done.out)) > 0
    assert done.err == ""


def test_json_file_takes_the_place_of_the_summary(shell) -> None:
    done = shell.run(*LOAD, "--json-file", "result")
    assert "Aggregated" not in done.err
    assert json.loads((shell.folder / "result.json").read_text())


def test_log_file_takes_the_log_and_leaves_the_tables(shell) -> None:
    done = shell.run(*LOAD, "--logfile", "logs/locust.log")
    written = (shell.folder / "logs/locust.log").read_text()
    assert "INFO/locust.main: Shutting down (exit code 0)" in written
    assert "INFO/locust" not in done.err
    assert "Aggregated" in done.err
    assert "Aggregated" not in written


@pytest.mark.parametrize(("level", "shown"), [("DEBUG", True), ("INFO", True), ("WARNING", False)])
def test_log_level(shell, level: str, shown: bool) -> None:
    done = shell.run(*LOAD, "-L", level)
    assert ("INFO/locust.main: Starting Locust" in done.err) == shown
    assert ("DEBUG/" in done.err) == (level == "DEBUG")
    assert "Aggregated" in done.err


def test_root_logger_writes_where_locust_does(shell) -> None:
    shell.write(
        "logs.py",
        "import logging\nfrom shop import *\nlogging.info('too early')\nclass L(Shopper):\n"
        "    def on_start(self): logging.info('this log message will go wherever the others go')\n",
    )
    done = shell.run("-f", "logs.py", *LOAD[2:], "L", "--logfile", "x.log")
    assert done.code == 0
    assert "INFO/root: this log message will go wherever the others go" in (shell.folder / "x.log").read_text()


def test_what_cannot_be_written_is_said_and_the_rest_is_written(shell) -> None:
    (shell.folder / "taken.html").mkdir()
    done = shell.run(*LOAD, "--html", "taken.html", "--json-file", "result")
    assert done.code == 1
    assert "Could not write --html taken.html: Is a directory" in done.err
    assert "Shutting down (exit code 1)" in done.err
    assert (shell.folder / "result.json").exists()


def test_what_did_not_get_into_the_json_file_is_printed(shell) -> None:
    (shell.folder / "result.json").mkdir()
    done = shell.run(*LOAD, "--json-file", "result")
    assert done.code == 1
    assert "Could not write --json-file result: Is a directory" in done.err
    assert "Aggregated" in done.err


def fill(disk: Path) -> Path:
    """Fills a disk."""
    filler = disk / "filler"
    filler.write_bytes(bytes(shutil.disk_usage(disk).free))
    return filler


def test_a_disk_that_is_full_is_said_before_the_test(shell) -> None:
    with small_disk(shell.folder / "full") as disk:
        fill(disk)
        done = shell.run(*LOAD, "--csv", "full/out")
    assert done.code == 1
    assert done.log[-1] == "ERROR/locust.main: --csv full/out: [Errno 28] No space left on device"
    assert "Traceback" not in done.err


def test_a_disk_that_fills_costs_its_files_and_nothing_else(shell) -> None:
    outputs = ["--csv", "full/out", "--html", "full/report.html", "--json-file", "result"]
    with (
        small_disk(shell.folder / "full") as disk,
        shell.started(*LOAD[:-2], "30", "--only-summary", *outputs) as running,
    ):
        running.wait_for("All users spawned")
        written = disk / "out_stats.csv"
        until(lambda: "browse" in written.read_text(), "rows of CSV")
        fill(disk)
        running.wait_for("Could not write the files of --csv, trying again: [Errno 28] No space left on device")
        done = running.end(signal.SIGTERM)
        assert read_csv(written)[-1]["Name"] == "Aggregated"
        assert list(disk.glob("*report*")) == []
    assert done.code == 1
    for option in ("--csv full/out", "--html full/report.html"):
        assert f"Could not write {option}: No space left on device" in done.err
    assert "Shutting down (exit code 1)" in done.err
    assert "Traceback" not in done.err
    assert json.loads((shell.folder / "result.json").read_text())


def test_files_are_written_again_when_there_is_room(shell) -> None:
    with (
        small_disk(shell.folder / "full") as disk,
        shell.started(*LOAD[:-2], "30", "--only-summary", "--csv", "full/out") as running,
    ):
        running.wait_for("All users spawned")
        filler = fill(disk)
        running.wait_for("trying again: [Errno 28] No space left on device")
        filler.unlink()
        done = running.end(signal.SIGTERM)
        assert int(read_csv(disk / "out_stats.csv")[-1]["Request Count"]) > 0
    assert done.code == 0


def test_secrets_are_shown_nowhere(shell) -> None:
    shell.write(
        "secret.py",
        "from shop import *\n@events.init_command_line_parser.add_listener\ndef _(parser):\n"
        "    parser.add_argument('--api-key', is_secret=True, default='', env_var='API_KEY')\n",
    )
    outputs = ["--csv", "out", "--html", "r.html", "--json-file", "j", "--logfile", "l.log", "-L", "DEBUG"]
    done = shell.run("-f", "secret.py", *LOAD[2:], *outputs, "--api-key", "hush-hush", env={"API_KEY": "hush-too"})
    assert done.code == 0
    assert "hush" not in done.out + done.err
    for path in shell.folder.glob("*.*"):
        assert "hush" not in path.read_text(errors="replace"), path
