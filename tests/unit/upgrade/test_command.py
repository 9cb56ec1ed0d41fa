"""`locust-rs upgrade`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from locust_rs.cli.commands import main

OLD = "from locust import HttpLocust\nclass A(HttpLocust):\n    task_set = B\n    wait_time = f\n    stop_timeout = 3\n"
TODAY = "from locust import HttpUser\nclass A(HttpUser):\n    tasks = [B]\n    wait_time = f\n    stop_timeout = 3\n"


@pytest.fixture
def old_file(tmp_path: Path) -> Path:
    path = tmp_path / "old.py"
    path.write_text(OLD)
    return path


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["upgrade", *map(str, arguments)])


def test_the_diff_is_shown_and_nothing_written(old_file: Path) -> None:
    shown = run(old_file)
    assert shown.exit_code == 0, shown.output
    assert "\n+    tasks = [B]\n" in shown.stdout
    assert f"{old_file}:5: stop_timeout" in shown.stderr
    assert "use --write to change 1 file." in shown.stderr
    assert old_file.read_text() == OLD


def test_files_are_written_when_asked(old_file: Path) -> None:
    other = old_file.with_name("today.py")
    other.write_text(TODAY)
    assert "Changed 1 file." in run("--write", old_file, other).stderr
    assert old_file.read_text() == other.read_text() == TODAY
    assert "Nothing to change." in run("--write", old_file).stderr


def test_python_2_is_named_with_its_line(old_file: Path) -> None:
    bad = old_file.with_name("bad.py")
    bad.write_text("import locust\n\nprint 'hello'\n")
    shown = run("--write", bad, old_file)
    assert shown.exit_code == 1
    assert f"{bad}:3: this is not Python 3" in shown.stderr
    assert (bad.read_text(), old_file.read_text()) == ("import locust\n\nprint 'hello'\n", TODAY)


def test_without_libcst_its_installation_is_named(old_file: Path) -> None:
    script = "import sys; sys.modules['libcst'] = None; from locust_rs.cli.commands import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", script, "upgrade", str(old_file)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert "Install it with: pip install 'libcst>=1.5'" in done.stderr
    assert "Traceback" not in done.stderr
