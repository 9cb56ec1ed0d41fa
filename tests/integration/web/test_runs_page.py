"""The history in a real Chromium: real runs of the sample shop are listed, opened, laid over each other and compared."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from sample_shop import sample_shop
from web_case.browser import play, ports
from web_case.process import LOCUSTFILES, PATIENCE_S, locust

pytestmark = [pytest.mark.browser]

REVISIONS = {"first": "/", "slower": "/reports/sales", "failing": "/nowhere"}
"""Profile → the path that stands for the page in this revision."""

LENGTH_S = 12
"""Nothing is said of less than eight seconds with requests."""


def keep_runs(shop: str, folder: Path, log: Path) -> None:
    """Runs all revisions at the same time, which all keep their run in one file."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LOCUST")}
    with ExitStack() as stack:
        processes = []
        for profile, path in REVISIONS.items():
            out = stack.enter_context(log.with_name(f"{profile}.log").open("w"))
            arguments = ["-f", str(LOCUSTFILES / "revision.py"), "--headless", "-u", "8", "-r", "8"]
            arguments += ["-t", f"{LENGTH_S}s", "--host", shop, "--history", str(folder), "--profile", profile]
            command = [sys.executable, "-m", "locust", *arguments]
            environment = {**clean, "PAGE_PATH": path}
            processes.append(subprocess.Popen(command, env=environment, stdout=out, stderr=subprocess.STDOUT))
        try:
            codes = [process.wait(LENGTH_S + PATIENCE_S) for process in processes]
        finally:
            for process in processes:
                process.kill()
        assert codes == [0, 0, 1], "only the failing revision fails"


def test_runs_are_listed_opened_laid_over_each_other_and_compared(tmp_path: Path) -> None:
    (port,) = ports(1)
    folder = tmp_path / "kept"
    with sample_shop() as shop:
        keep_runs(shop, folder, tmp_path / "runs.log")
    arguments = ["-f", str(LOCUSTFILES / "revision.py"), "--history", str(folder)]
    environment = {"LOCUST_NO_HISTORY": "false", "PAGE_PATH": "/"}
    with locust(arguments, tmp_path / "locust.log", port=port, environment=environment) as process:
        lines = process.get("/runs/list")["runs"]
        numbers = {line["profile"]: line["number"] for line in lines}
        seen = play("runs", tmp_path, url=process.url, numbers=numbers, file=str(folder / "runs.sqlite"))
    requests = {line["profile"]: line["summary"]["requests"] for line in lines}
    assert set(numbers) == set(REVISIONS)
    assert seen["found"] == [str(numbers["slower"])]
    assert seen["opened"]["Aggregated"] == requests["first"]
    assert seen["opened"]["/page"] + seen["opened"]["/search"] == requests["first"]
    assert sorted(seen["lines"]) == sorted(f"run {number}" for number in numbers.values())
    assert all(seen["drawn"].values()), seen["drawn"]
    assert seen["slower"].startswith("slower by ")
    assert "more of it fails" in seen["failing"]
    assert seen["tagged"] == "best"
    assert "Move it away" in seen["damaged"]
    assert "Traceback" not in (tmp_path / "locust.log").read_text()
