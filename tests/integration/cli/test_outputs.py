"""The files and the standard output that a run leaves."""

from __future__ import annotations

import csv
import json

import pytest

LOAD = ["-f", "shop.py", "--headless", "-u", "4", "-r", "100", "-t", "2", "--only-summary"]


def read_csv(path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


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
    assert (shell.folder / "result.json").exists()


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
