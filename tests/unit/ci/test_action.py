"""`action.yml`: what GitHub requires of a composite action, and that its steps do what they say."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]

USERS = """from locust import User, constant, task

class Shopper(User):
    wait_time = constant(0.05)

    @task
    def browse(self):
        self.environment.events.request.fire(
            request_type="GET", name="browse", response_time=5, response_length=3, exception=None, context={}
        )
"""


def test_composite_action_has_what_github_requires() -> None:
    assert ACTION["runs"]["using"] == "composite"
    assert ACTION["name"]
    assert ACTION["description"]
    for step in STEPS:
        assert ("run" in step) != ("uses" in step)
        # A composite step has no default shell.
        assert ("shell" in step) == ("run" in step)
    for entry in [*ACTION["inputs"].values(), *ACTION["outputs"].values()]:
        assert entry["description"]


def test_action_is_valid_by_the_schema_of_github() -> None:
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-actions", "action.yml"]
    done = subprocess.run(check, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_actions_used_are_pinned_to_a_commit() -> None:
    assert all(re.search(r"@[0-9a-f]{40}$", step["uses"]) for step in STEPS if "uses" in step)


def test_every_input_is_used_and_none_is_pasted_into_a_script() -> None:
    text = (ROOT / "action.yml").read_text()
    assert set(re.findall(r"inputs\.([a-z-]+)", text)) == ACTION["inputs"].keys()
    # An input in a script could run commands of its own.
    assert not any("${{" in step.get("run", "") for step in STEPS)


CASES = {"a run that passes": ("requests > 1\n\nmax < 1s\n", 0), "a run that does not": ("max < 1ms\n", 99)}


@pytest.mark.parametrize("case", CASES)
def test_steps_run_judge_and_leave_the_results(case: str, tmp_path: Path) -> None:
    thresholds, code = CASES[case]
    (tmp_path / "shop.py").write_text(USERS)
    values = {
        **{name: str(entry.get("default", "")) for name, entry in ACTION["inputs"].items()},
        "python": sys.executable,
        "locustfile": "shop.py",
        "run-time": "1s",
        "thresholds": thresholds,
        "args": "--stop-timeout 1",
    }
    outputs = tmp_path / "outputs"
    run = next(step for step in STEPS if step.get("id") == "run")
    assert execute(run, values, tmp_path, {"GITHUB_OUTPUT": str(outputs)}) == 0
    told = dict(line.split("=", 1) for line in outputs.read_text().splitlines())
    assert told["exit-code"] == str(code)
    for name in ("results", "report", "junit"):
        assert (tmp_path / told[name]).stat().st_size > 0
    judge = STEPS[-1]
    assert execute(judge, values, tmp_path, {"CODE": told["exit-code"]}) == code


def execute(step: dict[str, Any], inputs: dict[str, str], folder: Path, variables: dict[str, str]) -> int:
    """Runs a step as GitHub does, and returns its exit code."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LOCUST", "GITHUB"))}
    own = {
        name: re.sub(r"\$\{\{ inputs\.([a-z-]+) \}\}", lambda found: inputs[found[1]], text)
        for name, text in step["env"].items()
    }
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=folder,
        env={**kept, "HOME": str(folder), **own, **variables},
        timeout=120,
        check=False,
    )
    return done.returncode
