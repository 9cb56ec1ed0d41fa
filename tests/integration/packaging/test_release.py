"""What a release consists of, as far as it takes no hours: `make release-check` does the rest."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from .conftest import ROOT, TOOLS, WITH_TOOLS

pytestmark = pytest.mark.timeout(900)

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


def say(*command: str | Path, **environment: str) -> str:
    """What a command that must succeed says."""
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=600, env={**WITH_TOOLS, **environment}, cwd=ROOT
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def test_the_licences_of_what_is_bundled_are_up_to_date() -> None:
    say(sys.executable, "tools/third_party_licenses.py", "--check")


def test_a_wheel_carries_licences_and_an_sbom(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name.partition(".dist-info/")[2] for name in archive.namelist() if name.startswith("locust_rs-")}
        texts = archive.read(next(name for name in archive.namelist() if name.endswith("/THIRD-PARTY-LICENSES.txt")))
    assert {"licenses/LICENSE", "licenses/THIRD-PARTY-LICENSES.txt", "sboms/locust-py.cyclonedx.json"} <= names
    assert b"\nreact 19" in texts
    assert b"\nrustls 0" in texts


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=[path.stem for path in WORKFLOWS])
def test_a_workflow_is_valid_and_gives_nothing_away(workflow: Path) -> None:
    say("check-jsonschema", "--builtin-schema", "vendor.github-workflows", workflow)
    say("zizmor", "--offline", workflow)


@pytest.fixture(scope="module")
def tool_path(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A PATH with what `uv tool install` has made of the wheel, and without Rust and Node."""
    folder = tmp_path_factory.mktemp("tool")
    places = {"UV_TOOL_DIR": str(folder / "tools"), "UV_TOOL_BIN_DIR": str(folder / "bin")}
    say("uv", "tool", "install", "--quiet", "--python", sys.executable, wheel, **places)
    only = folder / "only"
    only.mkdir()
    for name in ("sh", "uname", "dirname", "realpath"):
        (only / name).symlink_to(str(shutil.which(name)))
    return os.pathsep.join([str(folder / "bin"), str(only)])


@pytest.mark.parametrize("engine", ["on", "off"])
def test_an_installed_wheel_does_what_it_has_to(tool_path: str, engine: str) -> None:
    """With the engine off it sends requests as on Windows, where the release workflow runs the same script."""
    assert all(shutil.which(tool, path=tool_path) is None for tool in ("cargo", "node", "python3"))
    said = say(sys.executable, "-I", "tools/smoke.py", "--engine", engine, PATH=tool_path)
    assert said.count("good") == 8, said


def test_uvx_runs_a_wheel_that_nobody_installed(wheel: Path) -> None:
    assert TOOLS in WITH_TOOLS["PATH"]
    said = say("uvx", "--quiet", "--python", sys.executable, "--from", wheel, "locust", "-V")
    assert "locust-rs 0." in said
