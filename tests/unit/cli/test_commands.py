"""The command `locust-rs`."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from locust_rs.cli.commands import main
from locust_rs.rpc.keys import read_keys


def test_help_lists_the_commands() -> None:
    shown = CliRunner().invoke(main, ["--help"])
    assert shown.exit_code == 0
    for command in ("compare", "convert", "demo", "doctor", "keys", "runs", "upgrade"):
        assert command in shown.output


def test_keys_are_made_once(tmp_path: Path) -> None:
    made = CliRunner().invoke(main, ["keys", str(tmp_path / "new")])
    assert made.exit_code == 0, made.output
    master, worker = (read_keys(path) for path in sorted((tmp_path / "new").iterdir()))
    assert worker.master == master.public
    again = CliRunner().invoke(main, ["keys", str(tmp_path / "new")])
    assert again.exit_code == 1
    assert "Error: " in again.output


def test_doctor_names_what_it_finds() -> None:
    shown = CliRunner().invoke(main, ["doctor"])
    assert shown.exit_code in (0, 1)
    for line in ("the compiled core is loaded", "open files: ", "cores: ", "which is locust-rs"):
        assert line in shown.output


def test_unknown_command_is_refused() -> None:
    assert CliRunner().invoke(main, ["nothing"]).exit_code == 2
