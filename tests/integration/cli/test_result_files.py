"""Files and messages for continuous integration, as a real run writes them."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema_rs
import pytest
import xmlschema

ROOT = Path(__file__).parents[3]

FAILING = """from shop import *


class Flaky(Shopper):
    @task
    def browse(self):
        self.record("browse", ValueError("bad: 100%"))


Flaky.tasks = [Flaky.browse]
"""

RUN = ("--headless", "-t", "1", "--only-summary")


def schema(name: str):
    return jsonschema_rs.validator_for(json.loads((ROOT / "docs/schemas" / name).read_text()))


@pytest.mark.parametrize("nodes", [(), ("--processes", "2")], ids=["local", "distributed"])
def test_files_are_written_and_valid_by_their_schemas(shell, nodes: tuple[str, ...]) -> None:
    shell.write("locustfile.py", FAILING)
    files = {
        "--results": "out/results.json",
        "--junit": "out/junit.xml",
        "--markdown": "out/summary.md",
        "--gitlab-performance": "out/performance.json",
        "--gitlab-metrics": "out/metrics.txt",
    }
    options = [word for pair in files.items() for word in pair]
    done = shell.run(*RUN, "-u", "2", "-r", "2", *nodes, *options, "--threshold", "max < 1ms", "--json", "Flaky")
    assert done.code == 99, done.err
    written = {option: (shell.folder / name).read_text() for option, name in files.items()}
    results = json.loads(written["--results"])
    schema("results-1.json").validate(results)
    assert results["passed"] is False
    assert results["run"]["workers"] == (2 if nodes else 0)
    rows = json.loads(done.out)
    schema("statistics-1.json").validate(rows)
    assert sum(row["num_requests"] for row in rows) == results["total"]["requests"] > 0
    xmlschema.XMLSchema(str(ROOT / "tests/vectors/junit.xsd")).validate(written["--junit"])
    cases = {case.get("name"): case for case in ET.fromstring(written["--junit"].encode()).iter("testcase")}
    assert cases["max < 1ms"].find("failure") is not None
    assert cases["GET browse"].find("failure") is not None
    assert written["--markdown"].startswith("## Load test ❌ failed\n")
    assert json.loads(written["--gitlab-performance"])["metrics"]["checks"]["fails"] == results["total"]["failures"]
    assert written["--gitlab-metrics"].endswith("# EOF\n")
    # The workers and a run outside of GitHub say nothing to it.
    assert "::error" not in done.out + done.err


@pytest.mark.parametrize("stream", ["out", "err"])
def test_github_gets_annotations_and_a_summary(shell, tmp_path: Path, stream: str) -> None:
    shell.write("locustfile.py", FAILING)
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    arguments = ("--json",) if stream == "err" else ()
    variables = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}
    done = shell.run(*RUN, *arguments, "--threshold", "max < 1ms", "Flaky", env=variables)
    assert done.code == 99, done.err
    lines = [line for line in getattr(done, stream).splitlines() if line.startswith("::")]
    assert lines[0].startswith("::error title=Threshold failed::max < 1ms: 5.0")
    assert "x GET browse: ValueError('bad: 100%25')" in lines[1]
    assert summary.read_text().startswith("before\n## Load test ❌ failed\n")
    if stream == "err":
        json.loads(done.out)


def test_missing_folder_that_cannot_be_made_is_told_before_the_test(shell) -> None:
    shell.write("locustfile.py", FAILING)
    done = shell.run(*RUN, "--junit", "shop.py/junit.xml")
    assert done.code == 1
    assert "--junit shop.py/junit.xml: can't create the folder" in done.err
