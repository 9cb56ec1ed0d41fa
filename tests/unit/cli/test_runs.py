"""`locust-rs runs`: where its options may stand."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from locust_rs.cli.runs import runs


@pytest.mark.parametrize("place", ["before", "after"])
def test_the_folder_is_named_before_or_after_the_command(place: str, tmp_path: Path) -> None:
    folder = ["--history", str(tmp_path)]
    arguments = [*folder, "show", "7"] if place == "before" else ["show", "7", *folder]
    done = CliRunner().invoke(runs, arguments)
    assert done.exit_code == 1
    assert f"there is no history in {tmp_path}" in done.output
